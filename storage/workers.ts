import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** A worker that was not heard of for so long is taken for gone. */
export const WORKER_GONE_MS = 20_000;

export interface WorkerProcess {
  /** A UUID of its own for each start. */
  readonly id: string;
  /** The machine's or the container's name. */
  readonly host: string;
}

/** Says that the worker lives, forgets those long gone, and returns how many live, itself included. */
export async function beat(db: Db, { id, host }: WorkerProcess): Promise<number> {
  const [row] = await rows<{ others: number }>(
    db,
    sql`with mine as (
        insert into workers (id, host) values (${id}, ${host}) on conflict (id) do update set beat_at = now()),
      gone as (delete from workers where beat_at < now() - interval '1 day' and id <> ${id})
      select count(*)::int as others from workers where id <> ${id} and ${lives}`,
  );
  return 1 + (row?.others ?? 0);
}

/** The worker has stopped: the others share its rate at once. */
export async function lastBeat(db: Db, id: string): Promise<void> {
  await db.execute(sql`delete from workers where id = ${id}`);
}

/** Whether a worker lives, on this host when one is named. */
export async function workerLives(db: Db, host?: string): Promise<boolean> {
  const here = host === undefined ? sql`true` : sql`host = ${host}`;
  const [row] = await rows<{ any: boolean }>(
    db,
    sql`select exists (select 1 from workers where ${here} and ${lives}) as any`,
  );
  return row?.any ?? false;
}

const lives = sql`beat_at > now() - ${WORKER_GONE_MS} * interval '1 millisecond'`;
