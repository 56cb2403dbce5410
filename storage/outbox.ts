import { type SQL, sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import { PRIORITY, type Priority } from "./schema.ts";

/** Messages that are leased together. One row a batch is what makes claiming cheap: docs/decisions/0003. */
export const BATCH_SIZE = 500;

/** What a bot asks to be sent. It becomes a row of `messages` and hangs on a batch of the outbox. */
export interface NewMessage {
  /** UUIDv7; default: a new one. */
  readonly id?: string;
  /** `sms:+27821234567`, `slack:#approvals`, … */
  readonly to: string;
  readonly contactId?: string;
  readonly text: string;
  readonly priority: Priority;
  /** reply | broadcast | page | statement | inbox | enquiry | notice … */
  readonly kind: string;
  readonly ref?: string;
  readonly choices?: readonly { readonly id: string; readonly title: string }[];
  readonly media?: readonly { readonly url: string; readonly contentType: string }[];
  /** A template that WhatsApp's carrier approved: outside the service window it carries the text as its variable. */
  readonly approvedAs?: { readonly name: string; readonly language: string };
  /** Slack: Block Kit. */
  readonly blocks?: readonly unknown[];
  /** Id of our message whose thread it joins, or a providerId (`C…:ts`). */
  readonly thread?: string;
  /** Id of our message that this one edits in place. */
  readonly replaces?: string;
  /** What a doubtful hand-over does when the carrier cannot be asked. Default: resend for crisis, else hold. */
  readonly onDoubt?: "resend" | "hold";
  /** Sent although the person opted out: the confirmation of STOP, pages to staff. */
  readonly consentExempt?: boolean;
  readonly segments?: number;
  readonly expiresAt?: Date;
}

/** Everything that the channel needs beside address and text; the `extras` of a message. */
interface Extras {
  readonly choices?: NewMessage["choices"];
  readonly media?: NewMessage["media"];
  readonly approvedAs?: NewMessage["approvedAs"];
  readonly blocks?: NewMessage["blocks"];
  readonly thread?: string;
  readonly replaces?: string;
}

const channelOf = (address: string): string => address.slice(0, address.indexOf(":"));

/**
 * Queues messages, in one statement: message rows, and one batch for each channel, priority and 500 of them; order is
 * kept within a batch. A waiting edit of the same Slack message is superseded. Nothing is sent before the transaction
 * commits. Returns the channels to ring for.
 */
export async function enqueue(
  tx: Db,
  messages: readonly NewMessage[],
  newId: () => string,
): Promise<readonly string[]> {
  if (messages.length === 0) return [];
  const batches = new Map<
    string,
    { id: string; channel: string; priority: Priority; ref: string | null; size: number }
  >();
  const queued = messages.map((message) => {
    const channel = channelOf(message.to);
    const key = `${channel} ${message.priority} ${message.ref ?? ""}`;
    let batch = batches.get(key);
    if (!batch || batch.size >= BATCH_SIZE) {
      if (batch) batches.set(`${key} ${batch.id}`, batch);
      batch = { id: newId(), channel, priority: message.priority, ref: message.ref ?? null, size: 0 };
      batches.set(key, batch);
    }
    batch.size += 1;
    const { choices, media, approvedAs, blocks, thread, replaces } = message;
    const extras: Extras = {
      ...(choices?.length ? { choices } : {}),
      ...(media?.length ? { media } : {}),
      ...(approvedAs ? { approvedAs } : {}),
      ...(blocks ? { blocks } : {}),
      ...(thread ? { thread } : {}),
      ...(replaces ? { replaces } : {}),
    };
    return {
      id: message.id ?? newId(),
      channel,
      address: message.to,
      contact: message.contactId ?? null,
      text: message.text,
      extras,
      kind: message.kind,
      ref: message.ref ?? null,
      batch: batch.id,
      priority: message.priority,
      on_doubt: message.onDoubt ?? (message.priority === PRIORITY.crisis ? "resend" : "hold"),
      exempt: message.consentExempt ?? false,
      segments: message.segments ?? null,
      expires: message.expiresAt?.toISOString() ?? null,
    };
  });
  const replaced = messages.flatMap((message) => (message.replaces ? [message.replaces] : []));
  if (replaced.length > 0) {
    await tx.execute(sql`update messages set status = 'cancelled', failure = 'superseded',
        detail = 'A newer version of this Slack message took its place.', status_at = now()
      where status = 'queued' and channel = 'slack' and extras->>'replaces' = any(${textArray(replaced)})`);
  }
  await tx.execute(sql`with b as (
      insert into outbox_batches (id, channel, priority, ref)
      select id, channel, priority, ref from jsonb_to_recordset(${JSON.stringify([...batches.values()])}::jsonb)
        as x(id uuid, channel text, priority smallint, ref uuid))
    insert into messages (id, direction, status, channel, address, contact_id, text, extras, kind, ref, batch_id, priority,
      on_doubt, consent_exempt, segments, expires_at)
    select id, 'out', 'queued', channel, address, contact, text, extras, kind, ref, batch, priority, on_doubt, exempt,
      segments, expires
    from jsonb_to_recordset(${JSON.stringify(queued)}::jsonb) as x(id uuid, channel text, address text, contact uuid,
      text text, extras jsonb, kind text, ref uuid, batch uuid, priority smallint, on_doubt text, exempt boolean,
      segments smallint, expires timestamptz)`);
  return [...new Set(queued.map((message) => message.channel))];
}

/** Values as one Postgres array, the same on both drivers: `x = any(${textArray(values)})`. */
export function textArray(values: readonly string[]): SQL {
  return sql`array(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`;
}

/** Keeps a broadcast's batches from being claimed; what is in flight finishes. */
export async function pauseBatches(tx: Db, ref: string): Promise<void> {
  await tx.execute(sql`update outbox_batches set paused = true where ref = ${ref}`);
}

export async function resumeBatches(tx: Db, ref: string): Promise<void> {
  await tx.execute(sql`update outbox_batches set paused = held, due_at = now() where ref = ${ref}`);
}

/** Lets those go that waited for what became of the first few. */
export async function releaseHeldBatches(tx: Db, ref: string): Promise<void> {
  await tx.execute(sql`update outbox_batches set held = false, paused = false, due_at = now()
    where ref = ${ref} and held`);
}

/** Lets a broadcast's waiting batches rest for a while: its messages would only be refused. */
export async function restBatches(tx: Db, ref: string, restMs: number): Promise<void> {
  await tx.execute(sql`update outbox_batches set due_at = greatest(due_at, now() + ${restMs} * interval '1 millisecond')
    where ref = ${ref}`);
}

/**
 * Cancels what was not handed over yet. Returns how many. What is under way finishes; should it have to be tried again,
 * it is cancelled then (an expiry in 1970 says so to the claim). Batches are locked first, as the claim does.
 */
export async function cancelBatches(tx: Db, ref: string): Promise<number> {
  await tx.execute(sql`select 1 from outbox_batches where ref = ${ref} order by id for update`);
  const [cancelled] = await rows<{ n: number }>(
    tx,
    sql`with under_way as (update messages set expires_at = to_timestamp(0) where ref = ${ref} and status = 'sending'),
      gone as (delete from outbox_batches where ref = ${ref}),
      cancelled as (update messages set status = 'cancelled', failure = 'cancelled',
          detail = 'Cancelled by staff before it was handed over.', status_at = now()
        where ref = ${ref} and status = 'queued' returning 1)
      select count(*)::int as n from cancelled`,
  );
  return cancelled?.n ?? 0;
}
