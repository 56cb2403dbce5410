import { useState } from "react";
import { Knobs } from "./knobs.tsx";
import { useLive } from "./live.ts";
import { Phones } from "./phones.tsx";
import { SlackPane } from "./slack-pane.tsx";

export function Page() {
  const live = useLive();
  const [drawer, setDrawer] = useState(false);
  if (!live)
    return (
      <p className="loading" role="status">
        Connecting to the sandbox…
      </p>
    );
  return (
    <div className="page">
      <header className="top">
        <h1>
          SayPro Engage <span>sandbox</span>
        </h1>
        <p>
          {live.town}: made-up people, stand-ins for Twilio, WhatsApp and Slack. Nothing leaves this computer.
        </p>
        {live.connected ? null : (
          <p role="status" className="lost">
            Connection lost, trying again…
          </p>
        )}
        <nav aria-label="Sections">
          <a href="/">Console</a>
          <a href="#phones" className="narrow-only">
            Phones
          </a>
          <a href="#slack" className="narrow-only">
            Slack
          </a>
          <button
            type="button"
            aria-expanded={drawer}
            aria-controls="knobs"
            onClick={() => setDrawer(!drawer)}
          >
            Carriers{live.problems.length > 0 ? ` (${live.problems.length})` : ""}
          </button>
        </nav>
      </header>
      <main>
        <Phones live={live} />
        <SlackPane live={live} />
      </main>
      {drawer ? <Knobs live={live} onClose={() => setDrawer(false)} /> : null}
    </div>
  );
}
