import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** A due time as a row. `epoch` fences: a handler whose subject has moved on to a later epoch does nothing. */
export interface Timer {
  readonly id: string;
  readonly kind: string;
  readonly ref: string;
  readonly epoch: number;
  readonly dueAt: Date;
  readonly data: Readonly<Record<string, unknown>>;
  readonly attempts: number;
}

export interface NewTimer {
  readonly kind: string;
  readonly ref: string;
  readonly epoch: number;
  readonly dueAt: Date;
  readonly data?: object;
}

/** Sets a timer; the same (kind, ref, epoch) a second time changes nothing. */
export async function setTimer(tx: Db, id: string, timer: NewTimer): Promise<void> {
  await tx.execute(sql`insert into timers (id, kind, ref, epoch, due_at, data)
    values (${id}, ${timer.kind}, ${timer.ref}, ${timer.epoch}, ${timer.dueAt.toISOString()}, ${JSON.stringify(timer.data ?? {})}::jsonb)
    on conflict (kind, ref, epoch) do nothing`);
}

/** An epoch that no timer of this kind and subject has had; the caller holds the subject's lock. */
export async function nextTimerEpoch(tx: Db, kind: string, ref: string): Promise<number> {
  const [found] = await rows<{ epoch: number }>(
    tx,
    sql`select coalesce(max(epoch) + 1, 0)::int as epoch from timers where kind = ${kind} and ref = ${ref}`,
  );
  return found?.epoch ?? 0;
}

/** Locks the timer that has been due longest, by the database's clock, and that nobody else holds. */
export async function lockDueTimer(tx: Db, kinds: readonly string[]): Promise<Timer | undefined> {
  const [row] = await rows<Omit<Timer, "dueAt"> & { dueAt: string }>(
    tx,
    sql`select id, kind, ref, epoch, to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "dueAt", data, attempts
      from timers where done_at is null and due_at <= now()
        and kind in (select jsonb_array_elements_text(${JSON.stringify(kinds)}::jsonb))
      order by due_at limit 1 for update skip locked`,
  );
  return row && { ...row, dueAt: new Date(row.dueAt) };
}

export async function finishTimer(tx: Db, id: string): Promise<void> {
  await tx.execute(sql`update timers set done_at = now() where id = ${id}`);
}

/** Puts a timer whose handler failed off: 1 s, 2 s, 4 s … at most 5 min. */
export async function postponeTimer(db: Db, id: string, error: string): Promise<void> {
  await db.execute(sql`update timers set attempts = attempts + 1, error = ${error},
      due_at = now() + least(interval '5 minutes', interval '1 second' * power(2, least(attempts, 10)))
    where id = ${id} and done_at is null`);
}

/** Milliseconds until the next timer of these kinds is due; undefined when there is none. */
export async function nextTimerIn(db: Db, kinds: readonly string[]): Promise<number | undefined> {
  const [row] = await rows<{ ms: number | null }>(
    db,
    sql`select (extract(epoch from min(due_at) - now()) * 1000)::float8 as ms from timers
      where done_at is null and kind in (select jsonb_array_elements_text(${JSON.stringify(kinds)}::jsonb))`,
  );
  return row?.ms === null || row === undefined ? undefined : Math.max(0, row.ms);
}
