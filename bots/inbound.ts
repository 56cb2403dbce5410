import type { Arrival, Channel, ChannelName, InboundMessage } from "#channels";
import {
  AlreadyKept,
  dueReceived,
  type FailedMessage,
  failAgain,
  findContact,
  findErased,
  findReceived,
  forgetFailure,
  getSetting,
  keepReceived,
  numberOf,
  PRIORITY,
  type ReceivedMessage,
  readSituation,
  SessionMoved,
  setSetting,
} from "#storage";
import type { App } from "./app.ts";
import { answerAtOnce, hear, postToInbox } from "./citizen/index.ts";
import { joinWords } from "./citizen/keywords.ts";
import { inLane } from "./citizen/lane.ts";
import { erasedHash } from "./contacts/find.ts";
import { commit, type Unit } from "./unit.ts";

/** Tries of a message before it is set aside for staff. */
export const MAX_TRIES = 8;
/** Wait before the second try; doubled each time: the eighth is some ten minutes after the first. */
const FIRST_RETRY_MS = 5_000;
/** What another transaction got in the way of is tried again at once, so often. */
const MAX_COLLISIONS = 5;
/** Kept messages that one sweep tries again. */
const SWEEP = 200;
/** The carrier's clock is not ours, and its list may lag: what is fetched twice is known by its id. */
const OVERLAP_MS = 10 * 60_000;
const ERROR_LENGTH = 500;

/**
 * Takes what a carrier's webhook brought. When this returns, it is stored; a database that cannot be reached makes it
 * throw, so that the carrier is asked to repeat.
 */
export async function handleArrival(app: App, channel: ChannelName, arrival: Arrival): Promise<void> {
  if (arrival.kind === "receipt") {
    return app.receipts.settle(arrival.channel ?? channel, arrival.receipt);
  }
  const { from } = arrival.message;
  await inLane(numberOf(from) ?? from, () => receive(app, receivedFrom(app, channel, arrival.message)));
}

async function receive(app: App, message: ReceivedMessage): Promise<void> {
  try {
    if (!(await wasOrdinary(app, message))) await takeIn(app, message, "new");
  } catch (error) {
    // Whatever went wrong, the message must not be lost: when this fails too, it is the database.
    const retryAt = new Date(app.clock().getTime() + FIRST_RETRY_MS);
    await commit(app, ({ tx }) => keepReceived(tx, message, { error: wordsOf(error), retryAt }));
    app.log.error({ err: error, message: message.id }, "a message could not be processed; it is tried again");
  }
}

function receivedFrom(app: App, channel: ChannelName, message: InboundMessage): ReceivedMessage {
  const { providerId, from, to, text, choice, media, location, sentAt } = message;
  return {
    id: app.newId(),
    channel,
    providerId,
    address: from,
    text,
    extras: {
      to,
      ...(choice === undefined ? {} : { choice }),
      ...(media === undefined ? {} : { media }),
      ...(location === undefined ? {} : { location }),
      ...(sentAt === undefined ? {} : { sentAt }),
    },
  };
}

/** Known already, or an ordinary answer: two round trips. False: it has to be looked at with the person locked. */
async function wasOrdinary(app: App, message: ReceivedMessage): Promise<boolean> {
  const situation = await readSituation(app.database.db, message, joinWords(message.text), "new");
  if (!situation) return true;
  if (situation.earlier.length > 0) return false;
  try {
    return await answerAtOnce(app, message, situation);
  } catch (error) {
    if (isCollision(error)) return false;
    throw error;
  }
}

/** One transaction: kept once, understood, answered. Earlier messages of the same person that failed come first. */
async function takeIn(
  app: App,
  message: ReceivedMessage,
  kept: "new" | "received",
  waitForEarlier = true,
): Promise<void> {
  for (let collisions = 0; ; collisions++)
    try {
      return await commit(app, async (unit) => {
        const known = await readSituation(unit.tx, message, joinWords(message.text), kept, "lock");
        if (!known) return;
        const situation = known.contact ? known : { ...known, ...(await ofStranger(unit, message)) };
        const before = waitForEarlier ? situation.earlier.filter((id) => id < message.id) : [];
        if (before.length > 0) throw new EarlierFirst(before);
        await hear({ unit, message, situation, keptBefore: kept === "received" });
        if (kept === "received") await forgetFailure(unit.tx, message.id);
      });
    } catch (error) {
      if (error instanceof EarlierFirst) {
        for (const id of error.ids) await tryAgain(app, id, false);
        return takeIn(app, message, kept, false);
      }
      if (collisions >= MAX_COLLISIONS || !isCollision(error)) throw error;
    }
}

