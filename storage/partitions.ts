import { sql } from "drizzle-orm";
import { type Database, type Db, rows } from "./database.ts";

/** Months made ahead of the running one: two missed runs of the monthly housekeeping do no harm. */
export const MONTHS_AHEAD = 3;
/** Rows deleted from the default partition in one statement. */
const SLICE = 10_000;
/** Attaching waits for readers of the default partition, and writers wait behind it: rather try again later. */
const LOCK_TIMEOUT = "3s";
const LOCK = 0x6d6f6e7468n;

export interface Partitions {
  /** Months that now have a partition of their own and had none, as `2026-11`. */
  readonly made: readonly string[];
  /** Months whose rows are in the default partition already: they stay there, nothing is moved. */
  readonly inDefault: readonly string[];
}

/**
 * Makes the partitions of `messages` for the running month (UTC, the database's clock) and `monthsAhead` more.
 * Safe to run at any time and by several processes. A month that already has rows in the default partition keeps
 * them, and the coming ones, there: moving them would lock out the dispatcher.
 */
export function ensurePartitions(db: Db, monthsAhead = MONTHS_AHEAD): Promise<Partitions> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
    await tx.execute(sql.raw(`set local lock_timeout = '${LOCK_TIMEOUT}'`));
    const missing = await rows<{ month: string; low: string; high: string; taken: boolean }>(
      tx,
      sql`
        select to_char(month, 'YYYY-MM') as month, low, high,
               exists (select from messages_default where id >= low and id < high) as taken
        from (select month, uuid7_floor(month at time zone 'UTC') as low,
                     uuid7_floor((month + interval '1 month') at time zone 'UTC') as high
              from generate_series(date_trunc('month', now() at time zone 'UTC'),
                                   date_trunc('month', now() at time zone 'UTC') + make_interval(months => ${monthsAhead}::int),
                                   interval '1 month') as month) as bounds
        where to_regclass('messages_' || to_char(month, 'YYYY_MM')) is null
        order by month`,
    );
    const free = missing.filter((month) => !month.taken);
    for (const { month, low, high } of free) {
      const table = `messages_${month.replace("-", "_")}`;
      // Built beside the parent and then attached: that takes the weaker lock on `messages`, and with the check
      // in place the new table is not read through.
      await tx.execute(sql.raw(`create table ${table} (like messages including all)`));
      await tx.execute(
        sql.raw(`alter table ${table} add constraint bounds check (id >= '${low}' and id < '${high}')`),
      );
      await tx.execute(
        sql.raw(`alter table messages attach partition ${table} for values from ('${low}') to ('${high}')`),
      );
      await tx.execute(sql.raw(`alter table ${table} drop constraint bounds`));
    }
    return {
      made: free.map((month) => month.month),
      inDefault: missing.filter((month) => month.taken).map((month) => month.month),
    };
  });
}

/**
 * Retention: drops every partition that lies wholly before `date`, and deletes what the default partition holds
 * from before it. Returns the months dropped and the rows deleted. Messages of the month of `date` are kept.
 */
export async function dropPartitionsBefore(
  database: Database,
  date: Date,
): Promise<{ readonly dropped: readonly string[]; readonly deleted: number }> {
  const { db } = database;
  const old = await rows<{ name: string; month: string }>(
    db,
    sql`
      select c.relname as name, replace(substr(c.relname, 10), '_', '-') as month
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'messages'::regclass and c.relname ~ '^messages_\\d{4}_\\d\\d$'
        and to_date(substr(c.relname, 10), 'YYYY_MM') + interval '1 month' <= ${date.toISOString()}::timestamptz at time zone 'UTC'
      order by c.relname`,
  );
  for (const { name } of old) {
    await db.transaction(async (tx) => {
      await tx.execute(sql.raw(`set local lock_timeout = '${LOCK_TIMEOUT}'`));
      await tx.execute(sql.raw(`drop table ${name}`));
    });
  }
  const before = sql`uuid7_floor(date_trunc('month', ${date.toISOString()}::timestamptz at time zone 'UTC') at time zone 'UTC')`;
  let deleted = 0;
  for (;;) {
    const gone = await rows<{ id: string }>(
      db,
      sql`delete from messages_default where id = any(array(
            select id from messages_default where id < ${before} order by id limit ${SLICE})) returning id`,
    );
    deleted += gone.length;
    if (gone.length < SLICE) break;
  }
  return { dropped: old.map((partition) => partition.month), deleted };
}
