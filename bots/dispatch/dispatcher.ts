import type { Channel, ChannelName } from "#channels";
import {
  heedFailure,
  leaseBatch,
  nextBatchIn,
  type Outcome,
  type Outgoing,
  PRIORITY,
  type Priority,
  releaseBatch,
  settleEarlyReceipts,
  settleSlice,
  takeSlice,
} from "#storage";
import type { App } from "../app.ts";
import { noticeMisconfigured } from "./notice.ts";
import { openRate, type Rate } from "./rate.ts";
import { sendSlice } from "./send-slice.ts";
import { openWaker, type Waker } from "./waker.ts";

/** Handed over at once by one pump: bounds what is in doubt after a crash. */
const SLICE = 64;
/** Longer than a carrier's slowest answer, so that a live send never looks abandoned. */
const LEASE_MS = 60_000;
/** The reconciler: how often due batches are looked for without a ring. */
const LOOK_EVERY_MS = 5_000;
/** How long messages wait whose turn has not come. */
const NOT_YET_MS = 400;
const STOP_LIMIT_MS = 15_000;

export interface Dispatcher {
  /** Finishes what is being handed over, and gives its leases back. */
  stop(): Promise<void>;
}

/**
 * Hands the outbox over. Every channel has pumps of its own, so that one slow carrier delays no other, and of these one
 * is for crisis alone and one for crisis and replies: bulk can never hold all of them.
 */
export function startDispatcher(
  app: App,
  channels: ReadonlyMap<ChannelName, Channel>,
  leaseMs = LEASE_MS,
): Dispatcher {
  const stopping = new AbortController();
  const wakers = new Map<string, Waker>();
  const pumps: Promise<void>[] = [];
  for (const channel of channels.values()) {
    const rate = openRate(channel.limits.perSecond, () => app.clock().getTime());
    const waker = openWaker();
    wakers.set(channel.name, waker);
    for (const upTo of [PRIORITY.crisis, PRIORITY.reply, PRIORITY.reply, PRIORITY.bulk, PRIORITY.bulk])
      pumps.push(pump({ app, channel, rate, upTo, waker, leaseMs, stopping: stopping.signal }));
  }
  app.bell.answer("outbox", async (channel) => wakers.get(channel)?.wake());
  return {
    stop: async () => {
      stopping.abort();
      for (const waker of wakers.values()) waker.wake();
      await Promise.race([
        Promise.all(pumps),
        new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref()),
      ]);
    },
  };
}

interface Pump {
  readonly app: App;
  readonly channel: Channel;
  readonly rate: Rate;
  readonly upTo: Priority;
  readonly waker: Waker;
  readonly leaseMs: number;
  readonly stopping: AbortSignal;
}

async function pump(self: Pump): Promise<void> {
  const { app, channel, waker, stopping } = self;
  while (!stopping.aborted) {
    const ticket = waker.ticket();
    try {
      if (await sendSome(self)) continue;
      const next = await nextBatchIn(app.database.db, channel.name);
      await waker.wait(ticket, Math.min(LOOK_EVERY_MS, Math.max(next ?? LOOK_EVERY_MS, 50)));
    } catch (error) {
      if (stopping.aborted) return;
      app.log.error(
        { err: error, channel: channel.name },
        "the outbox could not be read; tried again shortly",
      );
      await waker.wait(waker.ticket(), 1_000);
    }
  }
}

/** One slice of the most urgent batch. False: nothing to do. */
async function sendSome({ app, channel, rate, upTo, leaseMs, stopping }: Pump): Promise<boolean> {
  const bulk = upTo === PRIORITY.bulk;
  const room = rate.take(Math.min(SLICE, Math.max(1, Math.floor(channel.limits.perSecond))), bulk);
  if (room === 0) {
    await new Promise((resolve) => setTimeout(resolve, rate.waitMs(bulk)));
    return true;
  }
  const { db } = app.database;
  const lease = await leaseBatch(db, channel.name, upTo, app.newId(), leaseMs);
  if (!lease) {
    rate.giveBack(room);
    return false;
  }
  const slice = stopping.aborted ? [] : await takeSlice(db, lease, room);
  rate.giveBack(room - slice.length);
  const outcomes = await sendSlice(app, channel, rate, slice);
  await db.transaction(async (tx) => {
    await settleSlice(tx, channel.name, lease.priority, outcomes);
    const taken = outcomes.flatMap((o) => (o.kind === "sent" && o.providerId ? [o.providerId] : []));
    await settleEarlyReceipts(tx, channel.name, taken);
    for (const [message, outcome] of failures(slice, outcomes))
      await heedFailure(tx, message, outcome.failure, outcome.code);
    await releaseBatch(tx, lease, slice.length > 0 ? 0 : NOT_YET_MS);
  });
  await noticeMisconfigured(app, channel, outcomes);
  return true;
}

function failures(
  slice: readonly Outgoing[],
  outcomes: readonly Outcome[],
): (readonly [Outgoing, Extract<Outcome, { kind: "final" }>])[] {
  const byId = new Map(slice.map((message) => [message.id, message]));
  return outcomes.flatMap((outcome) => {
    const message = byId.get(outcome.id);
    return message && outcome.kind === "final" ? [[message, outcome] as const] : [];
  });
}
