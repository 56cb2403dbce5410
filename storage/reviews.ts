import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** What went out without the approvals that it needed, until somebody else has looked at it. */
export interface Review {
  readonly id: string;
  readonly broadcastId: string;
  readonly title: string;
  readonly reason: string;
  /** Staff ids: who broke the glass, and who wrote it. */
  readonly openedBy: string;
  readonly author: string;
  readonly openedByName: string;
  /** ISO 8601. */
  readonly openedAt: string;
  readonly closedAt: string | null;
}

const columns = sql`r.id, r.broadcast_id as "broadcastId", b.title, r.reason, r.opened_by as "openedBy",
  b.created_by as author, s.name as "openedByName",
  to_char(r.opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "openedAt",
  to_char(r.closed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "closedAt"
  from reviews r join broadcasts b on b.id = r.broadcast_id join staff s on s.id = r.opened_by`;

export async function openReview(
  tx: Db,
  review: Pick<Review, "id" | "broadcastId" | "reason" | "openedBy">,
): Promise<void> {
  await tx.execute(sql`insert into reviews (id, broadcast_id, reason, opened_by)
    values (${review.id}, ${review.broadcastId}, ${review.reason}, ${review.openedBy})`);
}

export async function findReview(db: Db, id: string): Promise<Review | undefined> {
  const [found] = await rows<Review>(db, sql`select ${columns} where r.id = ${id}`);
  return found;
}

/** Those that nobody has closed, the oldest first. */
export function listOpenReviews(db: Db): Promise<readonly Review[]> {
  return rows<Review>(db, sql`select ${columns} where r.closed_at is null order by r.opened_at limit 20`);
}

/** False: somebody else was quicker. */
export async function closeReview(tx: Db, id: string, closedBy: string, finding: string): Promise<boolean> {
  const closed = await rows(
    tx,
    sql`update reviews set closed_by = ${closedBy}, finding = ${finding}, closed_at = now()
        where id = ${id} and closed_at is null returning 1`,
  );
  return closed.length > 0;
}
