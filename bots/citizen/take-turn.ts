import type { Effect, Turn } from "#flows";
import {
  type Answer,
  activeSessions,
  type Contact,
  type ContactChange,
  changeContact,
  forgetAnswers,
  joinGroup,
  type KeptSession,
  keepTurn,
  lastSaid,
  leaveGroup,
  type NewMessage,
  PRIORITY,
  saveSession,
  statusOf,
  upsertAnswers,
  withCommit,
} from "#storage";
import type { Unit } from "../unit.ts";
import type { Heard } from "./hearing.ts";
import { postToInbox } from "./inbox.ts";

/** The session as it was read, and what the engine made of it. */
export interface Taken {
  readonly contact: Contact;
  /** Where the person is answered. */
  readonly address: string;
  readonly session: KeptSession;
  readonly turn: Turn;
  /** What the person said; absent when it is a time that has come. */
  readonly heard?: Heard;
}

/** Does what a turn asks for, in the transaction that keeps the session, and keeps the message that was heard. */
export async function takeTurn(unit: Unit, taken: Taken): Promise<void> {
  const { contact, address, turn, heard } = taken;
  const session: KeptSession = {
    ...taken.session,
    address,
    state: turn.session,
    status: statusOf(turn.session),
    turn: taken.session.turn + 1,
  };
  const sum = sumUp(turn.effects);
  if (heard && isOrdinary(sum) && (session.status !== "completed" || isOnly(heard, session)))
    return withCommit(unit.tx, keepHeard(unit, heard, session, sum));
  const notices = unit.app.channels.has("slack") ? sum.notices.map((notice) => note(session.id, notice)) : [];
  await together([
    heard ? keepHeard(unit, heard, session, sum) : keepUnasked(unit, session, sum, contact),
    forgetAnswers(unit.tx, session.id, sum.forgotten),
    unit.send(notices),
    ...(sum.change ? [changeContact(unit.tx, contact.id, sum.change)] : []),
  ]);
  for (const { kind, group } of sum.groups)
    if (kind === "join") await joinGroup(unit.tx, contact.id, group, unit.app.newId);
    else await leaveGroup(unit.tx, contact.id, group);
  if (sum.handOver !== undefined) await handOver(unit, taken, sum.handOver);
  if (sum.failed !== undefined) await reportFailure(unit, taken, sum.failed);
  if (heard && session.status === "completed" && sum.handOver === undefined)
    await goOnWithOlder(unit, taken, session.id);
}

/** Nothing but answers, replies and a timer. */
const isOrdinary = ({ notices, forgotten, groups, change, handOver, failed }: Sum): boolean =>
  notices.length + forgotten.length + groups.length === 0 &&
  change === undefined &&
  handOver === undefined &&
  failed === undefined;

const isOnly = ({ situation }: Heard, { id }: KeptSession): boolean =>
  situation.sessions.every((session) => session.id === id);

/** An answer and what follows from it: the way that most messages go, in one statement. */
async function keepHeard(unit: Unit, heard: Heard, session: KeptSession, sum: Sum): Promise<void> {
  const { newId } = unit.app;
  const { message, keptBefore } = heard;
  const timer = sum.wake && { id: newId(), dueAt: new Date(sum.wake.at), step: sum.wake.step };
  const replies = sum.sends.map(({ text, choices, media }) => ({
    id: newId(),
    text,
    ...(choices ? { choices } : {}),
    ...(media ? { media } : {}),
  }));
  await keepTurn(unit.tx, {
    message,
    keptBefore,
    session,
    answers: sum.answers,
    replies,
    batchId: newId(),
    ...(timer ? { timer } : {}),
  });
  if (replies.length > 0) unit.ring("outbox", message.channel);
  if (timer) unit.ring("timer", timer.id, timer.dueAt);
}

/** A turn that a time began: nothing was heard. */
async function keepUnasked(unit: Unit, session: KeptSession, sum: Sum, contact: Contact): Promise<void> {
  await saveSession(unit.tx, session);
  await upsertAnswers(unit.tx, { ...session, sessionId: session.id }, sum.answers);
  await unit.send(sum.sends.map((send) => reply(contact, session.address, session.id, send)));
  if (sum.wake)
    await unit.wake({
      kind: "session",
      ref: session.id,
      epoch: session.turn,
      dueAt: new Date(sum.wake.at),
      data: { step: sum.wake.step },
    });
}

