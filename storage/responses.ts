import { type SQL, sql } from "drizzle-orm";
import type { Again, AnswerValue } from "#flows";
import type { KeptAnswer } from "./answers.ts";
import { type Db, rows } from "./database.ts";

/** Responses that are in memory at once. */
const PAGE = 500;

/** One session of one person in a consultation, with its answers. What an anonymous one does not tell is null. */
export interface Response {
  readonly session: string;
  readonly contact: string | null;
  /** The scheme of the address that it came through: sms, whatsapp. */
  readonly channel: string | null;
  readonly language: string | null;
  readonly status: string;
  /** Of several of the same person the one that counts. */
  readonly counted: boolean;
  /** Finished after the consultation had ended. */
  readonly late: boolean;
  /** ISO 8601, UTC, as all times here. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Where it stands or ended: the path of a step. */
  readonly at: string | null;
  /** In the order in which they came. */
  readonly answers: readonly KeptAnswer[];
}

const iso = (column: SQL): SQL => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** All responses of a consultation, oldest first, read page by page: memory does not grow with their number. */
export async function* readResponses(
  db: Db,
  consultation: string,
  again: Again,
  page = PAGE,
): AsyncGenerator<Response> {
  const newest = again === "last" ? sql`b.id desc` : sql`b.id`;
  let after: string | null = null;
  for (;;) {
    const read: Response[] = await rows<Response>(
      db,
      sql`select s.id as session, s.contact_id as contact, split_part(s.address, ':', 1) as channel,
          s.state->>'language' as language, s.status, ${iso(sql`s.started_at`)} as "startedAt",
          ${iso(sql`s.ended_at`)} as "endedAt", s.state->>'at' as at,
          s.id = (select b.id from sessions b where b.consultation_id = s.consultation_id
            and b.contact_id = s.contact_id order by b.status = 'completed' desc, ${newest} limit 1) as counted,
          coalesce(s.ended_at > c.closed_at, false) as late,
          coalesce((select jsonb_agg(jsonb_build_object('question', a.question, 'value', a.value, 'said', a.said,
              'language', a.language, 'at', ${iso(sql`a.at`)}) order by a.at, a.question)
            from answers a where a.session_id = s.id), '[]'::jsonb) as answers
        from sessions s join consultations c on c.id = s.consultation_id
        where s.consultation_id = ${consultation}::uuid and (${after}::uuid is null or s.id > ${after}::uuid)
        order by s.id limit ${page}`,
    );
    yield* read;
    const last = read.at(-1);
    if (!last || read.length < page) return;
    after = last.session;
  }
}

export interface CalledFlow {
  /** Path of the call step. */
  readonly path: string;
  readonly flow: string;
  /** The newest that a session of the consultation ran. */
  readonly version: number;
}

/** The flows that sessions of a consultation called. */
export function listCalledFlows(db: Db, consultation: string): Promise<readonly CalledFlow[]> {
  return rows<CalledFlow>(
    db,
    sql`select c.key as path, c.value->>'flow' as flow, max((c.value->>'version')::int)::int as version
      from sessions s, jsonb_each(coalesce(s.state->'calls', '{}'::jsonb)) c
      where s.consultation_id = ${consultation} group by 1, 2 order by 1, 2`,
  );
}

/** Whether a kept value is the person's wish not to answer. */
export function isSkipped(value: AnswerValue): value is { readonly skipped: true } {
  return typeof value === "object" && !Array.isArray(value) && "skipped" in value;
}
