import type { Logger } from "pino";
import {
  type CarrierReceipt,
  type Database,
  type Db,
  openLine,
  type PlainReceipt,
  settleEarlyReceipts,
  settlePlainReceipts,
  settleReceipt,
} from "#storage";

/** Receipts that are settled in one statement. */
const AT_ONCE = 128;

/**
 * Settles what carriers report. A broadcast brings two or three receipts a message, one request each: those that come
 * while others are being written are written together, so that a flood of them holds up nobody's answer.
 */
export interface Receipts {
  /** Resolves once it is stored; rejects when it could not be, so that the carrier is asked to repeat. */
  settle(channel: string, receipt: CarrierReceipt): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly receipt: PlainReceipt;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export function openReceipts(database: Database, log: Logger): Receipts {
  const line = openLine(database);
  const queues = new Map<string, Waiting[]>();
  const inTransaction = (work: (tx: Db) => Promise<void>): Promise<void> =>
    database.db.transaction((tx) => work(tx as unknown as Db));
  const alone = (channel: string, receipt: CarrierReceipt): Promise<void> =>
    inTransaction((tx) => settleReceipt(tx, channel, receipt));

  const together = async (channel: string, some: readonly Waiting[]): Promise<void> => {
    try {
      const receipts = some.map(({ receipt }) => receipt);
      const early = await settlePlainReceipts(line, channel, receipts);
      if (early.length > 0) await inTransaction((tx) => settleEarlyReceipts(tx, channel, early));
      for (const { done } of some) done();
    } catch (error) {
      // One that cannot be stored must not keep the others from it.
      log.warn({ err: error, channel, receipts: some.length }, "receipts could not be written together");
      for (const { receipt, done, failed } of some) await alone(channel, receipt).then(done, failed);
    }
  };
  const run = async (channel: string, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) await together(channel, queue.splice(0, AT_ONCE));
    queues.delete(channel);
  };

  return {
    settle: (channel, receipt) => {
      if (!isPlain(receipt)) return alone(channel, receipt);
      return new Promise<void>((done, failed) => {
        const waiting = { receipt, done, failed };
        const queue = queues.get(channel);
        if (queue) return void queue.push(waiting);
        const mine = [waiting];
        queues.set(channel, mine);
        void run(channel, mine);
      });
    },
    close: () => line.close(),
  };
}

function isPlain(receipt: CarrierReceipt): receipt is PlainReceipt {
  const { messageId, failure, code, detail, status } = receipt;
  const failed = failure !== undefined || status === "failed" || status === "undelivered";
  return messageId !== undefined && !failed && code === undefined && detail === undefined;
}