/** Somebody whom nobody knows may have been erased: then they are not written to before they opt in. */
async function ofStranger({ app, tx }: Unit, { address }: ReceivedMessage): Promise<{ erased?: true }> {
  const found = await findErased(tx, [erasedHash(app.secrets, address)]);
  return found.size > 0 ? { erased: true } : {};
}

/** Nothing was done: these messages of the same person came before and are not processed yet. */
class EarlierFirst extends Error {
  readonly ids: readonly string[];
  constructor(ids: readonly string[]) {
    super("earlier messages come first");
    this.ids = ids;
  }
}

/** Deadlock, serialisation failure, or a first message that raced with another change of the same contact. */
const COLLISIONS = new Set(["40001", "40P01", "23505"]);

function isCollision(error: unknown): boolean {
  if (error instanceof SessionMoved || error instanceof AlreadyKept) return true;
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return COLLISIONS.has(String(code ?? cause?.code));
}

/** Tries a kept message once more; after the last time it is set aside and staff are told. */
async function tryAgain(app: App, id: string, waitForEarlier = true): Promise<void> {
  const message = await findReceived(app.database.db, id);
  if (!message) return;
  try {
    await takeIn(app, message, "received", waitForEarlier);
  } catch (error) {
    const tries = message.attempts + 1;
    const setAside = tries >= MAX_TRIES;
    const retryAt = new Date(app.clock().getTime() + FIRST_RETRY_MS * 2 ** (tries - 1));
    await commit(app, async (unit) => {
      await failAgain(unit.tx, id, { error: wordsOf(error), retryAt, setAside });
      if (setAside) await noticeSetAside(unit, message);
    });
    app.log.error({ err: error, message: id, tries, setAside }, "a kept message failed again");
  }
}

/** Staff have to look: the message is in the console, and whoever wrote it got no answer. */
async function noticeSetAside(unit: Unit, { contactId, address, id }: FailedMessage): Promise<void> {
  const { app, tx } = unit;
  const words = `:warning: A message could not be processed in ${MAX_TRIES} tries and is set aside: ${id}`;
  const contact = contactId === null ? undefined : await findContact(tx, contactId);
  if (contact) await postToInbox(unit, contact, address, words);
  else if (app.channels.has("slack"))
    await unit.send([
      {
        to: `slack:${app.content.deployment.slack.inbox}`,
        text: `${words}, from somebody new (…${address.slice(-4)})`,
        priority: PRIORITY.reply,
        kind: "notice",
      },
    ]);
}

/** Tries the kept messages that are due again, in the order in which they came. For the reconciler. */
export async function retryReceived(app: App): Promise<void> {
  for (const id of await dueReceived(app.database.db, SWEEP)) await tryAgain(app, id);
}

/**
 * Fetches from the carrier's own list what came while we were down, where the carrier has one. What is known already
 * changes nothing. Worth repeating now and then: a carrier does not bring again what was answered 503.
 */
export async function catchUp(app: App, channel: Channel): Promise<void> {
  if (!channel.missedSince) return;
  const key = `inbound.fetched.${channel.name}`;
  const startedAt = app.clock();
  const since = await getSetting<string>(app.database.db, key);
  if (since !== undefined) {
    const from = new Date(Date.parse(since) - OVERLAP_MS).toISOString();
    for await (const message of channel.missedSince(from))
      await handleArrival(app, channel.name, { kind: "message", channel: channel.name, message });
  }
  await setSetting(app.database.db, key, startedAt.toISOString());
}

function wordsOf(error: unknown): string {
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return words.replaceAll("\u0000", "").slice(0, ERROR_LENGTH).toWellFormed();
}
