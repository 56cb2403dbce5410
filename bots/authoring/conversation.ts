import { segmentsOf, smsText } from "#channels";
import {
  type AnswerValue,
  type Effect,
  type FlowDefinition,
  type Input,
  millisecondsOf,
  type Session,
  start,
  type Turn,
  turn,
} from "#flows";
import { draftLibrary } from "./library.ts";

/** A conversation with a draft, with the author as the citizen and the clock in the author's hand. */
export interface Conversation {
  /** Lines to show: what the citizen would get, and what else would happen. */
  say(text: string): readonly string[];
  /** Moves the clock by `2h`, `3d` …; what is due on the way happens. */
  pass(duration: string): readonly string[];
  answers(): Readonly<Record<string, AnswerValue>>;
  /** The first lines, from the beginning. */
  restart(language?: string): readonly string[];
  readonly ended: boolean;
}

const SESSION = "00000000-0000-7000-8000-000000000000";

export function openConversation(
  flow: FlowDefinition,
  around: ReadonlyMap<string, FlowDefinition>,
  from: Date,
  timezone: string,
): Conversation {
  const library = draftLibrary([...around.values(), flow]);
  let now = from;
  let language = flow.languages[0] ?? "en";
  const fields: Record<string, string | number | boolean> = {};
  let session: Session | undefined;
  /** Of the last turn, and of the reminders since. */
  let turned = from;
  let reminded = 0;
  let asked: readonly string[] = [];

  const context = () => ({ now: now.toISOString(), language, timezone, contact: { fields } });
  const take = (taken: Turn): readonly string[] => {
    session = taken.session;
    turned = now;
    reminded = 0;
    const sent = taken.effects.findLast((effect) => effect.kind === "send");
    if (sent) asked = lineOf(sent);
    for (const effect of taken.effects) if (effect.kind === "set") fields[effect.field] = effect.value;
    return taken.effects.flatMap(lineOf);
  };
  const hear = (input: Input): readonly string[] =>
    session === undefined || session.state === "ended" ? [] : take(turn(library, session, input, context()));

  /** What would be sent to somebody who has been silent until then. */
  const reminders = (until: Date): readonly string[] => {
    if (session?.state !== "waiting") return [];
    const due = (flow.reminders ?? []).slice(reminded).filter((after) => {
      const at = turned.getTime() + (millisecondsOf(after) ?? Number.POSITIVE_INFINITY);
      return at <= until.getTime() && !(session?.wakeAt && new Date(session.wakeAt).getTime() <= at);
    });
    reminded += due.length;
    return due.flatMap((after) => [
      `· silent for ${after}: a reminder goes out, with the open question`,
      ...asked,
    ]);
  };

  return {
    say: (text) => {
      const lines = hear({ kind: "said", text });
      return lines.length > 0 ? lines : ["· the conversation does not take this"];
    },
    pass: (duration) => {
      const ms = millisecondsOf(duration);
      if (ms === undefined) return [`· "${duration}" is no time: write 45s, 10m, 2h, 3d or 1w`];
      const until = new Date(now.getTime() + ms);
      const lines: string[] = [...reminders(until)];
      while (session?.state === "waiting" && session.wakeAt && new Date(session.wakeAt) <= until) {
        now = new Date(session.wakeAt);
        const woken = hear({ kind: "expired", step: session.at });
        lines.push(...woken);
        if (woken.length === 0) break;
      }
      now = until;
      return [...lines, `· it is ${now.toISOString().slice(0, 16).replace("T", " ")} UTC`];
    },
    answers: () => session?.answers ?? {},
    restart: (chosen) => {
      if (chosen !== undefined) language = chosen;
      return take(start(library, flow.id, 1, SESSION, context()));
    },
    get ended() {
      return session?.state === "ended";
    },
  };
}

function lineOf(effect: Effect): readonly string[] {
  switch (effect.kind) {
    case "send": {
      const text = smsText(effect);
      const { segments, encoding } = segmentsOf(text);
      return [
        ...text.split("\n").map((line) => `  ${line}`),
        `  (${segments} SMS ${segments === 1 ? "segment" : "segments"}${encoding === "UCS-2" ? ", UCS-2" : ""})`,
      ];
    }
    case "record":
      return [`· understood: ${effect.question} = ${JSON.stringify(effect.value)}`];
    case "forget":
      return [`· forgotten: ${effect.question}`];
    case "wake":
      return [];
    case "language":
      return [`· the language is ${effect.language} now`];
    case "set":
      return [`· contact.${effect.field} = ${JSON.stringify(effect.value)}`];
    case "join":
    case "leave":
      return [`· ${effect.kind}s the group ${effect.group}`];
    case "notify":
      return [`· to ${effect.channel}: ${effect.text}`];
    case "offer":
      return [`· offers a statement for others to vote on: ${effect.text}`];
    case "claim":
      return effect.cells.map(({ name, limit }) => `· takes one of ${limit} places of "${name}"`);
    case "hand_over":
      return [`· staff take over: ${effect.reason}`];
    case "finish":
      return [`· the end: ${effect.outcome}${effect.reason ? `, ${effect.reason}` : ""}`];
  }
}
