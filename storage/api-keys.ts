import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import { textArray } from "./outbox.ts";
import { findStaff, type StaffMember } from "./staff.ts";

export const SCOPES = [
  "contacts:read",
  "contacts:write",
  "contacts:import",
  "audiences:read",
  "broadcasts:read",
  "broadcasts:write",
  "results:read",
] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** How the key begins. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly ownerId: string;
  /** Requests that it may make in a minute. */
  readonly perMinute: number;
  /** Times are ISO 8601 in UTC. */
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

/** Answers to idempotency keys are kept for so long. */
const REQUEST_HOURS = 24;

const iso = (column: string) =>
  sql.raw(`to_char(k.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`);
const columns = sql`k.id, k.name, k.prefix, k.scopes, k.owner_id as "ownerId", k.per_minute as "perMinute",
  ${iso("expires_at")} as "expiresAt", ${iso("revoked_at")} as "revokedAt", ${iso("last_used_at")} as "lastUsedAt"`;

const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

export type NewApiKey = Omit<ApiKey, "revokedAt" | "lastUsedAt"> & { readonly key: string };

/** Keeps the key's hash; the key itself is nowhere. */
export async function addApiKey(tx: Db, given: NewApiKey): Promise<void> {
  await tx.execute(sql`
    insert into api_keys (id, name, hash, prefix, scopes, owner_id, per_minute, expires_at)
    values (${given.id}, ${given.name}, ${hashOf(given.key)}, ${given.prefix}, ${textArray(given.scopes)},
      ${given.ownerId}, ${given.perMinute}, ${given.expiresAt}::timestamptz)`);
}

export interface KeyUse {
  readonly key: ApiKey;
  readonly owner: StaffMember;
  /** Requests left in the running minute; negative when it is over the limit. */
  readonly left: number;
  /** Seconds until the next minute of this key begins. */
  readonly resetIn: number;
}

/** Notes a use of a key and counts it. Undefined: unknown, revoked or expired, or its owner left. */
export async function noteApiKeyUse(db: Db, written: string): Promise<KeyUse | undefined> {
  const [used] = await rows<ApiKey & { inMinute: number; resetIn: number }>(
    db,
    sql`update api_keys k set last_used_at = now(),
          in_minute = case when k.minute_at > now() - interval '1 minute' then k.in_minute + 1 else 1 end,
          minute_at = case when k.minute_at > now() - interval '1 minute' then k.minute_at else now() end
        where k.hash = ${hashOf(written)} and k.revoked_at is null and coalesce(k.expires_at > now(), true)
        returning ${columns}, k.in_minute as "inMinute",
          ceil(60 - extract(epoch from now() - k.minute_at))::int as "resetIn"`,
  );
  if (!used) return undefined;
  const { inMinute, resetIn, ...key } = used;
  const owner = await findStaff(db, key.ownerId);
  return owner?.active ? { key, owner, left: key.perMinute - inMinute, resetIn } : undefined;
}

export interface ListedApiKey extends ApiKey {
  readonly owner: string;
}

/** Every key, the newest first. */
export function listApiKeys(db: Db): Promise<readonly ListedApiKey[]> {
  return rows<ListedApiKey>(
    db,
    sql`select ${columns}, s.handle as owner from api_keys k join staff s on s.id = k.owner_id order by k.id desc`,
  );
}

/** The key may do nothing from now on; undefined when there is none of this name or prefix that may. */
export async function revokeApiKey(tx: Db, named: string): Promise<ApiKey | undefined> {
  const [revoked] = await rows<ApiKey>(
    tx,
    sql`update api_keys k set revoked_at = now()
        where (k.name = ${named} or k.prefix = ${named}) and k.revoked_at is null returning ${columns}`,
  );
  return revoked;
}

// ── Idempotency ─────────────────────────────────────────────────────────────────────────────────────────

export interface RequestAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type Claim =
  | { readonly kind: "first" }
  | { readonly kind: "repeated"; readonly answer: RequestAnswer }
  /** The key was used for another request. */
  | { readonly kind: "other" };

/**
 * Takes an idempotency key inside the transaction of the effect: a second request with the same key waits here until the
 * first has ended, and gets its answer; one that failed leaves no trace, so that it can be made again.
 */
export async function claimRequest(tx: Db, keyId: string, key: string, request: string): Promise<Claim> {
  const fresh = await rows(
    tx,
    sql`insert into api_requests as r (key_id, key, request) values (${keyId}, ${key}, ${hashOf(request)})
        on conflict (key_id, key) do update set request = excluded.request, status = null, body = null, at = now()
        where r.at < now() - make_interval(hours => ${REQUEST_HOURS}::int) returning 1`,
  );
  if (fresh.length > 0) return { kind: "first" };
  const [kept] = await rows<RequestAnswer & { request: string }>(
    tx,
    sql`select request, status, body from api_requests where key_id = ${keyId} and key = ${key}`,
  );
  if (kept?.request !== hashOf(request)) return { kind: "other" };
  return { kind: "repeated", answer: { status: kept.status, body: kept.body } };
}

export async function keepAnswer(
  tx: Db,
  keyId: string,
  key: string,
  { status, body }: RequestAnswer,
): Promise<void> {
  await tx.execute(sql`
    update api_requests set status = ${status}, body = ${JSON.stringify(body)}::jsonb
    where key_id = ${keyId} and key = ${key}`);
}

/** Forgets answers that nobody asks for again. */
export async function forgetRequests(db: Db): Promise<void> {
  await db.execute(
    sql`delete from api_requests where at < now() - make_interval(hours => ${REQUEST_HOURS}::int)`,
  );
}
