import { sql } from "drizzle-orm";
import type { Db, Priority } from "#storage";
import type { Dice } from "./dice.ts";

/** A message of the past: nothing is sent. */
export interface PastMessage {
  readonly direction: "in" | "out";
  readonly address: string;
  readonly contactId: string | null;
  readonly text: string;
  readonly kind: string;
  readonly ref: string;
  readonly priority: Priority | null;
  readonly at: Date;
}

/** What became of outbound messages, in percent: about what carriers report for South African numbers. */
const OUTCOMES = { delivered: 91, read: 0, sent: 4, unreachable: 4, failed: 1 } as const;
const WHATSAPP_OUTCOMES = { delivered: 38, read: 57, sent: 4, unreachable: 0, failed: 1 } as const;

/** Keeps messages as the carriers would have left them. */
export async function addPastMessages(tx: Db, dice: Dice, messages: readonly PastMessage[]): Promise<void> {
  const kept = messages.map((message) => {
    const [channel = ""] = message.address.split(":", 1);
    const row = {
      ...message,
      id: dice.id(message.at),
      channel,
      providerId: `SM${dice.id(message.at).replaceAll("-", "")}`,
      at: message.at.toISOString(),
      settled: new Date(message.at.getTime() + dice.between(900, 14_000)).toISOString(),
    };
    if (message.direction === "in") return { ...row, status: "processed" };
    const outcome = dice.weighted(channel === "whatsapp" ? WHATSAPP_OUTCOMES : OUTCOMES);
    if (outcome === "unreachable")
      return {
        ...row,
        status: "undelivered",
        failure: "unreachable",
        code: "30003",
        detail: "The phone is switched off or out of coverage.",
      };
    if (outcome === "failed")
      return {
        ...row,
        status: "failed",
        failure: "bad_address",
        code: "30005",
        detail: "This number does not exist any more.",
      };
    return { ...row, status: outcome };
  });
  await tx.execute(sql`
    insert into messages (id, direction, status, channel, address, contact_id, text, kind, ref, priority, consent_exempt,
                          provider_id, attempts, failure, code, detail, handed_over_at, status_at, created_at)
    select id, direction, status::message_status, channel, address, "contactId", text, kind, ref, priority, false,
           "providerId", case direction when 'out' then 1 else 0 end, failure, code, detail,
           case direction when 'out' then at end, settled, at
    from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) as m (
      id uuid, direction text, status text, channel text, address text, "contactId" uuid, text text, kind text, ref uuid,
      priority smallint, "providerId" text, failure text, code text, detail text, at timestamptz, settled timestamptz)`);
  await tx.execute(sql`
    insert into inbound_keys (channel, provider_id, message_id)
    select channel, "providerId", id
    from jsonb_to_recordset(${JSON.stringify(kept.filter((message) => message.direction === "in"))}::jsonb)
      as m (channel text, "providerId" text, id uuid)`);
}
