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
            <Card n={o.activeCrises} words="active crises" href="#/crises" alarm={o.activeCrises > 0} />
            <Card n={o.openConsultations} words="open consultations" href="#/consultations" />
            <Card n={o.activeSessions} words="conversations under way" href="#/consultations" />
            <Card n={o.runningBroadcasts} words="broadcasts being sent" href="#/broadcasts" />
            <Card n={o.waitingMessages} words="messages waiting to go out" href="#/broadcasts" />
            <Card n={o.inDoubt} words="sends held in doubt" href="#/broadcasts" alarm={o.inDoubt > 0} />
            <Card n={o.setAside} words="messages set aside for staff" href="#/audit" alarm={o.setAside > 0} />
            <Card
              n={o.contacts}
              words={`contacts, ${o.optedOut.toLocaleString("en-ZA")} opted out`}
              href="#/audit"
            />
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
  readonly href: string;
  readonly alarm?: boolean;
}): ReactNode {
  return (
    <a className={alarm ? "card alarm" : "card"} href={href}>
      <span className="number">{n.toLocaleString("en-ZA")}</span> {words}
    </a>
  );
}
