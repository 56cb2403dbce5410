import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addContact, claimSlice, openLine, PRIORITY, rows, upsertStaff } from "../../storage/index.ts";
import {
  type Answered,
  buttonsOf,
  type Desk,
  type Entries,
  openDesk,
  type ShownView,
  type SlackPost,
  textOf,
} from "../../test/support/staff-desk.ts";
import { broadcastTimer, canaryTimer, hoursTimer, progressTimer } from "../broadcast/index.ts";
import { broadcastFeature } from "./broadcast.ts";

const PEOPLE = 120;
let desk: Desk;
/** Local times between which nobody is written to. */
let quietHours: { from: string; to: string };

async function open(): Promise<void> {
  desk = await openDesk({
    features: [broadcastFeature],
    timers: {
      broadcast: broadcastTimer,
      broadcast_progress: progressTimer,
      broadcast_canary: canaryTimer,
      broadcast_hours: hoursTimer,
    },
    staff: { ayanda: ["author"], bongani: ["approver"] },
    content: (content) => ({
      ...content,
      deployment: {
        ...content.deployment,
        timezone: "UTC",
        quietHours,
        approval: {
          ...content.deployment.approval,
          risk: { ...content.deployment.approval.risk, approvals: [{ from: 0, by: ["approver"] }] },
        },
        sending: {
          ...content.deployment.sending,
          canary: { ...content.deployment.sending.canary, from: 100, least: 10 },
        },
      },
    }),
  });
  for (let n = 0; n < PEOPLE; n++)
    await addContact(desk.db, { id: v7(), addresses: [`sms:+278200${String(1000 + n)}`] });
}
beforeEach(async () => {
  quietHours = { from: "00:00", to: "00:00" };
  await open();
});
afterEach(() => desk.close());

const shown = ({ view, whisper, ack }: Answered): ShownView => {
  if (!view) throw new Error(`no modal: ${whisper ?? JSON.stringify(ack)}`);
  return view;
};

/** Ayanda submits, Bongani approves, it is drawn up. Returns the post that shows how far it is. */
async function sending(more: Entries = {}): Promise<SlackPost> {
  const form = shown(await desk.command("ayanda", "broadcast"));
  await desk.submit("ayanda", form, { title: "Water", "text:en:": "Water is back.", ...more });
  const [post] = await desk.posts();
  const value = buttonsOf(post?.blocks ?? []).broadcast_approve ?? "";
  const asked = shown(await desk.click("bongani", "broadcast_approve", value, post?.providerId));
  await desk.submit("bongani", asked, { understood: ["yes"] });
  await desk.fire();
  const progress = (await desk.posts()).findLast(({ kind }) => kind === "broadcast_progress");
  if (!progress) throw new Error("no progress is shown");
  return progress;
}

/** Hands over what may be, as several workers would: until a claim finds nothing. Returns the addresses. */
async function handOver(): Promise<readonly string[]> {
  const line = openLine(desk.app.database);
  const taken: string[] = [];
  for (let empty = 0; empty < 2; ) {
    const { messages } = await claimSlice(line, "sms", PRIORITY.bulk, 8, 64);
    empty = messages.length === 0 ? empty + 1 : 0;
    taken.push(...messages.map(({ address }) => address));
  }
  await line.close();
  return taken;
}
const becomes = (status: string, failure: string | null = null, limit = PEOPLE) =>
  desk.db.execute(sql`update messages set status = ${status}::message_status, failure = ${failure}
    where id in (select id from messages where kind = 'broadcast' and status = 'sending' order by id limit ${limit})`);
async function look(): Promise<readonly SlackPost[]> {
  await desk.db.execute(sql`update timers set due_at = now()
    where kind in ('broadcast_canary', 'broadcast_progress') and done_at is null`);
  await desk.fire();
  return desk.posts();
}
const status = async (): Promise<string | undefined> =>
  (await rows<{ status: string }>(desk.db, sql`select status from broadcasts`))[0]?.status;
