import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addContact, type Role, rows, upsertStaff } from "../../storage/index.ts";
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
import { broadcastTimer, lapseTimer, progressTimer, reviewTimer } from "../broadcast/index.ts";
import { breakGlassFeature } from "./break-glass.ts";
import { broadcastFeature } from "./broadcast.ts";

let desk: Desk;

const STAFF: Readonly<Record<string, readonly Role[]>> = {
  ayanda: ["author"],
  bongani: ["approver"],
  carol: ["approver"],
  dumisa: ["approver", "crisis_lead"],
  fatima: ["crisis_lead"],
  gugu: ["approver"],
};

beforeEach(async () => {
  desk = await openDesk({
    features: [broadcastFeature, breakGlassFeature],
    timers: {
      broadcast: broadcastTimer,
      broadcast_progress: progressTimer,
      broadcast_lapse: lapseTimer,
      broadcast_review: reviewTimer,
    },
    staff: STAFF,
    content: (content) => ({
      ...content,
      deployment: {
        ...content.deployment,
        quietHours: { from: "00:00", to: "00:00" },
        approval: {
          ...content.deployment.approval,
          risk: {
            ...content.deployment.approval.risk,
            firstUse: 0,
            approvals: [
              { from: 0, by: ["approver"] },
              { from: 3, by: ["approver", "approver"] },
              { from: 5, by: ["approver", "crisis_lead"] },
            ],
          },
        },
      },
    }),
  });
  for (let n = 1; n <= 5; n++)
    await addContact(desk.db, { id: v7(), name: `P ${n}`, addresses: [`sms:+2782000000${n}`] });
});
afterEach(() => desk.close());

const shown = ({ view, whisper, ack }: Answered): ShownView => {
  if (!view) throw new Error(`no modal: ${whisper ?? JSON.stringify(ack)}`);
  return view;
};
const FILLED: Entries = { title: "Water", "text:en:": "Boil your water in ward 3." };
/** 3 points, and 5. */
const DELICATE: Entries = { sensitive: ["sensitive"] };
const GRAVE: Entries = { sensitive: ["sensitive"], kind: "emergency" };

async function submitted(more: Entries = {}, who = "ayanda"): Promise<SlackPost> {
  const form = shown(await desk.command(who, "broadcast"));
  const done = await desk.submit(who, form, { ...FILLED, ...more });
  expect(done.whisper).toContain("awaits approval");
  const [post] = await desk.posts();
  if (!post) throw new Error("nothing was posted");
  return post;
}

const press = (who: string, action: string, post: SlackPost) =>
  desk.click(who, action, buttonsOf(post.blocks)[action] ?? "", post.providerId);

async function approve(who: string, post: SlackPost): Promise<Answered> {
  const asked = await press(who, "broadcast_approve", post);
  return asked.view ? desk.submit(who, asked.view, { understood: ["yes"] }) : asked;
}

const status = async (): Promise<string | undefined> =>
  (await rows<{ status: string }>(desk.db, sql`select status from broadcasts`))[0]?.status;
const sent = () => rows(desk.db, sql`select 1 from messages where kind = 'broadcast'`);

