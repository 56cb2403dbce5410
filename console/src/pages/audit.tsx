import { type ReactNode, useState } from "react";
import { type AuditEntry, useApi, type Verification } from "../api.ts";
import { Show, Table, When } from "../parts.tsx";

export function Audit(): ReactNode {
  const [before, setBefore] = useState<number>();
  const entries = useApi<readonly AuditEntry[]>(before === undefined ? "audit" : `audit?before=${before}`);
  const verification = useApi<Verification>("audit/verification");
  return (
    <>
      <Show of={verification}>
        {(v) =>
          v.ok ? (
            <p className="good">
              The chain holds: {v.entries.toLocaleString("en-ZA")} entries, none changed, removed or
              reordered.
            </p>
          ) : (
            <p role="alert" className="warning">
              The chain is broken at entry {v.seq}: {v.fault}
            </p>
          )
        }
      </Show>
      <Show of={entries}>
        {(all) => (
          <>
            <Table of="Audit entries" heads={["No", "When", "Who", "What", "On"]}>
              {all.map((e) => (
                <tr key={e.seq}>
                  <td>{e.seq}</td>
                  <td>
                    <When at={e.at} />
                  </td>
                  <td>{e.actor}</td>
                  <td>{e.action}</td>
                  <td className="quiet">{e.subject}</td>
                </tr>
              ))}
            </Table>
            {(all.at(-1)?.seq ?? 1) > 1 && (
              <button type="button" onClick={() => setBefore(all.at(-1)?.seq)}>
                Older entries
              </button>
            )}
            {before !== undefined && (
              <button type="button" onClick={() => setBefore(undefined)}>
                Newest entries
              </button>
            )}
          </>
        )}
      </Show>
    </>
  );
}
