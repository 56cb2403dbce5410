import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** Where a consultation was made known. */
export interface Notice {
  readonly id: string;
  readonly medium: string;
  readonly details: string;
  /** `2026-11-03` */
  readonly publishedOn: string;
  readonly proof: string | null;
  readonly recordedBy: string;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
}

export const DECISIONS = ["accepted", "partly", "rejected", "noted"] as const;
export type Decided = (typeof DECISIONS)[number];

/** What people asked for, and what the municipality answers. */
export interface RegisterEntry {
  readonly id: string;
  readonly asked: string;
  readonly decision: Decided;
  readonly reason: string;
  readonly owner: string | null;
  readonly recordedBy: string;
  readonly recordedAt: string;
}

type New<T> = Omit<T, "recordedAt"> & { readonly consultationId: string };

const recorded = sql`to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "recordedAt"`;

export async function addNotice(tx: Db, n: New<Notice>): Promise<void> {
  await tx.execute(sql`
    insert into notices (id, consultation_id, medium, details, published_on, proof, recorded_by)
    values (${n.id}, ${n.consultationId}, ${n.medium}, ${n.details}, ${n.publishedOn}, ${n.proof}, ${n.recordedBy})`);
}

export function listNotices(db: Db, consultation: string): Promise<readonly Notice[]> {
  return rows<Notice>(
    db,
    sql`select n.id, medium, details, published_on as "publishedOn", proof, s.name as "recordedBy", ${recorded}
        from notices n join staff s on s.id = n.recorded_by
        where consultation_id = ${consultation} order by published_on, n.id`,
  );
}

export async function addRegisterEntry(tx: Db, e: New<RegisterEntry>): Promise<void> {
  await tx.execute(sql`
    insert into register_entries (id, consultation_id, asked, decision, reason, owner, recorded_by)
    values (${e.id}, ${e.consultationId}, ${e.asked}, ${e.decision}, ${e.reason}, ${e.owner}, ${e.recordedBy})`);
}

export function listRegister(db: Db, consultation: string): Promise<readonly RegisterEntry[]> {
  return rows<RegisterEntry>(
    db,
    sql`select r.id, asked, decision, reason, owner, s.name as "recordedBy", ${recorded}
        from register_entries r join staff s on s.id = r.recorded_by
        where consultation_id = ${consultation} order by r.id`,
  );
}

export interface RecordedAct {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly data: object;
}

/** What the audit chain says of one subject, oldest first. */
export function listActsOn(db: Db, subject: string): Promise<readonly RecordedAct[]> {
  return rows<RecordedAct>(
    db,
    sql`select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, actor, action, data
        from audit_log where subject = ${subject} order by seq`,
  );
}
