import { type Channel, segmentsOf, smsText } from "#channels";
import {
  type Db,
  heedFailure,
  type Line,
  type Outgoing,
  PRIORITY,
  type Runner,
  restBatches,
  runnerIn,
  type Settled,
  settleEarlyReceipts,
  settleHandOvers,
} from "#storage";
import type { App } from "../app.ts";
import { outbound } from "./hand-over.ts";
import { noticeMisconfigured } from "./notice.ts";

/** Outcomes gather for so long, so that they are written together. */
const GATHER_MS = 2;
/** Outcomes that are written in one statement. */
const AT_ONCE = 128;
/** A database that cannot be reached is tried again after this; the outcomes are kept meanwhile. */
const RETRY_MS = 500;
/** After so many tries each outcome is written alone, and one that still fails is left to the look for doubts. */
const TRIES_TOGETHER = 5;
/** So many refusals because of our account, and nothing sent: it is not about one recipient. */
const OUR_FAULT = 20;
const BULK_RESTS_MS = 10 * 60_000;

/** Writes what became of hand-overs, many in one statement. */
export interface Settler {
  add(settled: Settled): void;
  /** How many outcomes are not written yet. */
  unwritten(): number;
  /** Ids of those that are over for good. */
  over(): readonly string[];
  /** Resolves when everything that was added is written, or `limitMs` have passed. */
  drain(limitMs: number): Promise<void>;
}

/** `written` is called whenever some were. */
export function openSettler(app: App, channel: Channel, line: Line, written: () => void): Settler {
  let waiting: Settled[] = [];
  let writing: readonly Settled[] = [];
  let running: Promise<void> | undefined;
  let closed = false;
  const run = async (): Promise<void> => {
    while (waiting.length > 0 && !closed) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      writing = waiting.slice(0, AT_ONCE);
      waiting = waiting.slice(AT_ONCE);
      await write(writing);
      writing = [];
      written();
    }
    running = undefined;
  };
  const write = async (settled: readonly Settled[]): Promise<void> => {
    for (let tries = 1; !closed; tries++)
      try {
        return await settle(app, channel, line, settled);
      } catch (error) {
        app.log.error(
          { err: error, channel: channel.name, outcomes: settled.length, tries },
          "outcomes could not be written; tried again",
        );
        if (tries >= TRIES_TOGETHER && settled.length === 1) return;
        if (tries >= TRIES_TOGETHER) {
          for (const one of settled) await write([one]);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS * tries));
      }
  };
  return {
    add: (settled) => {
      waiting.push(settled);
      running ??= run();
    },
    unwritten: () => writing.length + waiting.length,
    over: () =>
      [...writing, ...waiting].flatMap(({ message, outcome }) =>
        outcome.kind === "sent" || outcome.kind === "final" ? [message.id] : [],
      ),
    drain: async (limitMs) => {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([running, limit]);
      clearTimeout(timer);
      closed = true;
    },
  };
}

/** Outcomes that mean something beyond their message. */
const HEEDED = new Set(["opted_out", "bad_address", "unreachable"]);

async function settle(app: App, channel: Channel, line: Line, settled: readonly Settled[]): Promise<void> {
  const { db } = app.database;
  const heeded = settled.flatMap(({ message, outcome }) =>
    outcome.kind === "final" && HEEDED.has(outcome.failure) ? [{ message, outcome }] : [],
  );
  const write = (runner: Runner): Promise<boolean> =>
    settleHandOvers(runner, channel.name, withSegments(channel, settled), app.newId);
  const early =
    heeded.length === 0
      ? await write(line)
      : await db.transaction(async (tx) => {
          const found = await write(runnerIn(tx as unknown as Db));
          for (const { message, outcome } of heeded)
            await heedFailure(tx as unknown as Db, message, outcome.failure, outcome.code);
          return found;
        });
  if (early) {
    const providers = settled.flatMap(({ outcome: o }) =>
      o.kind === "sent" && o.providerId ? [o.providerId] : [],
    );
    await db.transaction((tx) => settleEarlyReceipts(tx as unknown as Db, channel.name, providers));
  }
  await heedMisconfigured(app, channel, settled).catch((error: unknown) =>
    app.log.error(
      { err: error, channel: channel.name },
      "staff could not be told of a misconfigured channel",
    ),
  );
}

/** How many segments a text with a name in it has is known only once the name is. */
const withSegments = ({ name }: Channel, settled: readonly Settled[]): readonly Settled[] =>
  name !== "sms"
    ? settled
    : settled.map(({ message, outcome }) =>
        outcome.kind === "sent"
          ? { message, outcome: { ...outcome, segments: segmentsOf(smsText(outbound(message))).segments } }
          : { message, outcome },
      );

async function heedMisconfigured(app: App, channel: Channel, settled: readonly Settled[]): Promise<void> {
  const ours = settled.filter(
    ({ outcome }) => outcome.kind === "final" && outcome.failure === "misconfigured",
  );
  const [first] = ours;
  if (first?.outcome.kind !== "final") return;
  const all = ours.length >= OUR_FAULT && !settled.some(({ outcome }) => outcome.kind === "sent");
  const refs = new Set(ours.flatMap(({ message }) => bulkRef(message)));
  if (all) for (const ref of refs) await restBatches(app.database.db, ref, BULK_RESTS_MS);
  await noticeMisconfigured(app, channel, first.outcome, all && refs.size > 0);
}

const bulkRef = ({ priority, ref }: Outgoing): readonly string[] =>
  priority === PRIORITY.bulk && ref ? [ref] : [];
