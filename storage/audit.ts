import { createHash } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { canonicalJson, Literal } from "./canonical-json.ts";
import { type Db, rows } from "./database.ts";

export interface AuditEntry {
  /** `staff:<id>`, `contact:<id>`, `system`, `cli`. */
  readonly actor: string;
  /** `broadcast.approved`, `crisis.declared`, `consent.opted_out`, … */
  readonly action: string;
  /** What it was done to: `broadcast:<id>`, `contact:<id>`, … */
  readonly subject: string;
  readonly data?: object;
}

/** The last entry: whoever notes it elsewhere can later prove that the log up to it is what it was. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

export type AuditFinding =
  | { readonly ok: true; readonly entries: number; readonly head: AuditHead }
  | { readonly ok: false; readonly seq: number; readonly fault: string };

const HEAD = "audit.head";
/** Rows read at once while verifying. */
const PAGE = 1_000;

/** Parses JSON and keeps each number as it is written. */
function parse(json: string): unknown {
  const keep = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === "number" ? new Literal(context?.source ?? String(value)) : value;
  return JSON.parse(json, keep);
}

/**
 * What Postgres cannot keep as it is (NUL, half a surrogate pair, 1e21 without its exponent), and the byte order mark
 * that PGlite drops from the beginning of a text, is put in words that come back as they went in.
 */
function storable(value: unknown): unknown {
  if (typeof value === "string")
    return value
      .toWellFormed()
      .replaceAll("\0", "\uFFFD")
      .replace(/^\uFEFF/, "\uFFFD");
  if (typeof value === "number") {
    const text = String(value);
    return text.includes("e") ? text : value;
  }
  if (Array.isArray(value)) return value.map(storable);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [storable(key), storable(member)]),
    );
  return value;
}