describe("as many approvals as the risk calls for", () => {
  test("author and approver see the points and their reasons", async () => {
    const form = shown(await desk.command("ayanda", "broadcast"));
    const changed = shown(await desk.change("ayanda", form, { ...FILLED, ...GRAVE }));
    expect(textOf(changed)).toContain(
      "*Risk* 5 points: marked as delicate (3), an emergency, sent at any hour (2)",
    );
    expect(textOf(changed)).toContain("*Needs* an approver and a crisis lead, 2 different people");
    const post = await submitted(GRAVE);
    expect(textOf(post.blocks)).toContain("*Kind* Emergency, marked as delicate");
    expect(textOf(post.blocks)).toContain("*Risk* 5 points");
  });

  test("two people, each once: the first is shown, the second lets it go", async () => {
    const post = await submitted(DELICATE);
    const first = await approve("bongani", post);
    expect(first.whisper).toBe("Approved by you. It still needs an approver.");
    await first.again();
    await desk.fire();
    expect(await status()).toBe("awaiting_approval");
    expect(await sent()).toEqual([]);
    const [edited] = await desk.posts();
    expect(edited?.replaces).toBe(post.id);
    expect(textOf(edited?.blocks)).toMatch(/Approved by Bongani \(.*\)\. Still needed: an approver\./);
    expect((await approve("bongani", post)).whisper).toContain("You have approved this already");
    expect((await approve("fatima", post)).whisper).toContain("Your roles do not allow");
    expect((await approve("carol", post)).whisper).toBe("Approved. It goes out now.");
    const [closed] = await desk.posts();
    expect(textOf(closed?.blocks)).toMatch(/Approved by Bongani .* and Carol .* It goes out now/);
    await desk.fire();
    expect(await sent()).toHaveLength(5);
  });

  test("two at the same moment are two approvals, and it starts once", async () => {
    const post = await submitted(DELICATE);
    const asked = await Promise.all(["bongani", "carol"].map((who) => press(who, "broadcast_approve", post)));
    const views = asked.map(shown);
    await Promise.all(
      ["bongani", "carol"].map((who, n) => desk.submit(who, views[n] as ShownView, { understood: ["yes"] })),
    );
    await desk.fire();
    expect(await sent()).toHaveLength(5);
    expect((await desk.audit()).filter((act) => act === "broadcast.started")).toHaveLength(1);
  });

  test("a second account of the author, or of who approved, is the same person", async () => {
    const link = async (who: string, to: string): Promise<void> => {
      const [one, other] = [desk.staff[who], desk.staff[to]];
      if (one && other) await upsertStaff(desk.db, [{ ...one, sameAs: other.id }]);
    };
    await link("gugu", "ayanda");
    await link("carol", "bongani");
    const post = await submitted(DELICATE);
    expect((await approve("gugu", post)).whisper).toContain("your own work");
    expect((await approve("carol", post)).whisper).toContain("still needs");
    expect((await approve("bongani", post)).whisper).toContain("You have approved this already");
    expect((await approve("dumisa", post)).whisper).toContain("Approved. It goes out now");
  });

  test("the approval of somebody who has left counts no longer", async () => {
    const post = await submitted(DELICATE);
    await approve("bongani", post);
    const { bongani } = desk.staff;
    if (bongani) await upsertStaff(desk.db, [{ ...bongani, active: false }]);
    expect((await approve("carol", post)).whisper).toContain("It still needs an approver");
  });

  test("roles: an approver and a crisis lead, whoever comes first", async () => {
    const post = await submitted(GRAVE);
    expect((await approve("dumisa", post)).whisper).toContain("It still needs");
    expect((await approve("fatima", post)).whisper).toContain("Approved. It goes out now");
  });

  test("an edit voids what one of two has approved", async () => {
    const post = await submitted(DELICATE);
    await approve("bongani", post);
    const [{ id } = { id: "" }] = await rows<{ id: string }>(desk.db, sql`select id from broadcasts`);
    const form = shown(await desk.click("ayanda", "broadcast_edit", id, "home"));
    await desk.submit("ayanda", form, { ...FILLED, ...DELICATE, "text:en:": "Drink it as it is." });
    expect((await approve("carol", post)).whisper).toContain("changed since you looked");
    const fresh = (await desk.posts()).at(-1);
    if (!fresh) throw new Error("no new post");
    expect((await approve("carol", fresh)).whisper).toContain("It still needs an approver");
  });

  test("what is delicate no more is another content: its author has to ask again", async () => {
    const post = await submitted(DELICATE);
    await desk.db.execute(sql`update broadcasts set sensitive = false`);
    expect((await approve("bongani", post)).whisper).toContain("changed since you looked");
  });

  test("nobody decides: after the limit it is a draft again, and its author is told", async () => {
    const post = await submitted(DELICATE);
    await approve("bongani", post);
    await desk.posts();
    await desk.db.execute(sql`update timers set due_at = now() where kind = 'broadcast_lapse'`);
    await desk.fire();
    expect(await status()).toBe("draft");
    const [closed, told] = await desk.posts();
    expect(textOf(closed?.blocks)).toContain("Not approved within 30 days");
    expect(told?.address).toBe("slack:U0AYANDA");
    expect((await approve("carol", post)).whisper).toContain("is a draft");
  });

  test("an approval that is too old counts no longer", async () => {
    const post = await submitted(DELICATE);
    await approve("bongani", post);
    await desk.db.execute(sql`update approvals set at = now() - interval '31 days'`);
    expect((await approve("carol", post)).whisper).toContain("It still needs an approver");
  });

  test("too few people for it: its author is told at once", async () => {
    for (const who of ["carol", "dumisa", "gugu"]) {
      const one = desk.staff[who];
      if (one) await upsertStaff(desk.db, [{ ...one, active: false }]);
    }
    const form = shown(await desk.command("ayanda", "broadcast"));
    const done = await desk.submit("ayanda", form, { ...FILLED, ...DELICATE });
    expect(done.whisper).toContain("Too few people can approve this");
  });
});

