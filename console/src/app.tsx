import { type ReactNode, useEffect, useState } from "react";
import { type Me, useApi } from "./api.ts";
import { Audit } from "./pages/audit.tsx";
import { BroadcastReport } from "./pages/broadcast-report.tsx";
import { Broadcasts } from "./pages/broadcasts.tsx";
import { Channels } from "./pages/channels.tsx";
import { ConsultationResults, Consultations } from "./pages/consultations.tsx";
import { Crises, CrisisTimeline } from "./pages/crises.tsx";
import { Now } from "./pages/now.tsx";

const PAGES: readonly (readonly [path: string, title: string])[] = [
  ["", "Now"],
  ["consultations", "Consultations"],
  ["broadcasts", "Broadcasts"],
  ["crises", "Crises"],
  ["channels", "Channels"],
  ["audit", "Audit"],
];

export function App(): ReactNode {
  const route = useRoute();
  const me = useApi<Me>("me");
  const [page = "", id] = route.split("/");
  const title = PAGES.find(([path]) => path === page)?.[1] ?? "Not found";
  useEffect(() => {
    document.title = `${title} · SayPro Engage`;
  }, [title]);
  if (me.state === "signed_out") return <SignIn />;
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <strong>SayPro Engage</strong>
        <nav aria-label="Main">
          {PAGES.map(([path, name]) => (
            <a key={path} href={`#/${path}`} aria-current={path === page ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        {me.state === "ready" && <span className="who">{me.value.name}</span>}
      </header>
      {me.state === "ready" && me.value.sandbox && (
        <aside className="banner" aria-label="Sandbox">
          Sandbox: made-up people, nothing leaves this machine.{" "}
          <a href="/sandbox/">Phones and Slack to play with</a>
        </aside>
      )}
      <main id="main" tabIndex={-1}>
        <h1>{title}</h1>
        {pageOf(page, id)}
      </main>
    </>
  );
}

function pageOf(page: string, id: string | undefined): ReactNode {
  switch (page) {
    case "":
      return <Now />;
    case "consultations":
      return id ? <ConsultationResults id={id} /> : <Consultations />;
    case "broadcasts":
      return id ? <BroadcastReport id={id} /> : <Broadcasts />;
    case "crises":
      return id ? <CrisisTimeline id={id} /> : <Crises />;
    case "channels":
      return <Channels />;
    case "audit":
      return <Audit />;
    default:
      return (
        <p>
          There is no such page. <a href="#/">Go to what is happening now.</a>
        </p>
      );
  }
}

function SignIn(): ReactNode {
  return (
    <main className="signin">
      <h1>SayPro Engage</h1>
      <p>
        You are not signed in. In Slack, type <code>/saypro console</code> and open the link that only you
        will see.
      </p>
      <p>
        When Slack is down, an administrator makes a link on the server with{" "}
        <code>saypro console-link HANDLE</code>.
      </p>
    </main>
  );
}

function readRoute(): string {
  return location.hash.replace(/^#\/?/, "");
}

function useRoute(): string {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const changed = (): void => setRoute(readRoute());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
