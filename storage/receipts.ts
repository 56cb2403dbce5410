import { sql } from "drizzle-orm";
import { appendAudit } from "./audit.ts";
import { recordConsent } from "./consent.ts";
import { type Db, rows } from "./database.ts";
import type { Runner } from "./line.ts";
import { textArray } from "./outbox.ts";
import { prepared } from "./prepared.ts";
import { setAsideUnreachable } from "./set-aside.ts";

/** What a carrier says became of a message; channels/channel.ts has the type that channels fill. */
export interface CarrierReceipt {
  readonly messageId?: string;
  readonly providerId?: string;
  readonly status: "sending" | "sent" | "delivered" | "read" | "failed" | "undelivered";
  readonly failure?: string;
  readonly code?: string;
  readonly detail?: string;
}

/**
 * A status only rises; cancelled and expired were never handed over. What was given up in doubt is our ignorance, so
 * that any word of the carrier is better. Sources: docs/guarantees.md G3.
 */
const RANK = (
  status: string,
): string => `(case ${status} when 'queued' then 0 when 'sending' then 1 when 'sent' then 2
    when 'failed' then 3 when 'undelivered' then 3 when 'delivered' then 4 when 'read' then 5 else 9 end)`;

/**
 * $1 channel, $2 providerId, $3 status, $4 messageId, $5 failure, $6 code, $7 detail. A receipt that comes a second
 * time is not kept again but settled again, which changes nothing unless the first time was cut short.
 */
const settleText = (by: "messageId" | "providerId"): string => {
  const rises = `${RANK("$3")} > (case when m.failure = 'in_doubt' then 1 else ${RANK("m.status::text")} end)`;
  return `
  with kept as (
    insert into receipts (channel, provider_id, status, message_id, failure, code, detail)
    select $1, $2::text, $3, $4::uuid, $5, $6, $7 where $2 is not null
    on conflict do nothing)
  update messages m set
    status = case when ${rises} then $3::message_status else m.status end,
    provider_id = coalesce(m.provider_id, $2),
    failure = case when ${rises} then $5 else m.failure end,
    code = case when ${rises} then $6 else m.code end,
    detail = case when ${rises} then $7 else m.detail end,
    status_at = case when ${rises} then now() else m.status_at end
  where ${by === "messageId" ? "m.id = $4" : "m.provider_id = $2 and m.channel = $1"} and m.direction = 'out'
    and (${rises} or (m.provider_id is null and $2 is not null))
  returning m.id, m.contact_id as "contactId", m.address, exists (
    select 1 from receipts r where r.channel = $1 and r.provider_id = $2 and r.message_id is null) as early`;
};

const SETTLE = { messageId: settleText("messageId"), providerId: settleText("providerId") } as const;

/**
 * Settles one receipt: kept once per (channel, providerId, status), and the message moves forward, never back. A
 * receipt that names no message of ours is kept, and settled when the message's providerId becomes known.
 */
export async function settleReceipt(tx: Db, channel: string, receipt: CarrierReceipt): Promise<void> {
  const { messageId = null, providerId = null, status } = receipt;
  const { failure = null, code = null, detail = null } = receipt;
  if (messageId === null && providerId === null) return;
  const [moved] = await prepared<{ id: string; contactId: string | null; address: string; early: boolean }>(
    tx,
    messageId === null ? SETTLE.providerId : SETTLE.messageId,
    [channel, providerId, status, messageId, failure, code, detail],
  );
  if (!moved) return;
  if (failure) await heedFailure(tx, moved, failure, code);
  if (moved.early && messageId !== null && providerId !== null)
    await settleEarlyReceipts(tx, channel, [providerId]);
}

