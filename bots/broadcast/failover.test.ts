import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addContact, rows } from "../../storage/index.ts";
import {
  buttonsOf,
  type Desk,
  openDesk,
  type ShownView,
  type SlackPost,
} from "../../test/support/staff-desk.ts";
import { broadcastFeature } from "../staff/broadcast.ts";
import { broadcastTimer, failoverTimer, progressTimer, receiptsTimer } from "./index.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk({
    features: [broadcastFeature],
    timers: {
      broadcast: broadcastTimer,
      broadcast_progress: progressTimer,
      broadcast_failover: failoverTimer,
      broadcast_receipts: receiptsTimer,
    },
    staff: { ayanda: ["author"], bongani: ["approver"] },
    content: (content) => ({
      ...content,
      deployment: {
        ...content.deployment,
        sending: {
          ...content.deployment.sending,
          failover: [{ from: "whatsapp", to: "sms", afterMinutes: 10 }],
        },
      },
    }),
  });
  for (let n = 1; n <= 4; n++)
    await addContact(desk.db, {
      id: v7(),
      addresses: n === 4 ? [`whatsapp:+2782000000${n}`] : [`whatsapp:+2782000000${n}`, `sms:+2782000000${n}`],
    });
  await desk.db.execute(sql`update addresses set last_inbound_at = now() where channel = 'whatsapp'`);
});
afterEach(() => desk.close());

async function sending(channels: readonly string[]): Promise<SlackPost | undefined> {
  const form = (await desk.command("ayanda", "broadcast")).view as ShownView;
  await desk.submit("ayanda", form, { title: "Water", "text:en:": "Boil it.", channels });
  const [post] = await desk.posts();
  const value = buttonsOf(post?.blocks ?? []).broadcast_approve ?? "";
  const asked = (await desk.click("bongani", "broadcast_approve", value, post?.providerId)).view as ShownView;
  await desk.submit("bongani", asked, { understood: ["yes"] });
  await desk.fire();
  await desk.db.execute(
    sql`update messages set status = 'sent', attempts = 1, handed_over_at = now() where kind = 'broadcast'`,
  );
  await desk.db.execute(sql`delete from outbox_batches where channel <> 'slack'`);
  await desk.posts();
  return post;
}
async function look(): Promise<string | undefined> {
  await desk.db.execute(sql`update timers set due_at = now()
    where kind in ('broadcast_failover', 'broadcast_progress') and done_at is null`);
  await desk.fire();
  return (await desk.posts()).at(-1)?.text;
}
const later = () =>
  desk.db.execute(
    sql`update messages set handed_over_at = now() - interval '11 minutes' where channel = 'whatsapp'`,
  );
const status = async () =>
  (await rows<{ status: string }>(desk.db, sql`select status from broadcasts`))[0]?.status;
const bySms = () =>
  rows<{ address: string; status: string }>(
    desk.db,
    sql`select address, status::text from messages where kind = 'broadcast' and channel = 'sms' order by address`,
  );

test("it is not over until WhatsApp has confirmed it or the time has passed; then SMS follows, and a late word counts", async () => {
  await sending(["whatsapp", "sms"]);
  await look();
  expect(await status()).toBe("sending");
  expect(await bySms()).toEqual([]);
  await desk.db.execute(
    sql`update messages set status = 'delivered' where address = 'whatsapp:+27820000001'`,
  );
  await later();
  await look();
  expect(await look()).toContain("Sent on another channel too 2");
  expect(await bySms()).toEqual([
    { address: "sms:+27820000002", status: "queued" },
    { address: "sms:+27820000003", status: "queued" },
  ]);
  // One arrives after all before its SMS has gone out, the other after it.
  await desk.db.execute(sql`update messages set status = 'sent' where address = 'sms:+27820000003'`);
  await desk.db.execute(
    sql`update messages set status = 'delivered' where channel = 'whatsapp' and address <> 'whatsapp:+27820000004'`,
  );
  await look();
  expect((await bySms()).map((one) => one.status)).toEqual(["cancelled", "sent"]);
  await look();
  expect(await status()).toBe("sent");
  expect((await desk.audit()).filter((act) => act === "broadcast.failed_over")).toHaveLength(1);
});

test("paused it waits, cancelled it never comes", async () => {
  await sending(["whatsapp", "sms"]);
  const [{ id } = { id: "" }] = await rows<{ id: string }>(desk.db, sql`select id from broadcasts`);
  await later();
  await desk.click("ayanda", "broadcast_pause", id, "home");
  await look();
  expect(await bySms()).toEqual([]);
  await desk.click("ayanda", "broadcast_cancel", id, "home");
  await look();
  expect(await bySms()).toEqual([]);
});

test("nobody is sent it on a channel that was not approved", async () => {
  await sending(["whatsapp"]);
  await later();
  await look();
  expect(await bySms()).toEqual([]);
  expect(await status()).toBe("sent");
});

test("without a receipt for three days: the summary says so", async () => {
  await sending(["whatsapp"]);
  await look();
  await desk.db.execute(
    sql`update messages set handed_over_at = now() - interval '73 hours' where kind = 'broadcast'`,
  );
  await desk.db.execute(
    sql`update timers set due_at = now() where kind = 'broadcast_receipts' and done_at is null`,
  );
  await desk.fire();
  expect((await desk.posts()).at(-1)?.text).toContain("No receipt 4");
});
