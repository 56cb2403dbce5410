import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import type { Role } from "./schema.ts";

export interface NewDecision {
  readonly id: string;
  readonly subject: "broadcast" | "statement";
  readonly subjectId: string;
  readonly contentHash: string;
  readonly decision: "approved" | "returned";
  readonly reason?: string;
  /** Staff id. */
  readonly decidedBy: string;
}

/** Keeps a decision. False: this person has decided on this very content before. */
export async function keepDecision(tx: Db, decision: NewDecision): Promise<boolean> {
  const added = await rows(
    tx,
    sql`insert into approvals (id, subject, subject_id, content_hash, decision, reason, decided_by)
        values (${decision.id}, ${decision.subject}, ${decision.subjectId}, ${decision.contentHash}, ${decision.decision},
          ${decision.reason ?? null}, ${decision.decidedBy})
        on conflict do nothing returning 1`,
  );
  return added.length > 0;
}

export interface Decision {
  readonly decision: "approved" | "returned";
  readonly contentHash: string;
  readonly reason: string | null;
  readonly decidedBy: string;
  readonly decidedByName: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What was decided about it, the oldest first. */
export function listDecisions(db: Db, subjectId: string): Promise<readonly Decision[]> {
  return rows<Decision>(
    db,
    sql`select a.decision, a.content_hash as "contentHash", a.reason, a.decided_by as "decidedBy", s.name as "decidedByName",
          to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
        from approvals a join staff s on s.id = a.decided_by
        where a.subject_id = ${subjectId} order by a.at, a.id`,
  );
}

/** How often it was returned: part of what the next approval binds to, so that the same words can be decided on anew. */
export async function timesReturned(db: Db, subjectId: string): Promise<number> {
  const [row] = await rows<{ n: number }>(
    db,
    sql`select count(*)::int as n from approvals where subject_id = ${subjectId} and decision = 'returned'`,
  );
  return row?.n ?? 0;
}

/** An approval that still counts. */
export interface StandingApproval {
  readonly staffId: string;
  /** The human being behind the entry. */
  readonly person: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** ISO 8601. */
  readonly at: string;
}

/** Approvals of this very content by people who are still here, not older than `days`; the oldest first. */
export function standingApprovals(
  db: Db,
  subjectId: string,
  contentHash: string,
  days: number,
): Promise<readonly StandingApproval[]> {
  return rows<StandingApproval>(
    db,
    sql`select s.id as "staffId", coalesce(s.same_as, s.id) as person, s.name, s.roles,
          to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
        from approvals a join staff s on s.id = a.decided_by and s.active
        where a.subject_id = ${subjectId} and a.content_hash = ${contentHash} and a.decision = 'approved'
          and a.at > now() - make_interval(days => ${days}::int)
        order by a.at, a.id`,
  );
}