describe("what cannot wait", () => {
  const REASON = "The reservoir is poisoned and nobody else answers the phone.";
  async function broken(who: string, post: SlackPost, reason = REASON): Promise<Answered> {
    const asked = await press(who, "broadcast_glass", post);
    return asked.view ? desk.submit(who, asked.view, { reason, understood: ["yes"] }) : asked;
  }
  const phone = async (who: string, number: string): Promise<void> => {
    const one = desk.staff[who];
    if (one) await upsertStaff(desk.db, [{ ...one, phone: number }]);
  };

  test("a crisis lead sends it; every approver is told at once, in Slack and by SMS", async () => {
    await phone("bongani", "+27825550001");
    const post = await submitted(GRAVE);
    const done = await broken("fatima", post);
    await done.again();
    expect(done.whisper).toContain("It goes out now. Every approver has been told");
    const posts = await desk.posts();
    expect(posts.map(({ address }) => address).sort()).toEqual([
      "slack:#approvals",
      "slack:#approvals",
      "slack:U0BONGANI",
      "slack:U0CAROL",
      "slack:U0DUMISA",
      "slack:U0GUGU",
    ]);
    expect(textOf(posts[0]?.blocks)).toContain(
      "without the approval of an approver and a crisis lead by Fatima",
    );
    const texts = await rows<{ text: string; priority: number }>(
      desk.db,
      sql`select text, priority from messages where address = 'sms:+27825550001'`,
    );
    expect(texts).toEqual([{ text: expect.stringContaining(REASON), priority: 0 }]);
    await desk.fire();
    expect(await sent()).toHaveLength(5);
    expect(await desk.audit()).toContain("broadcast.glass_broken");
  });

  test("nobody else may, and not without a reason, nor what was changed meanwhile", async () => {
    const post = await submitted(GRAVE);
    for (const who of ["ayanda", "bongani"])
      expect((await broken(who, post)).whisper).toContain("do not allow");
    expect((await broken("fatima", post, "urgent")).ack).toMatchObject({
      errors: { reason: expect.stringContaining("Say why") },
    });
    await desk.db.execute(sql`update broadcasts set texts = '{"en": "Vote for me"}'`);
    expect((await broken("fatima", post)).whisper).toContain("changed since you looked");
    expect(await status()).toBe("awaiting_approval");
  });

  test("the review stays open, and is asked for again, until somebody else has closed it", async () => {
    const post = await submitted(GRAVE);
    await broken("fatima", post);
    const review = (await desk.posts()).find(({ kind }) => kind === "review");
    if (!review) throw new Error("no review was posted");
    await desk.fire();
    await desk.posts();
    await desk.db.execute(
      sql`update timers set due_at = now() where kind = 'broadcast_review' and done_at is null`,
    );
    await desk.fire();
    const reminder = (await desk.posts()).find(({ kind }) => kind === "review");
    expect(reminder?.text).toContain("Open review: Water");
    expect((await press("fatima", "review_close", review)).whisper).toContain("somebody else");
    expect((await press("ayanda", "review_close", review)).whisper).toContain("An approver or a crisis lead");
    const asked = shown(await press("bongani", "review_close", review));
    const late = shown(await press("carol", "review_close", review));
    expect((await desk.submit("bongani", asked, { finding: "Right: lives were at stake." })).whisper).toBe(
      "The review is closed.",
    );
    expect((await desk.submit("carol", late, { finding: "x" })).whisper).toContain("closed already");
    expect(await desk.audit()).toContain("broadcast.reviewed");
    await desk.posts();
    await desk.db.execute(
      sql`update timers set due_at = now() where kind = 'broadcast_review' and done_at is null`,
    );
    await desk.fire();
    expect((await desk.posts()).filter(({ kind }) => kind === "review")).toEqual([]);
  });

  test("an author who is a crisis lead too sends their own, and does not review it", async () => {
    const { ayanda } = desk.staff;
    if (ayanda) await upsertStaff(desk.db, [{ ...ayanda, roles: ["author", "crisis_lead"] }]);
    const post = await submitted(GRAVE);
    expect((await broken("ayanda", post)).whisper).toContain("It goes out now");
    const review = (await desk.posts()).find(({ kind }) => kind === "review");
    if (!review) throw new Error("no review was posted");
    expect((await press("ayanda", "review_close", review)).whisper).toContain("somebody else");
  });
});
