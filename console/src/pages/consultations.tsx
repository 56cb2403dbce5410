import type { ReactNode } from "react";
import { type Consultation, useApi } from "../api.ts";
import { Bars, Show, Status, Table, When } from "../parts.tsx";

interface Results {
  readonly title: string;
  readonly status: string;
  readonly started: number;
  readonly completed: number;
  readonly withheld: number;
  readonly medianSeconds: number | null;
  readonly questions: readonly {
    readonly question: string;
    readonly title: string;
    readonly answered: number;
    readonly counts: readonly { readonly label: string; readonly n: number }[];
    readonly latest: readonly string[];
    readonly left: number;
  }[];
}

export function Consultations(): ReactNode {
  const list = useApi<readonly Consultation[]>("consultations");
  return (
    <Show of={list}>
      {(all) =>
        all.length === 0 ? (
          <p>
            None yet. In Slack: <code>/saypro consultation</code>
          </p>
        ) : (
          <Table of="Consultations" heads={["Title", "Status", "Keywords", "Started", "Completed", "Opened"]}>
            {all.map((c) => (
              <tr key={c.id}>
                <th scope="row">
                  <a href={`#/consultations/${c.id}`}>{c.title}</a>
                </th>
                <td>
                  <Status>{c.status}</Status>
                </td>
                <td>{c.keywords.join(", ")}</td>
                <td>{c.started}</td>
                <td>{c.completed}</td>
                <td>
                  <When at={c.openedAt} />
                </td>
              </tr>
            ))}
          </Table>
        )
      }
    </Show>
  );
}

export function ConsultationResults({ id }: { readonly id: string }): ReactNode {
  const results = useApi<Results>(`consultations/${id}`);
  return (
    <Show of={results}>
      {(r) => (
        <>
          <h2>
            {r.title} <Status>{r.status}</Status>
          </h2>
          <p>
            {r.started} started, {r.completed} completed
            {r.started > 0 && ` (${Math.round((100 * r.completed) / r.started)} %)`}.
            {r.medianSeconds !== null &&
              ` Half of those who finished took less than ${Math.max(1, Math.round(r.medianSeconds / 60))} min.`}{" "}
            These are the answers of those who took part, not of all residents.
            {r.withheld > 0 &&
              ` ${r.withheld} of those who finished are in no figure yet, so that nobody can be told by looking twice.`}
          </p>
          <details className="panel">
            <summary>What people are asked</summary>
            <img
              src={`/api/consultations/${id}/flow.svg`}
              alt="The steps of the conversation and where each leads"
              loading="lazy"
            />
          </details>
          {r.questions.map((q) => (
            <section key={q.question} className="panel">
              {q.counts.length > 0 ? (
                <Bars title={headOf(q)} rows={q.counts} total={q.answered} />
              ) : (
                <>
                  <h3>{headOf(q)}</h3>
                  <ul className="quotes">
                    {[...new Set(q.latest)].map((text) => (
                      <li key={text}>{text}</li>
                    ))}
                  </ul>
                </>
              )}
            </section>
          ))}
        </>
      )}
    </Show>
  );
}

const headOf = ({ title, answered, left }: Results["questions"][number]): string =>
  `${title} (${answered} answers${left > 0 ? `, ${left} ended here unfinished` : ""})`;
