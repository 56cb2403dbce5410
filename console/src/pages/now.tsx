import type { ReactNode } from "react";
import { type Overview, useApi } from "../api.ts";
import { Show } from "../parts.tsx";

export function Now(): ReactNode {
  const overview = useApi<Overview>("overview");
  return (
    <Show of={overview}>
      {(o) => (
        <>
          <p className="lead">{o.municipality}</p>
          <div className="cards">
            <Card
              n={o.activeCrises}
              words={o.activeCrises === 1 ? "active crisis" : "active crises"}
              href="#/crises"
              alarm={o.activeCrises > 0}
            />
            <Card
              n={o.openConsultations}
              words={o.openConsultations === 1 ? "open consultation" : "open consultations"}
              href="#/consultations"
            />
            <Card
              n={o.activeSessions}
              words={o.activeSessions === 1 ? "conversation under way" : "conversations under way"}
              href="#/consultations"
            />
            <Card
              n={o.runningBroadcasts}
              words={o.runningBroadcasts === 1 ? "broadcast being sent" : "broadcasts being sent"}
              href="#/broadcasts"
            />
            <Card
              n={o.waitingMessages}
              words={o.waitingMessages === 1 ? "message waiting to go out" : "messages waiting to go out"}
              href="#/broadcasts"
            />
            <Card
              n={o.inDoubt}
              words={o.inDoubt === 1 ? "message held in doubt" : "messages held in doubt"}
              href="#/broadcasts"
              alarm={o.inDoubt > 0}
            />
            <Card
              n={o.setAside}
              words={o.setAside === 1 ? "message set aside for staff" : "messages set aside for staff"}
              href="#/audit"
              alarm={o.setAside > 0}
            />
            <Card n={o.contacts} words={`contacts, ${o.optedOut.toLocaleString("en-ZA")} opted out`} />
          </div>
        </>
      )}
    </Show>
  );
}

function Card({
  n,
  words,
  href,
  alarm,
}: {
  readonly n: number;
  readonly words: string;
  /** Where there is more to see. */
  readonly href?: string;
  readonly alarm?: boolean;
}): ReactNode {
  const figure = (
    <>
      <span className="number">{n.toLocaleString("en-ZA")}</span> {words}
    </>
  );
  if (href === undefined) return <div className="card">{figure}</div>;
  return (
    <a className={alarm ? "card alarm" : "card"} href={href}>
      {figure}
    </a>
  );
}