/** ISO 8601 in UTC with six decimals, whatever the connection's time zone. */
const isoOf = (moment: SQL) => sql`to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

interface Row {
  readonly seq: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly data: string;
  readonly previousHash: string;
  readonly hash: string;
}

function hashOf(entry: Omit<Row, "hash">): string {
  const { seq, at, actor, action, subject, data, previousHash } = entry;
  return createHash("sha256")
    .update(canonicalJson([seq, at, actor, action, subject, parse(data), previousHash]))
    .digest("hex");
}

/** Locks the head until the transaction ends, and tells the database's time. */
async function lockHead(tx: Db): Promise<AuditHead & { readonly at: string }> {
  // The row lock is the queue: an advisory lock would need a statement of its own before the head may be read.
  const [head] = await rows<{ seq: string; hash: string; at: string }>(
    tx,
    sql`select value->>'seq' as seq, value->>'hash' as hash, ${isoOf(sql`clock_timestamp()`)} as at
        from settings where key = ${HEAD} for update`,
  );
  if (head === undefined)
    throw new Error(
      `The setting ${HEAD} is gone: the audit log cannot be continued; restore it from a backup`,
    );
  return { ...head, seq: Number(head.seq) };
}

/**
 * Adds entries in the caller's transaction, chained to the last: they commit with what they tell of, without gaps.
 * Appends of others wait until that transaction ends, so append late and commit soon.
 */
export async function appendAudit(
  tx: Db,
  entries: AuditEntry | readonly AuditEntry[],
  now?: Date,
): Promise<AuditHead> {
  const list = Array.isArray(entries) ? (entries as readonly AuditEntry[]) : [entries as AuditEntry];
  const { at: dbTime, ...locked } = await lockHead(tx);
  if (list.length === 0) return locked;
  const at = now?.toISOString().replace("Z", "000Z") ?? dbTime;
  let head: AuditHead = locked;
  const added = list.map((entry): Row => {
    const { actor, action, subject, data } = storable(JSON.parse(JSON.stringify(entry))) as AuditEntry;
    const row = {
      seq: String(head.seq + 1),
      at,
      actor,
      action,
      subject,
      data: JSON.stringify(data ?? {}),
      previousHash: head.hash,
    };
    const hash = hashOf(row);
    head = { seq: head.seq + 1, hash };
    return { ...row, hash };
  });
  await tx.execute(sql`
    with head as (update settings set value = ${JSON.stringify(head)}::jsonb where key = ${HEAD})
    insert into audit_log (seq, at, actor, action, subject, data, previous_hash, hash)
    select seq, at, actor, action, subject, data::jsonb, "previousHash", hash
    from jsonb_to_recordset(${JSON.stringify(added)}::jsonb)
      as row (seq bigint, at timestamptz, actor text, action text, subject text, data text, "previousHash" text, hash text)`);
  return head;
}

/** The last entry's number and hash: {seq: 0, hash: ""} before the first. */
export async function auditHead(db: Db): Promise<AuditHead> {
  const [head] = await rows<{ seq: string; hash: string }>(
    db,
    sql`select value->>'seq' as seq, value->>'hash' as hash from settings where key = ${HEAD}`,
  );
  return { seq: Number(head?.seq ?? 0), hash: head?.hash ?? "" };
}

/** What is wrong with `row` as the next one after `previous`, if anything. */
function fault(row: Row, previous: AuditHead): { seq: number; fault: string } | undefined {
  const seq = Number(row.seq);
  const expected = previous.seq + 1;
  if (seq < expected) return { seq, fault: `entry ${seq} stands before the first entry` };
  if (seq > expected)
    return {
      seq: expected,
      fault: `entry ${expected} is missing${seq === expected + 1 ? "" : ` (and all up to ${seq - 1})`}`,
    };
  if (row.hash !== hashOf(row))
    return { seq, fault: `entry ${seq} was changed: its hash does not fit what it says` };
  if (row.previousHash !== previous.hash)
    return {
      seq,
      fault: `entry ${seq} does not continue entry ${seq - 1}: one of the two was replaced or moved`,
    };
  return undefined;
}

/**
 * Reads the whole log, a page at a time, and names the first entry that was changed, removed, moved or added from
 * outside. `noted` are heads written down elsewhere (`saypro audit head`): without one, a forger who can write to the
 * database could make the whole chain anew and nobody would see.
 */
export function verifyAudit(db: Db, noted: readonly AuditHead[] = []): Promise<AuditFinding> {
  return db.transaction(
    async (tx) => {
      const head = await auditHead(tx);
      let last: AuditHead = { seq: 0, hash: "" };
      let after = "-9223372036854775808";
      for (;;) {
        const page = await rows<Row>(
          tx,
          sql`select seq::text, ${isoOf(sql`at`)} as at, actor, action, subject,
                     data::text, previous_hash as "previousHash", hash
              from audit_log where seq >= ${after}::bigint order by audit_log.seq limit ${PAGE}`,
        );
        for (const row of page) {
          const found = fault(row, last);
          if (found !== undefined) return { ok: false, ...found };
          last = { seq: Number(row.seq), hash: row.hash };
          const other = noted.find((note) => note.seq === last.seq && note.hash !== last.hash);
          if (other !== undefined)
            return { ok: false, seq: last.seq, fault: `entry ${last.seq} is not the one that was noted` };
          if (last.seq > head.seq)
            return {
              ok: false,
              seq: last.seq,
              fault: `entry ${last.seq} was added past the recorded end, ${head.seq}`,
            };
          if (last.seq === head.seq && last.hash !== head.hash)
            return {
              ok: false,
              seq: last.seq,
              fault: `entry ${last.seq} is not the recorded end of the log`,
            };
        }
        if (page.length < PAGE) break;
        after = String(last.seq + 1);
      }
      const end = Math.max(head.seq, ...noted.map((note) => note.seq));
      if (last.seq < end)
        return {
          ok: false,
          seq: last.seq + 1,
          fault: `entry ${last.seq + 1} is missing${end > last.seq + 1 ? ` (and all up to ${end})` : ""}: the end of the log was cut off`,
        };
      return { ok: true, entries: last.seq, head };
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}
