import type { ReactNode } from "react";
import { type Crisis, type TimelineEntry, useApi } from "../api.ts";
import { Show, Status, Table, When } from "../parts.tsx";

export function Crises(): ReactNode {
  const list = useApi<readonly Crisis[]>("crises");
  return (
    <Show of={list}>
      {(all) =>
        all.length === 0 ? (
          <p>
            None. In Slack: <code>/saypro crisis</code>
          </p>
        ) : (
          <Table of="Crises" heads={["Crisis", "Status", "Severity", "Declared", "Acknowledged", "Ended"]}>
            {all.map((c) => (
              <tr key={c.id}>
                <th scope="row">
                  <a href={`#/crises/${c.id}`}>
                    C-{c.number} {c.title}
                  </a>
                  {c.mode === "drill" && " EXERCISE"}
                </th>
                <td>
                  <Status>{c.status}</Status>
                </td>
                <td>{c.severity}</td>
                <td>
                  <When at={c.declaredAt} />
                </td>
                <td>
                  <When at={c.acknowledgedAt} />
                </td>
                <td>
                  <When at={c.endedAt} />
                </td>
              </tr>
            ))}
          </Table>
        )
      }
    </Show>
  );
}

export function CrisisTimeline({ id }: { readonly id: string }): ReactNode {
  const timeline = useApi<readonly TimelineEntry[]>(`crises/${id}/timeline`);
  return (
    <Show of={timeline}>
      {(entries) => (
        <ol className="timeline">
          {entries.map((entry) => (
            <li key={entry.seq}>
              <When at={entry.at} /> <span>{entry.words}</span> <span className="quiet">{entry.actor}</span>
            </li>
          ))}
        </ol>
      )}
    </Show>
  );
}
