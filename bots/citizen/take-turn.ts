import type { Effect, Turn } from "#flows";
import {
  activeSessions,
  type Contact,
  changeContact,
  forgetAnswers,
  joinGroup,
  type KeptSession,
  type KeptTurn,
  keepTurn,
  lastSaid,
  leaveGroup,
  type NewMessage,
  PRIORITY,
  saveSession,
  takePlaces,
  upsertAnswers,
} from "#storage";
import { sealAnswers } from "../sealing.ts";
import type { Unit } from "../unit.ts";
import type { Heard } from "./hearing.ts";
import { postToInbox } from "./inbox.ts";
import { keepOffers } from "./statements.ts";
import { afterTurn, keptTurn, ringsOf, type Sum, sumUp } from "./sum-up.ts";

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
  const session = afterTurn(unit.app, taken.session, address, turn);
  const sum = sumUp(turn.effects);
  const notices = unit.app.channels.has("slack") ? sum.notices.map((notice) => note(session.id, notice)) : [];
  await together([
    heard
      ? keepHeard(unit, keptTurn(unit.app, heard, session, sum))
      : keepUnasked(unit, session, sum, contact),
    forgetAnswers(unit.tx, session.id, sum.forgotten),
    unit.send(notices),
    ...(sum.change ? [changeContact(unit.tx, contact.id, sum.change)] : []),
  ]);
  for (const { at, cells } of sum.claims) await takePlaces(unit.tx, session.id, at, cells);
  await keepOffers(unit, session, sum.offers);
  for (const { kind, group } of sum.groups)
    if (kind === "join") await joinGroup(unit.tx, contact.id, group, unit.app.newId);
    else await leaveGroup(unit.tx, contact.id, group);
  if (sum.handOver !== undefined) await handOver(unit, taken, sum.handOver);
  if (sum.failed !== undefined) await reportFailure(unit, taken, sum.failed);
  if (heard && session.status === "completed" && sum.handOver === undefined)
    await goOnWithOlder(unit, taken, session.id);
}

async function keepHeard(unit: Unit, kept: KeptTurn): Promise<void> {
  await keepTurn(unit.tx, kept);
  for (const { kind, id, at } of ringsOf(kept)) unit.ring(kind, id, at);
}

/** A turn that a time began: nothing was heard. */
async function keepUnasked(unit: Unit, session: KeptSession, sum: Sum, contact: Contact): Promise<void> {
  await saveSession(unit.tx, session);
  await upsertAnswers(
    unit.tx,
    { ...session, sessionId: session.id },
    sealAnswers(unit.app, session, sum.answers),
  );
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
