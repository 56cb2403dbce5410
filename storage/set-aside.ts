import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/**
 * A number whose phone was not reached so many times in a row, over so many days, is set aside: a phone that is switched
 * off for a weekend is not.
 */
export const UNREACHABLE = { times: 3, days: 7 } as const;
/** So many of an address's messages are looked back at. */
const LOOK_BACK = 50;

/** After a message that did not reach `address`. True: it is set aside now. */
export async function setAsideUnreachable(tx: Db, address: string): Promise<boolean> {
  const set = await rows(
    tx,
    sql`with recent as materialized (
        select id, direction, status::text as status, failure, status_at from messages
        where address = ${address} order by id desc limit ${LOOK_BACK}),
      missed as (
        select count(*) as times, max(status_at) - min(status_at) as span from recent r
        where r.failure = 'unreachable' and r.status in ('failed', 'undelivered') and not exists (
          select 1 from recent s where s.id > r.id and (s.direction = 'in' or s.status in ('delivered', 'read'))))
      update addresses set bad_since = now(), bad_reason = missed.times || ' times not reached'
      from missed where address = ${address} and bad_since is null
        and missed.times >= ${UNREACHABLE.times}::int and missed.span >= make_interval(days => ${UNREACHABLE.days}::int)
      returning 1`,
  );
  return set.length > 0;
}

export interface SetAside {
  readonly address: string;
  readonly name: string | null;
  readonly reason: string | null;
  /** ISO 8601. */
  readonly since: string;
}

/** Addresses to which nothing is sent, the newest first, and how many there are. */
export async function listSetAside(
  db: Db,
  limit: number,
): Promise<{ readonly all: number; readonly shown: readonly SetAside[] }> {
  const shown = await rows<SetAside & { readonly all: number }>(
    db,
    sql`select a.address, c.name, a.bad_reason as reason, count(*) over ()::int as all,
          to_char(a.bad_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
        from addresses a join contacts c on c.id = a.contact_id
        where a.bad_since is not null order by a.bad_since desc limit ${limit}`,
  );
  return { all: shown[0]?.all ?? 0, shown };
}

/** Staff know that it works again. False: it was not set aside. */
export async function useAgain(tx: Db, address: string): Promise<boolean> {
  const back = await rows(
    tx,
    sql`update addresses set bad_since = null, bad_reason = null
        where address = ${address} and bad_since is not null returning 1`,
  );
  return back.length > 0;
}