const press = (what: string, post: SlackPost | undefined) =>
  desk.click("ayanda", what, buttonsOf(post?.blocks ?? [])[what] ?? "", post?.providerId);

describe("the first few of many", () => {
  test("they go first; once they have it the rest follows, and everybody gets it once", async () => {
    const post = await sending();
    expect(post.text).toContain("A first few get it");
    const first = await handOver();
    expect(first.length).toBeGreaterThanOrEqual(10);
    expect(first.length).toBeLessThan(PEOPLE / 2);
    await look();
    expect(await handOver()).toEqual([]);
    await becomes("delivered");
    await look();
    const rest = await handOver();
    expect(new Set([...first, ...rest]).size).toBe(PEOPLE);
    expect(first.length + rest.length).toBe(PEOPLE);
    expect(await desk.audit()).toContain("broadcast.canary_passed");
  });

  test("too many fail: it pauses itself, says why, and staff let it go on", async () => {
    await sending();
    const first = await handOver();
    await becomes("failed", "refused");
    const stopped = (await look()).at(-1);
    expect(await status()).toBe("paused");
    expect(stopped?.text).toContain(
      `It paused itself: ${first.length} of the first ${first.length} failed (100 %)`,
    );
    expect(await handOver()).toEqual([]);
    await press("broadcast_resume", stopped);
    expect(await handOver()).toHaveLength(PEOPLE - first.length);
    expect(await desk.audit()).toContain("broadcast.canary_stopped");
  });

  test("too many opt out: it pauses itself, and cancelled it withholds the rest", async () => {
    await sending();
    const first = await handOver();
    await becomes("delivered");
    await desk.db.execute(sql`update contacts set opted_out_at = now() + interval '1 second'
      where id in (select contact_id from messages where status = 'delivered' and kind = 'broadcast' limit 3)`);
    const stopped = (await look()).at(-1);
    expect(stopped?.text).toContain(`3 of the first ${first.length} opted out`);
    await press("broadcast_cancel", stopped);
    expect(await handOver()).toEqual([]);
    expect(await status()).toBe("cancelled");
  });

  test("who had opted out before their turn is not counted against it", async () => {
    await sending();
    await desk.db.execute(sql`update contacts set opted_out_at = now()`);
    expect(await handOver()).toEqual([]);
    await look();
    expect(await status()).toBe("sending");
  });

  test("no receipt comes: after the time it pauses itself rather than guess", async () => {
    await sending();
    await handOver();
    await becomes("sent");
    await look();
    expect(await status()).toBe("sending");
    await desk.db.execute(sql`update timers set data = jsonb_set(data, '{since}', to_jsonb('2020-01-01T00:00:00Z'::text))
      where kind = 'broadcast_canary' and done_at is null`);
    expect((await look()).at(-1)?.text).toContain("only 0 of the first");
    expect(await status()).toBe("paused");
  });

  test("paused and resumed by staff meanwhile, the rest still waits for the first few", async () => {
    const post = await sending();
    const first = await handOver();
    await press("broadcast_pause", post);
    await look();
    const paused = (await look()).at(-1) ?? post;
    await press("broadcast_resume", { ...paused, blocks: [] });
    const [{ id } = { id: "" }] = await rows<{ id: string }>(desk.db, sql`select id from broadcasts`);
    await desk.click("ayanda", "broadcast_resume", id, "home");
    expect(await handOver()).toEqual([]);
    await becomes("delivered");
    await look();
    expect(await handOver()).toHaveLength(PEOPLE - first.length);
  });

  test("an emergency waits for nobody", async () => {
    await sending({ kind: "emergency" });
    expect(await handOver()).toHaveLength(PEOPLE);
  });
});

