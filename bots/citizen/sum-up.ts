import { segmentsOf, smsText } from "#channels";
import type { Effect, Turn } from "#flows";
import {
  type Answer,
  type ContactChange,
  type KeptSession,
  type KeptTurn,
  type ReceivedMessage,
  statusOf,
} from "#storage";
import type { App } from "../app.ts";
import { sealAnswers, sealState, wordless } from "../sealing.ts";

/** A turn's effects, by what is written for them. */
export interface Sum {
  readonly sends: readonly Extract<Effect, { kind: "send" }>[];
  readonly notices: readonly Extract<Effect, { kind: "notify" }>[];
  readonly answers: readonly Answer[];
  readonly forgotten: readonly string[];
  readonly claims: readonly Extract<Effect, { kind: "claim" }>[];
  readonly offers: readonly Extract<Effect, { kind: "offer" }>[];
  readonly groups: readonly Extract<Effect, { kind: "join" | "leave" }>[];
  readonly wake?: Extract<Effect, { kind: "wake" }>;
  readonly change?: ContactChange;
  readonly handOver?: string;
  readonly failed?: string;
}

/** The effects by what is written: of one answer, one field, one timer, the last word counts. */
export function sumUp(effects: readonly Effect[]): Sum {
  const sends: Extract<Effect, { kind: "send" }>[] = [];
  const notices: Extract<Effect, { kind: "notify" }>[] = [];
  const offers: Extract<Effect, { kind: "offer" }>[] = [];
  const claims: Extract<Effect, { kind: "claim" }>[] = [];
  const groups: Extract<Effect, { kind: "join" | "leave" }>[] = [];
  const answers = new Map<string, Answer>();
  const forgotten = new Set<string>();
  const fields: Record<string, string | number | boolean> = {};
  let change: ContactChange | undefined;
  let wake: Sum["wake"];
  let handOver: string | undefined;
  let failed: string | undefined;
  for (const effect of effects)
    switch (effect.kind) {
      case "send":
        sends.push(effect);
        break;
      case "record": {
        const { question, value, said, language } = effect;
        answers.set(question, { question, value, said, language });
        forgotten.delete(question);
        break;
      }
      case "forget":
        answers.delete(effect.question);
        forgotten.add(effect.question);
        break;
      case "wake":
        wake = effect;
        break;
      case "language":
        change = { ...change, language: effect.language };
        break;
      case "set":
        if (effect.field === "name") change = { ...change, name: String(effect.value) };
        else {
          fields[effect.field] = effect.value;
          change = { ...change, fields };
        }
        break;
      case "offer":
        offers.push(effect);
        break;
      case "claim":
        claims.push(effect);
        break;
      case "join":
      case "leave":
        groups.push(effect);
        break;
      case "notify":
        notices.push(effect);
        break;
      case "hand_over":
        handOver = effect.reason;
        break;
      case "finish":
        if (effect.outcome === "failed") failed = effect.reason ?? "no reason given";
        break;
    }
  return {
    sends,
    notices,
    claims,
    offers,
    answers: [...answers.values()],
    forgotten: [...forgotten],
    groups,
    ...(wake ? { wake } : {}),
    ...(change ? { change } : {}),
    ...(handOver === undefined ? {} : { handOver }),
    ...(failed === undefined ? {} : { failed }),
  };
}

/** Nothing but answers, replies and a timer. */
export const isOrdinary = ({
  notices,
  claims,
  offers,
  forgotten,
  groups,
  change,
  handOver,
  failed,
}: Sum): boolean =>
  notices.length + claims.length + offers.length + forgotten.length + groups.length === 0 &&
  change === undefined &&
  handOver === undefined &&
  failed === undefined;

/** The session as it is kept after a turn. */
export const afterTurn = (
  app: App,
  before: KeptSession,
  address: string,
  { session }: Turn,
): KeptSession => ({
  ...before,
  address,
  state: sealState(app, session, before.state.privacy),
  status: statusOf(session),
  turn: before.turn + 1,
});

/** What an answered message leaves behind, as storage takes it. */
export function keptTurn(
  app: App,
  { message, keptBefore }: { readonly message: ReceivedMessage; readonly keptBefore: boolean },
  session: KeptSession,
  { sends, answers, wake }: Sum,
): KeptTurn {
  const { newId } = app;
  return {
    message: wordless(message, session),
    keptBefore,
    session,
    answers: sealAnswers(app, session, answers),
    replies: sends.map(({ kind: _kind, ...said }) => ({
      ...said,
      id: newId(),
      ...(message.channel === "sms" ? { segments: segmentsOf(smsText(said)).segments } : {}),
    })),
    batchId: newId(),
    ...(wake ? { timer: { id: newId(), dueAt: new Date(wake.at), step: wake.step } } : {}),
  };
}

/** Whom to ring for once it is committed. */
export function ringsOf({ message, replies, timer }: KeptTurn) {
  return [
    ...(replies.length > 0 ? [{ kind: "outbox" as const, id: message.channel, at: undefined }] : []),
    ...(timer ? [{ kind: "timer" as const, id: timer.id, at: timer.dueAt }] : []),
  ];
}
