import type { ReactNode } from "react";
import { useApi } from "../api.ts";
import { Bars, Show, Status, Table, When } from "../parts.tsx";

interface Tally {
  readonly all: number;
  readonly waiting: number;
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly failed: number;
  readonly opted_out: number;
  readonly in_doubt: number;
  readonly cancelled: number;
  readonly expired: number;
}
type Labelled = Tally & { readonly label: string | null };
interface Times {
  readonly half: number;
  readonly most: number;
  readonly last: number;
}
interface Report {
  readonly title: string;
  readonly status: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly whole: Tally;
  readonly byChannel: readonly Labelled[];
  readonly byLanguage: readonly Labelled[];
  readonly byWard: readonly Labelled[];
  readonly byGroup: readonly Labelled[];
  readonly failures: readonly { readonly failure: string; readonly messages: number }[];
  readonly delivery: {
    readonly fromStart: Times | null;
    readonly fromHandOver: Times | null;
    readonly curve: readonly { readonly seconds: number; readonly delivered: number }[];
  };
  readonly cost: { readonly currency: string; readonly expected: number | null; readonly actual: number };
  readonly optOuts: number;
  readonly replies: number;
  readonly repliers: number;
  readonly possibleDuplicates: number;
}

const WHOLE: readonly (readonly [keyof Tally, string])[] = [
  ["waiting", "waiting"],
  ["sent", "sent, no receipt yet"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["failed", "failed"],
  ["opted_out", "said STOP before their turn"],
  ["in_doubt", "held in doubt"],
  ["cancelled", "cancelled"],
  ["expired", "expired"],
];

const number = (n: number): string => n.toLocaleString("en-ZA");

function lasting(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What became of one broadcast. */
export function BroadcastReport({ id }: { readonly id: string }): ReactNode {
  const report = useApi<Report>(`broadcasts/${id}/report`);
  return (
    <Show of={report}>
      {(r) => (
        <>
          <p>
            <a href="#/broadcasts">All broadcasts</a>
          </p>
          <h2>
            {r.title} <Status>{r.status}</Status>
          </h2>
          {r.startedAt === null ? (
            <p>It has not been sent.</p>
          ) : (
            <p>
              From <When at={r.startedAt} />
              {r.finishedAt && (
                <>
                  {" "}
                  to <When at={r.finishedAt} />
                </>
              )}
              . Cost {r.cost.currency} {r.cost.actual.toFixed(2)}
              {r.cost.expected !== null && `, expected ${r.cost.expected.toFixed(2)}`}. Within 48 hours{" "}
              {number(r.optOuts)} people said STOP and {number(r.repliers)} wrote {number(r.replies)}{" "}
              messages.
              {r.possibleDuplicates > 0 && ` ${number(r.possibleDuplicates)} may have come twice.`}
            </p>
          )}
          <section className="panel">
            <Bars
              title={`What became of ${number(r.whole.all)} messages`}
              rows={WHOLE.filter(([key]) => r.whole[key] > 0).map(([key, label]) => ({
                label,
                n: r.whole[key],
              }))}
              total={r.whole.all}
            />
          </section>
          {r.failures.length > 0 && (
            <section className="panel">
              <Bars
                title="Why they failed"
                rows={r.failures.map(({ failure, messages }) => ({
                  label: failure.replaceAll("_", " "),
                  n: messages,
                }))}
                total={r.whole.failed}
              />
            </section>
          )}
          {r.delivery.fromStart && <Curve report={r} times={r.delivery.fromStart} />}
          {(
            [
              ["Channel", r.byChannel],
              ["Language", r.byLanguage],
              ["Ward", r.byWard],
              ["Group", r.byGroup],
            ] as const
          )
            .filter(([, rows]) => rows.some(({ label }) => label !== null))
            .map(([head, rows]) => (
              <section key={head} className="panel">
                <h3>By {head.toLowerCase()}</h3>
                <Table
                  of={`By ${head.toLowerCase()}`}
                  heads={[head, "Messages", "Delivered", "Failed", "STOP"]}
                >
                  {rows.map((row) => (
                    <tr key={row.label ?? ""}>
                      <th scope="row">{row.label ?? "not known"}</th>
                      <td>{number(row.all)}</td>
                      <td>
                        {number(row.delivered + row.read)}
                        {row.all > 0 && ` (${Math.round((100 * (row.delivered + row.read)) / row.all)} %)`}
                      </td>
                      <td>{number(row.failed)}</td>
                      <td>{number(row.opted_out)}</td>
                    </tr>
                  ))}
                </Table>
              </section>
            ))}
        </>
      )}
    </Show>
  );
}

const [WIDTH, HEIGHT] = [640, 160];

/** How deliveries rose; the words beside it say the same. */
function Curve({ report, times }: { readonly report: Report; readonly times: Times }): ReactNode {
  const { curve } = report.delivery;
  const last = Math.max(curve.at(-1)?.seconds ?? 1, 0.001);
  const points = [{ seconds: 0, delivered: 0 }, ...curve]
    .map(
      ({ seconds, delivered }) =>
        `${(WIDTH * seconds) / last},${HEIGHT - (HEIGHT * delivered) / Math.max(report.whole.all, 1)}`,
    )
    .join(" ");
  const words = `Since the start: half of the delivered within ${lasting(times.half)}, 95 % within ${lasting(times.most)}, the last within ${lasting(times.last)}.`;
  return (
    <section className="panel">
      <h3>Deliveries over time</h3>
      <svg viewBox={`-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`} role="img" aria-label={words} className="curve">
        <path d={`M0 ${HEIGHT}H${WIDTH}`} />
        <polyline points={points} />
      </svg>
      <p>{words}</p>
    </section>
  );
}