interface Sum {
  readonly sends: readonly Extract<Effect, { kind: "send" }>[];
  readonly notices: readonly Extract<Effect, { kind: "notify" }>[];
  readonly answers: readonly Answer[];
  readonly forgotten: readonly string[];
  readonly groups: readonly Extract<Effect, { kind: "join" | "leave" }>[];
  readonly wake?: Extract<Effect, { kind: "wake" }>;
  readonly change?: ContactChange;
  readonly handOver?: string;
  readonly failed?: string;
}

/** The effects by what is written: of one answer, one field, one timer, the last word counts. */
function sumUp(effects: readonly Effect[]): Sum {
  const sends: Extract<Effect, { kind: "send" }>[] = [];
  const notices: Extract<Effect, { kind: "notify" }>[] = [];
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
    answers: [...answers.values()],
    forgotten: [...forgotten],
    groups,
    ...(wake ? { wake } : {}),
    ...(change ? { change } : {}),
    ...(handOver === undefined ? {} : { handOver }),
    ...(failed === undefined ? {} : { failed }),
  };
}

function reply(
  contact: Contact,
  address: string,
  sessionId: string,
  { text, choices, media }: Extract<Effect, { kind: "send" }>,
): NewMessage {
  return {
    to: address,
    contactId: contact.id,
    text,
    priority: PRIORITY.reply,
    kind: "reply",
    ref: sessionId,
    ...(choices ? { choices } : {}),
    ...(media ? { media } : {}),
  };
}

const note = (sessionId: string, { channel, text }: Extract<Effect, { kind: "notify" }>): NewMessage => ({
  to: `slack:${channel}`,
  text,
  priority: PRIORITY.reply,
  kind: "notice",
  ref: sessionId,
});

/** Staff take over: the person is told, and from now on the bot only passes on. */
async function handOver(unit: Unit, { contact, address }: Taken, reason: string): Promise<void> {
  const { content } = unit.app;
  await changeContact(unit.tx, contact.id, { handedOver: true });
  await unit.send([
    {
      to: address,
      contactId: contact.id,
      text: content.say("handed_over", contact.language ?? content.deployment.defaultLanguage),
      priority: PRIORITY.reply,
      kind: "reply",
      ref: contact.id,
    },
  ]);
  await postToInbox(unit, contact, address, `:raising_hand: Handed over by the bot: ${reason}`);
}

/** The flow's definition cannot be followed: the person got nothing more, so staff have to know. */
async function reportFailure(
  unit: Unit,
  { contact, address, session }: Taken,
  reason: string,
): Promise<void> {
  unit.app.log.error(
    { session: session.id, flow: session.state.flow, version: session.state.version, reason },
    "a conversation ended because its flow is broken",
  );
  const words = `:warning: The conversation "${session.state.flow}" broke off: ${reason}`;
  await postToInbox(unit, contact, address, words);
}

/** Another conversation was interrupted by the one that is over now: its open question is asked again. */
async function goOnWithOlder(unit: Unit, { contact, address }: Taken, ended: string): Promise<void> {
  const [older] = (await activeSessions(unit.tx, contact.id)).filter(({ id }) => id !== ended);
  if (older) await askAgain(unit, contact, address, older);
}

/** Says the open question of a conversation again, with a word that it goes on. */
export async function askAgain(
  unit: Unit,
  contact: Contact,
  address: string,
  session: KeptSession,
): Promise<void> {
  const said = await lastSaid(unit.tx, session.id);
  const { language } = session.state;
  const again = { to: address, contactId: contact.id, priority: PRIORITY.reply, ref: session.id };
  await unit.send([
    { ...again, kind: "resumed", text: unit.app.content.say("session_resumed", language) },
    ...(said ? [{ ...again, ...said, kind: "reply" }] : []),
  ]);
}

/** All of them, sent at once; when one fails, only after the others have come back. */
async function together(deeds: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(deeds)).find((deed) => deed.status === "rejected");
  if (failed) throw failed.reason;
}
