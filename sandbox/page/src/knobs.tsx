import { useEffect, useRef, useState } from "react";
import type { Knobs as KnobValues } from "../../world.ts";
import { ask, words } from "./ask.ts";
import { timeOf } from "./clock.ts";
import type { Live } from "./live.ts";

type NumberKnob = Exclude<keyof KnobValues, "whatsapp" | "carrierStop" | "slackRetryDelaysMs">;
type Knob = readonly [key: NumberKnob, label: string, unit: "ms" | "%" | "/s" | "s"];

const GROUPS: readonly (readonly [title: string, knobs: readonly Knob[]])[] = [
  [
    "Sending",
    [
      ["latencyMs", "Answers take", "ms"],
      ["stepMs", "From one status to the next", "ms"],
      ["sendsPerSecond", "Rate limit (0: none)", "/s"],
      ["retryAfterSeconds", "Retry-After", "s"],
      ["errorRate", "Server errors", "%"],
      ["lostAnswers", "Taken, but the answer is lost", "%"],
      ["failureRate", "Taken, but not delivered", "%"],
    ],
  ],
  [
    "Calling back",
    [
      ["duplicatedCallbacks", "Statuses told twice", "%"],
      ["reorderedCallbacks", "Statuses in the wrong order", "%"],
      ["lostCallbacks", "Statuses never told", "%"],
      ["duplicatedInbound", "Incoming messages handed over twice", "%"],
    ],
  ],
  [
    "Slack",
    [
      ["slackTimeoutMs", "Waits for an answer", "ms"],
      ["slackRetries", "Events sent again", "%"],
    ],
  ],
];

/** What the carriers do badly, and what went wrong so far. */
export function Knobs({ live, onClose }: { readonly live: Live; readonly onClose: () => void }) {
  const [problem, setProblem] = useState("");
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  const turn = (knobs: Partial<KnobValues>) => {
    setProblem("");
    ask("PUT", "/knobs", knobs).catch((error: unknown) => setProblem(words(error)));
  };
  return (
    <aside
      id="knobs"
      className="knobs"
      aria-labelledby="knobs-title"
      onKeyDown={(e) => (e.key === "Escape" ? onClose() : undefined)}
    >
      <div className="knobs-head">
        <h2 id="knobs-title">Carriers</h2>
        <button
          type="button"
          onClick={() => void ask("DELETE", "/knobs").catch((e: unknown) => setProblem(words(e)))}
        >
          Behave well again
        </button>
        <button ref={close} type="button" aria-label="Close carriers" onClick={onClose}>
          ✕
        </button>
      </div>
      {problem ? (
        <p role="alert" className="problem">
          {problem}
        </p>
      ) : null}
      {GROUPS.map(([title, knobs]) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {knobs.map(([key, label, unit]) => (
            <label key={key} htmlFor={`knob-${key}`}>
              <span>{label}</span>
              <NumberKnobInput
                id={`knob-${key}`}
                value={live.knobs[key]}
                unit={unit}
                onChange={(value) => turn({ [key]: value })}
              />
            </label>
          ))}
          {title === "Sending" ? (
            <label>
              <span>Twilio itself obeys STOP</span>
              <input
                type="checkbox"
                checked={live.knobs.carrierStop}
                onChange={(e) => turn({ carrierStop: e.target.checked })}
              />
            </label>
          ) : null}
        </fieldset>
      ))}
      <p className="note">
        WhatsApp goes through {live.knobs.whatsapp === "meta" ? "Meta's Cloud API" : "Twilio"}. Numbers that
        end in 9001 to 9007 fail in known ways: see sandbox/README.md.
      </p>
      <h3>What went wrong</h3>
      {live.problems.length === 0 ? <p className="note">Nothing since this page was opened.</p> : null}
      <ul className="problems">
        {live.problems.map((p) => (
          <li key={p.id}>
            <time dateTime={p.at}>{timeOf(p.at)}</time> <b>{p.where}</b> {p.detail}
          </li>
        ))}
      </ul>
    </aside>
  );
}

function NumberKnobInput({
  id,
  value,
  unit,
  onChange,
}: {
  readonly id: string;
  readonly value: number;
  readonly unit: Knob[2];
  readonly onChange: (value: number) => void;
}) {
  const shown = unit === "%" ? Math.round(value * 1000) / 10 : value;
  const [draft, setDraft] = useState(String(shown));
  useEffect(() => setDraft(String(shown)), [shown]);
  const commit = () => {
    const number = Number(draft);
    if (draft.trim() !== "" && Number.isFinite(number) && number !== shown)
      onChange(unit === "%" ? number / 100 : number);
    else setDraft(String(shown));
  };
  return (
    <span className="number">
      <input
        id={id}
        type="number"
        min={0}
        {...(unit === "%" ? { max: 100 } : {})}
        step="any"
        value={draft}
        onChange={(e) => setDraft(e.target.value)}
        onBlur={commit}
        onKeyDown={(e) => (e.key === "Enter" ? commit() : undefined)}
      />
      {unit}
    </span>
  );
}
