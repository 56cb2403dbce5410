import { segmentsOf, smsText } from "#channels";
import {
  type AuditEntry,
  appendAudit,
  type Db,
  enqueue,
  type NewMessage,
  type NewTimer,
  setTimer,
} from "#storage";
import type { App } from "./app.ts";

export type { NewMessage, NewTimer } from "#storage";

/** One transaction in which state, outbox, timers and audit commit together. */
export interface Unit {
  readonly app: App;
  /** Inside the unit use only this: a query on the root connection would wait for the unit for ever. */
  readonly tx: Db;
  readonly now: Date;
  /** Queues messages; they are sent after the commit, in this order per channel. */
  send(messages: readonly NewMessage[]): Promise<void>;
  /** Sets a timer; the same (kind, ref, epoch) a second time changes nothing. */
  wake(timer: NewTimer): Promise<void>;
  audit(entry: AuditEntry): Promise<void>;
  /** Rings after the commit, for work that is neither a message nor a timer. */
  ring(kind: "outbox" | "timer", id: string, at?: Date): void;
}

interface Ring {
  readonly kind: "outbox" | "timer";
  readonly id: string;
  readonly at?: Date;
}

/**
 * Runs `work` in one transaction and rings the bell once it has committed. Throws what `work` throws, with nothing kept.
 * A bell that cannot be rung is only logged: the reconciler finds the work.
 */
export async function commit<T>(app: App, work: (unit: Unit) => Promise<T>): Promise<T> {
  const rings: Ring[] = [];
  const result = await app.database.db.transaction((tx) => work(openUnit(app, tx as unknown as Db, rings)));
  await Promise.all(
    rings.map(({ kind, id, at }) =>
      app.bell
        .ring(kind, id, at && at.getTime() - app.clock().getTime())
        .catch((error: unknown) => app.log.warn({ err: error }, "the bell could not be rung")),
    ),
  );
  return result;
}

/** A part of a unit that may fail alone: what it wrote is taken back, the rest of the unit goes on. Throws what it throws. */
export async function attempt<T>(unit: Unit, work: (part: Unit) => Promise<T>): Promise<T> {
  const rings: Ring[] = [];
  const result = await unit.tx.transaction((tx) => work(openUnit(unit.app, tx as unknown as Db, rings)));
  for (const { kind, id, at } of rings) unit.ring(kind, id, at);
  return result;
}

function openUnit(app: App, tx: Db, rings: Ring[]): Unit {
  const ring = (kind: Ring["kind"], id: string, at?: Date): void => {
    if (!at && rings.some((known) => known.kind === kind && known.id === id && !known.at)) return;
    rings.push({ kind, id, ...(at ? { at } : {}) });
  };
  return {
    app,
    tx,
    now: app.clock(),
    ring,
    send: async (messages) => {
      const counted = messages.map((message) =>
        message.segments === undefined && message.to.startsWith("sms:")
          ? { ...message, segments: segmentsOf(smsText(message)).segments }
          : message,
      );
      for (const channel of await enqueue(tx, counted, app.newId)) ring("outbox", channel);
    },
    wake: async (timer) => {
      const id = app.newId();
      await setTimer(tx, id, timer);
      ring("timer", id, timer.dueAt);
    },
    audit: async (entry) => {
      await appendAudit(tx, entry);
    },
  };
}