/** $1 channel, $2 receipts as JSON. Rows are locked in the order of their ids, so that two batches do not deadlock. */
const SETTLE_MANY = (() => {
  const rises = `${RANK("x.status")} > (case when m.failure = 'in_doubt' then 1 else ${RANK("m.status::text")} end)`;
  return `
  with given as materialized (
    select * from jsonb_to_recordset($2::text::jsonb) as g (id uuid, provider text, status text)),
  kept as (
    insert into receipts (channel, provider_id, status, message_id)
    select distinct on (provider, status) $1, provider, status, id from given where provider is not null
    on conflict do nothing),
  x as materialized (
    select distinct on (id) id, provider, status from given order by id, ${RANK("status")} desc),
  locked as materialized (
    select id from messages where id = any (array(select id from x)) order by id for update)
  update messages m set
    status = case when ${rises} then x.status::message_status else m.status end,
    provider_id = coalesce(m.provider_id, x.provider),
    failure = case when ${rises} then null else m.failure end,
    code = case when ${rises} then null else m.code end,
    detail = case when ${rises} then null else m.detail end,
    status_at = case when ${rises} then now() else m.status_at end
  from x where m.id = any (array(select id from locked)) and m.id = x.id and m.direction = 'out'
    and (${rises} or (m.provider_id is null and x.provider is not null))
  returning m.provider_id as "providerId", exists (
    select 1 from receipts r where r.channel = $1 and r.provider_id = m.provider_id and r.message_id is null) as early`;
})();

/** A receipt that names our message and tells of no failure: nothing follows from it but the message's new status. */
export type PlainReceipt = CarrierReceipt & { readonly messageId: string; readonly failure?: never };

/**
 * Settles many receipts in one statement, with the effect of `settleReceipt` for each. Returns the providerIds of which
 * receipts came before anything told whose they are: settle those with `settleEarlyReceipts`.
 */
export async function settlePlainReceipts(
  line: Runner,
  channel: string,
  receipts: readonly PlainReceipt[],
): Promise<string[]> {
  const given = receipts.map(({ messageId, providerId = null, status }) => ({
    id: messageId,
    provider: providerId,
    status,
  }));
  const moved = await line.run<{ providerId: string; early: boolean }>(SETTLE_MANY, [
    channel,
    JSON.stringify(given),
  ]);
  return moved.filter(({ early }) => early).map(({ providerId }) => providerId);
}

/** Receipts that came before anything told which message their providerId is. */
export async function settleEarlyReceipts(
  tx: Db,
  channel: string,
  providerIds: readonly string[],
): Promise<void> {
  if (providerIds.length === 0) return;
  const early = await rows<CarrierReceipt>(
    tx,
    sql`update receipts r set message_id = m.id from messages m
      where r.channel = ${channel} and r.message_id is null and r.provider_id = any(${textArray(providerIds)})
        and m.provider_id = r.provider_id and m.channel = r.channel and m.direction = 'out'
      returning m.id as "messageId", r.provider_id as "providerId", r.status, r.failure, r.code, r.detail`,
  );
  for (const receipt of early) await settleReceipt(tx, channel, receipt);
}

/**
 * Receipts that came early and were forgotten: whoever learnt which message they are about ended before it settled them.
 * Returns the providerIds, at most `limit`, of the last three days.
 */
export async function findForgottenReceipts(db: Db, channel: string, limit: number): Promise<string[]> {
  const found = await rows<{ providerId: string }>(
    db,
    sql`select distinct r.provider_id as "providerId" from receipts r
      where r.channel = ${channel} and r.message_id is null and r.received_at > now() - interval '3 days'
        and exists (select 1 from messages m
          where m.provider_id = r.provider_id and m.channel = r.channel and m.direction = 'out')
      limit ${limit}`,
  );
  return found.map(({ providerId }) => providerId);
}

/** What a failure means for the person beyond this message: the carrier's STOP is ours too, a dead number is set aside. */
export async function heedFailure(
  tx: Db,
  message: { readonly id: string; readonly contactId: string | null; readonly address: string },
  failure: string,
  code: string | null,
): Promise<void> {
  if (failure === "bad_address") {
    await tx.execute(sql`update addresses set bad_since = now(), bad_reason = ${`carrier ${code ?? "refused it"}`}
      where address = ${message.address} and bad_since is null`);
  }
  if (failure === "unreachable") await setAsideUnreachable(tx, message.address);
  if (failure === "opted_out" && message.contactId) {
    const source = `carrier ${code ?? "opt-out"}`;
    const [entry] = await rows<{ id: string }>(tx, sql`select uuid7() as id`);
    if (!entry) return;
    const { contactId, address, id: messageId } = message;
    if (!(await recordConsent(tx, { id: entry.id, contactId, address, kind: "opt_out", source, messageId })))
      return;
    await appendAudit(tx, {
      actor: "system",
      action: "consent.opted_out",
      subject: `contact:${message.contactId}`,
      data: { source },
    });
  }
}
