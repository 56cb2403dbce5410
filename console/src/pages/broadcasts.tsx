import type { ReactNode } from "react";
import { type Broadcast, useApi } from "../api.ts";
import { Bars, Show, Status, When } from "../parts.tsx";

const ORDER = [
  "queued",
  "sending",
  "sent",
  "delivered",
  "read",
  "undelivered",
  "failed",
  "cancelled",
  "expired",
];

export function Broadcasts(): ReactNode {
  const list = useApi<readonly Broadcast[]>("broadcasts");
  return (
    <Show of={list}>
      {(all) =>
        all.length === 0 ? (
          <p>
            None yet. In Slack: <code>/saypro broadcast</code>
          </p>
        ) : (
          all.map((b) => (
            <section key={b.id} className="panel">
              <h2>
                <a href={`#/broadcasts/${b.id}`}>{b.title}</a> <Status>{b.status}</Status>
              </h2>
              <p className="quiet">
                By {b.createdBy}, <When at={b.createdAt} />, to {b.expectedRecipients.toLocaleString("en-ZA")}{" "}
                people by {b.channels.join(", ")}
              </p>
              <Bars
                title="Messages by status"
                rows={ORDER.filter((status) => b.counts[status]).map((status) => ({
                  label: status,
                  n: b.counts[status] ?? 0,
                }))}
                total={Object.values(b.counts).reduce((sum, n) => sum + n, 0)}
              />
              {b.possibleDuplicates > 0 && <p>Possible duplicates after a crash: {b.possibleDuplicates}</p>}
              <details>
                <summary>Texts</summary>
                {Object.entries(b.texts).map(([language, text]) => (
                  <blockquote key={language} lang={language}>
                    {text}
                  </blockquote>
                ))}
              </details>
            </section>
          ))
        )
      }
    </Show>
  );
}