describe("hours", () => {
  const clock = (inMinutes: number): string =>
    new Date(Date.now() + inMinutes * 60_000).toISOString().slice(11, 16);

  test("at night a consultation waits for the morning, and nobody hands it over", async () => {
    await desk.close();
    quietHours = { from: clock(-60), to: clock(60) };
    await open();
    const post = await sending({ kind: "consultation" });
    expect(post.text).toContain("It waits until");
    expect(await handOver()).toEqual([]);
    await desk.db.execute(sql`update broadcasts set sends_from = now()`);
    expect((await handOver()).length).toBeGreaterThan(0);
  });

  test("when its hours are over the claim stops at once, and the next hours are set", async () => {
    await sending({ kind: "consultation" });
    await desk.db.execute(sql`update broadcasts set sends_to = now()`);
    expect(await handOver()).toEqual([]);
    await desk.db.execute(sql`update timers set due_at = now() where kind = 'broadcast_hours'`);
    await desk.fire();
    expect((await handOver()).length).toBeGreaterThan(0);
  });

  test("a message about a service goes out at any hour", async () => {
    await desk.close();
    quietHours = { from: clock(-60), to: clock(60) };
    await open();
    await sending();
    expect((await handOver()).length).toBeGreaterThan(0);
  });
});

describe("enough of a kind", () => {
  const messages = async (): Promise<number> =>
    (await rows(desk.db, sql`select 1 from messages where kind = 'broadcast'`)).length;

  test("who had three campaigns in a week gets no fourth, which form, post and count say; others do", async () => {
    for (let n = 0; n < 3; n++) await sending({ kind: "awareness" });
    expect(await messages()).toBe(3 * PEOPLE);
    await addContact(desk.db, { id: v7(), addresses: ["sms:+27830000001"] });
    // Whoever never got one of them may have another.
    await desk.db.execute(sql`update messages set status = 'failed' where id in (
      select id from messages where kind = 'broadcast' and address = 'sms:+2782001000' limit 1)`);
    const form = shown(await desk.command("ayanda", "broadcast"));
    const filled = { title: "Fourth", "text:en:": "More.", kind: "awareness" };
    const changed = shown(await desk.change("ayanda", form, filled));
    expect(textOf(changed)).toContain("*Reaches* 2 people: 2 by SMS");
    expect(textOf(changed)).toContain("Left out: 119 people who had 3 messages of this kind in 7 days.");
    await sending({ kind: "awareness" });
    const got = await rows<{ address: string }>(
      desk.db,
      sql`select address from messages where kind = 'broadcast' and ref = (select id from broadcasts order by created_at desc limit 1)`,
    );
    expect(got.map(({ address }) => address).sort()).toEqual(["sms:+2782001000", "sms:+27830000001"]);
  });

  test("a message about a service has no such limit", async () => {
    for (let n = 0; n < 4; n++) await sending();
    expect(await messages()).toBe(4 * PEOPLE);
  });
});

describe("a test to oneself", () => {
  const heard = () =>
    rows<{ address: string; text: string }>(
      desk.db,
      sql`select address, text from messages where kind = 'test'`,
    );

  test("goes to one's own number only, marked, in every language, from form and post", async () => {
    const { ayanda } = desk.staff;
    if (ayanda) await upsertStaff(desk.db, [{ ...ayanda, phone: "+27825550001" }]);
    const form = shown(await desk.command("ayanda", "broadcast"));
    const filled = { title: "T", "text:en:": "Dear {name|neighbour}, hi.", "text:zu:": "Sawubona." };
    const changed = shown(await desk.change("ayanda", form, filled));
    const done = await desk.click("ayanda", "broadcast_test", "new", changed);
    expect(done.whisper ?? textOf(done.view)).toContain("Sent to your number: English, isiZulu, marked TEST");
    await desk.click("ayanda", "broadcast_test", "new", changed);
    expect(await heard()).toEqual([
      { address: "sms:+27825550001", text: "TEST Dear Ayanda, hi." },
      { address: "sms:+27825550001", text: "TEST Sawubona." },
    ]);
    expect(await desk.audit()).toContain("broadcast.tested");
  });

  test("without a number nothing is sent", async () => {
    const form = shown(await desk.command("ayanda", "broadcast"));
    const done = await desk.click("ayanda", "broadcast_test", "new", form);
    expect(done.whisper).toContain("no number of yours");
    expect(await heard()).toEqual([]);
  });
});
