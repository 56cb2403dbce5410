import type { Channel, ChannelName } from "#channels";
import {
  BATCH_COUNTS,
  type BatchCount,
  claimSlice,
  type Outgoing,
  openLine,
  PRIORITY,
  type Priority,
  type Slice,
} from "#storage";
import type { App } from "../app.ts";
import { handOver, type Surroundings } from "./hand-over.ts";
import { openLanes, SLICE_AT_LEAST } from "./lanes.ts";
import { openRate } from "./rate.ts";
import { openSettler } from "./settler.ts";
import { openWaker } from "./waker.ts";

/** The reconciler: how often due batches are looked for without a ring. */
const LOOK_EVERY_MS = 5_000;
/** … and while bulk waits for room, so that a crisis message that comes due by itself is seen. */
const LOOK_WHILE_FULL_MS = 1_000;
const LOOK_AGAIN_MS = 10;
/** Room for less than a slice is used after this time. */
const ROOM_WAITS_MS = 20;
/** A hand-over begins within this time after its claim, which looked at consent: docs/guarantees.md G9. */
const BEGIN_WITHIN_MS = 1_000;
/** Outcomes that wait to be written; beyond them nothing more is handed over. */
const UNWRITTEN_LIMIT = 256;
const STOP_LIMIT_MS = 10_000;
const ERROR_RESTS_MS = 1_000;

export interface Dispatcher {
  /** So many workers send under the same rates. */
  share(workers: number): void;
  /** Finishes what is being handed over and writes what became of it. */
  stop(): Promise<void>;
}

/** Hands the outbox over. Every channel has a loop of its own, so that one slow carrier delays no other. */
export function startDispatcher(app: App, channels: ReadonlyMap<ChannelName, Channel>): Dispatcher {
  const running = new Map<string, ChannelDispatcher>(
    [...channels.values()].map((channel) => [channel.name, dispatchChannel(app, channel)]),
  );
  app.bell.answer("outbox", async (channel) => running.get(channel)?.ring());
  return {
    share: (workers) => {
      for (const { share } of running.values()) share(workers);
    },
    stop: async () => void (await Promise.all([...running.values()].map(({ stop }) => stop()))),
  };
}

interface ChannelDispatcher extends Dispatcher {
  /** There may be something to hand over. */
  ring(): void;
}

function dispatchChannel(app: App, channel: Channel): ChannelDispatcher {
  const waker = openWaker();
  const line = openLine(app.database);
  const monotonic = () => performance.now();
  const now = () => app.clock().getTime();
  const rate = openRate(channel.limits.perSecond, monotonic);
  const lanes = openLanes();
  const settler = openSettler(app, channel, line, () => waker.wake());
  let stopping = false;
  let idle: () => void = () => {};
  let batches: BatchCount = 8;
  let rings = 0;
  /** Nothing but bulk was due when so many rings had come. */
  let onlyBulkAt = -1;
  /** The room for less than a slice has waited long enough. */
  let roomWaited = false;

  const begin = (messages: readonly Outgoing[]): void => {
    const surroundings: Surroundings = {
      channel,
      now,
      random: Math.random,
      throttled: (restMs) => rate.slowDown(restMs),
      beginBefore: now() + BEGIN_WITHIN_MS,
    };
    for (const { priority } of messages) lanes.begin(priority);
    for (const toOne of byAddress(messages)) void handOver(toOne, surroundings, end);
  };
  const end: Parameters<typeof handOver>[2] = (message, outcome) => {
    lanes.end(message.priority);
    settler.add({ message, outcome });
    if (lanes.room(PRIORITY.bulk) >= SLICE_AT_LEAST) waker.wake();
    if (lanes.underWay() === 0) idle();
  };

  const claim = async (upTo: Priority, room: number): Promise<Slice> => {
    const rung = rings;
    const slice = await claimSlice(line, channel.name, upTo, batches, room, settler.over()).catch(
      (error: unknown) => {
        rate.giveBack(room);
        throw error;
      },
    );
    const { messages } = slice;
    rate.giveBack(room - messages.length);
    const full = messages.length + slice.settled >= room;
    const enough = full ? slice.batches : slice.batches + 1;
    if (full || slice.batches === batches) batches = BATCH_COUNTS.find((count) => count >= enough) ?? 64;
    if (slice.batches === 0 || messages.some(({ priority }) => priority === PRIORITY.bulk)) onlyBulkAt = rung;
    roomWaited = false;
    begin(messages);
    return slice;
  };

  /** One claim, or the milliseconds to wait for a ring, for room or for the rate. */
  const step = async (): Promise<number> => {
    if (settler.unwritten() >= UNWRITTEN_LIMIT) return LOOK_WHILE_FULL_MS;
    const bulk = lanes.room(PRIORITY.bulk);
    if (bulk >= SLICE_AT_LEAST || (bulk > 0 && roomWaited)) {
      const room = rate.take(bulk, true);
      if (room > 0) {
        const { nextMs, batches: found } = await claim(PRIORITY.bulk, room);
        if (found > 0) return 0;
        return Math.min(LOOK_EVERY_MS, Math.max(LOOK_AGAIN_MS, nextMs ?? LOOK_EVERY_MS));
      }
    }
    if (onlyBulkAt !== rings) {
      const upTo = lanes.room(PRIORITY.reply) > 0 ? PRIORITY.reply : PRIORITY.crisis;
      const wanted = lanes.room(upTo);
      const room = rate.take(wanted, false);
      if (room > 0) {
        const { batches: found } = await claim(upTo, room);
        if (found > 0) return 0;
      } else if (wanted > 0) return Math.max(1, rate.waitMs(false));
    }
    if (bulk >= SLICE_AT_LEAST) return Math.max(1, Math.min(LOOK_WHILE_FULL_MS, rate.waitMs(true)));
    return bulk > 0 ? ROOM_WAITS_MS : LOOK_WHILE_FULL_MS;
  };

  const loop = async (): Promise<void> => {
    while (!stopping) {
      const ticket = waker.ticket();
      try {
        const waitMs = await step();
        if (waitMs === 0 || stopping) continue;
        await waker.wait(ticket, waitMs);
        if (waitMs === ROOM_WAITS_MS) roomWaited = true;
        if (waitMs === LOOK_WHILE_FULL_MS) onlyBulkAt = -1;
      } catch (error) {
        if (stopping) return;
        app.log.error(
          { err: error, channel: channel.name },
          "the outbox could not be read; tried again shortly",
        );
        await waker.wait(waker.ticket(), ERROR_RESTS_MS);
      }
    }
  };
  const running = loop();

  return {
    share: rate.share,
    ring: () => {
      rings += 1;
      waker.wake();
    },
    stop: async () => {
      stopping = true;
      waker.wake();
      await running;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        idle = resolve;
        timer = setTimeout(resolve, STOP_LIMIT_MS);
        if (lanes.underWay() === 0) resolve();
      });
      clearTimeout(timer);
      await settler.drain(STOP_LIMIT_MS);
      await line.close();
    },
  };
}

/** Messages to one address stay in their order; crisis first. */
function byAddress(messages: readonly Outgoing[]): Iterable<Outgoing[]> {
  const lists = new Map<string, Outgoing[]>();
  for (const message of messages) {
    const list = lists.get(message.address);
    if (list) list.push(message);
    else lists.set(message.address, [message]);
  }
  return lists.values();
}
