import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addContact, rows } from "../../storage/index.ts";
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
import { broadcastTimer, progressTimer } from "../broadcast/index.ts";
import { fireOne } from "../timers.ts";
import { broadcastFeature } from "./broadcast.ts";
import { broadcastReportFeature } from "./broadcast-report.ts";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk({
    features: [broadcastFeature, broadcastReportFeature],
    timers: { broadcast: broadcastTimer, broadcast_progress: progressTimer },
    staff: {
      ayanda: ["author", "approver"],
      bongani: ["approver"],
      carol: ["viewer"],
      dumisa: ["admin"],
      esther: ["author"],
      fatima: ["crisis_lead"],
    },
    content: (content) => ({
      ...content,
      broadcasts: new Map([
        [
          "policy-update",
          {
            id: "policy-update",
            title: "Policy update",
            values: {},
            texts: { en: "New [policy]", zu: "Entsha [policy]" },
          },
        ],
      ]),
    }),
  });
  for (let n = 1; n <= 6; n++)
    await addContact(desk.db, {
      id: v7(),
      name: n === 6 ? "Stopped" : `Person ${n}`,
      language: n % 2 ? "en" : "zu",
      fields: { ward: n <= 3 ? 3 : 4 },
      addresses: [`sms:+2782000000${n}`],
    });
  await desk.db.execute(sql`update contacts set opted_out_at = now() where name = 'Stopped'`);
});
afterEach(() => desk.close());

const shown = ({ view, whisper, ack }: Answered): ShownView => {
  if (!view) throw new Error(`no modal: ${whisper ?? JSON.stringify(ack)}`);
  return view;
};

const FILLED: Entries = {
  title: "Water is back",
  "text:en:": "Hello {name|neighbour}, water is back in ward 3.",
};

/** Ayanda drafts and submits; returns the approval post. */
async function submitted(more: Entries = {}): Promise<SlackPost> {
  const form = shown(await desk.command("ayanda", "broadcast"));
  const done = await desk.submit("ayanda", form, { ...FILLED, ...more });
  expect(done.whisper).toContain("awaits approval in #approvals");
  return only(await desk.posts());
}

const only = (posts: readonly SlackPost[]): SlackPost => {
  const [post] = posts;
  if (!post || posts.length !== 1) throw new Error(`${posts.length} posts instead of one`);
  return post;
};

async function approve(who: string, post: SlackPost): Promise<Answered> {
  const value = buttonsOf(post.blocks).broadcast_approve ?? "";
  const asked = await desk.click(who, "broadcast_approve", value, post.providerId);
  return asked.view ? desk.submit(who, asked.view, { understood: ["yes"] }) : asked;
}

const status = async (): Promise<string | undefined> =>
  (await rows<{ status: string }>(desk.db, sql`select status from broadcasts`))[0]?.status;

const recipients = () =>
  rows<{ address: string; text: string; status: string }>(
    desk.db,
    sql`select address, text, status::text from messages where kind = 'broadcast' order by address`,
  );

describe("the form", () => {
  test("counts anew as it is filled in: people, channels, segments, encoding, cost", async () => {
    const form = shown(await desk.command("ayanda", "broadcast"));
    expect(textOf(form)).toContain("5 people: 5 by SMS");
    expect(textOf(form)).toContain("1 asked for no messages");
    const text =
      "Môre is daar water vir almal in die dorp en ook in wyk 3, drie en vier van agtuur af tot laat";
    const changed = shown(await desk.change("ayanda", form, { ...FILLED, "text:af:": text }));
    expect(textOf(changed)).toContain("*Afrikaans* 2 SMS segments each for 0");
    expect(textOf(changed)).toContain("_UCS-2_: it takes more segments because of ô (o would do)");
    expect(textOf(changed)).toMatch(/\*English\* up to 1 SMS segment each for 5/);
    const some = shown(await desk.change("ayanda", changed, { who: "some" }));
    expect(textOf(some)).toContain("*Reaches* nobody");
    const ward = shown(await desk.change("ayanda", some, { ...FILLED, who: "some", wards: ["3"] }));
    expect(textOf(ward)).toContain("3 people: 3 by SMS");
    const { sms } = desk.app.content.deployment.costs;
    expect(textOf(ward)).toContain(`R ${(3 * sms).toFixed(2)}`);
  });

  test("a text to begin from replaces the messages, and its blanks have to be filled in", async () => {
    const form = shown(await desk.command("ayanda", "broadcast"));
    const begun = shown(await desk.change("ayanda", form, { title: "T", template: "policy-update" }));
    const faulty = await desk.submit("ayanda", begun, { title: "T" });
    expect(faulty.ack).toMatchObject({
      response_action: "errors",
      errors: { "text:en:policy-update": "Fill in [policy].", "text:zu:policy-update": "Fill in [policy]." },
    });
    expect(await desk.posts()).toEqual([]);
  });

  test("faults stand at their inputs, and nothing is kept", async () => {
    const form = shown(await desk.command("ayanda", "broadcast"));
    const some = shown(await desk.change("ayanda", form, { who: "some" }));
    const faulty = await desk.submit("ayanda", some, {
      title: "T",
      "text:en:": "Hi {surname}",
      who: "some",
      send_at: "2020-01-01T08:00:00Z",
    });
    expect(Object.keys((faulty.ack as { errors: object }).errors).sort()).toEqual([
      "send_at",
      "text:en:",
      "who",
    ]);
    expect(await status()).toBeUndefined();
  });

  test("submitted twice by Slack it is one broadcast", async () => {
    const form = shown(await desk.command("ayanda", "broadcast"));
    const done = await desk.submit("ayanda", form, FILLED);
    await done.again();
    expect(await rows(desk.db, sql`select 1 from broadcasts`)).toHaveLength(1);
    expect(await desk.posts()).toHaveLength(1);
  });
});

describe("templates and placeholders", () => {
  const water = {
    id: "water-off",
    title: "Water off",
    kind: "emergency" as const,
    values: {
      area: { type: "text" as const, label: "Where" },
      day: { type: "date" as const, label: "On which day" },
    },
    texts: {
      en: "{name|Resident}, no water in {area} on {day}.",
      zu: "{name|Sakhamuzi}, awekho amanzi e-{area} ngo-{day}.",
    },
  };
  beforeEach(() => {
    const { content } = desk.app;
    Object.assign(content, { broadcasts: new Map([["water-off", water]]) });
  });

  async function begun(): Promise<ShownView> {
    const form = shown(await desk.command("ayanda", "broadcast"));
    return shown(await desk.change("ayanda", form, { title: "Water", template: "water-off" }));
  }
  const given = { "value:area:water-off": "Ward 3", "value:day:water-off": "2026-12-10" };

  test("values are asked for, written in each language's way, and previewed for real people", async () => {
    const view = shown(await desk.change("ayanda", await begun(), given));
    const words = textOf(view);
    expect(words).toContain("_the longest, Person 1:_ Person 1, no water in Ward 3 on 10 December 2026.");
    expect(words).toContain(
      "_the longest, Person 2:_ Person 2, awekho amanzi e-Ward 3 ngo-Disemba 10, 2026.",
    );
    const done = await desk.submit("ayanda", view);
    expect(done.whisper).toContain("awaits approval");
    const post = textOf(only(await desk.posts()).blocks);
    expect(post).toContain("*Begun from* water-off, version 1");
    expect(post).toContain("{name|Resident}, no water in Ward 3 on 10 December 2026.");
    expect(post).toContain("Person 2, awekho amanzi e-Ward 3 ngo-Disemba 10, 2026.");
    const [kept] = await rows<{ template: object; class: string }>(
      desk.db,
      sql`select template, message_class as class from broadcasts`,
    );
    expect(kept).toEqual({
      template: { id: "water-off", version: 1, values: { area: "Ward 3", day: "2026-12-10" } },
      class: "emergency",
    });
  });

  test("what was not given is asked for at its input", async () => {
    const faulty = await desk.submit("ayanda", await begun(), { "value:area:water-off": "Ward 3" });
    expect(faulty.ack).toMatchObject({
      errors: { "value:day:water-off": 'Fill in "On which day".' },
    });
    expect(await status()).toBeUndefined();
  });

  test("a changed template is another version; nobody can change one that was used", async () => {
    await desk.submit("ayanda", await begun(), given);
    Object.assign(desk.app.content, {
      broadcasts: new Map([["water-off", { ...water, texts: { ...water.texts, en: "{area}: {day}" } }]]),
    });
    await desk.submit("ayanda", await begun(), given);
    await desk.submit("ayanda", await begun(), given);
    expect(
      await rows(desk.db, sql`select (template->>'version')::int as version from broadcasts order by id`),
    ).toEqual([{ version: 1 }, { version: 2 }, { version: 2 }]);
    await expect(desk.db.execute(sql`update template_versions set definition = '{}'`)).rejects.toThrow();
  });

  test("a broadcast that is changed keeps the version it was begun from", async () => {
    await desk.submit("ayanda", await begun(), given);
    await desk.posts();
    Object.assign(desk.app.content, { broadcasts: new Map() });
    const [{ id = "" } = {}] = await rows<{ id: string }>(desk.db, sql`select id from broadcasts`);
    const form = shown(await desk.click("ayanda", "broadcast_edit", id));
    await desk.submit("ayanda", form, { title: "Water, changed" });
    expect(await rows(desk.db, sql`select title, template->>'version' as version from broadcasts`)).toEqual([
      { title: "Water, changed", version: "1" },
    ]);
  });

  test("a field that nobody has is refused with the near names, one that some lack needs words of its own", async () => {
    const submit = async (text: string) => {
      const form = shown(await desk.command("ayanda", "broadcast"));
      const done = await desk.submit("ayanda", form, { ...FILLED, "text:en:": text });
      return (done.ack as { errors?: Record<string, string> }).errors?.["text:en:"] ?? done.whisper;
    };
    expect(await submit("Water off in ward {wrad|yours}")).toContain("Did you mean {ward}?");
    expect(await submit("Water off in {colour}")).toContain("There is: {name}, {ward}.");
    await desk.db.execute(sql`update contacts set fields = '{}' where name = 'Person 1'`);
    expect(await submit("Water off in ward {ward}")).toContain("{ward} is not known of 1 person");
    expect(await submit("Water off in {ward|your ward}")).toContain("awaits approval");
    const post = textOf(only(await desk.posts()).blocks);
    expect(post).toContain("_without ward, Person 1:_ Water off in your ward");
  });

  test("guidelines: what blocks stops it, what advises is shown to author and approver by its rule", async () => {
    const rule = (id: string, level: "block" | "advise", avoided: string) => ({
      id,
      level,
      kinds: [],
      rule: { kind: "avoid" as const, words: { en: { [avoided]: "use" } } },
    });
    Object.assign(desk.app.content, {
      guidelines: {
        rules: [rule("plain-words", "advise", "utilise"), rule("no-jargon", "block", "leverage")],
        domains: [],
        domainLevel: "advise",
      },
    });
    const form = shown(await desk.command("ayanda", "broadcast"));
    const faulty = await desk.submit("ayanda", form, { ...FILLED, "text:en:": "We leverage water" });
    expect(faulty.ack).toMatchObject({ errors: { "text:en:": 'Instead of "leverage" write "use".' } });
    const seen = shown(await desk.change("ayanda", form, { ...FILLED, "text:en:": "We utilise water" }));
    expect(textOf(seen)).toContain('English: Instead of "utilise" write "use". _plain-words_');
    await desk.submit("ayanda", seen);
    expect(textOf(only(await desk.posts()).blocks)).toContain("_plain-words_");
  });
});

describe("approval", () => {
  test("the post shows the exact texts, reach, cost and what is approved", async () => {
    const post = await submitted({ "text:zu:": "<Sawubona> *amanzi* abuyile!" });
    expect(post.address).toBe("slack:#approvals");
    const words = textOf(post.blocks);
    expect(words).toContain("<Sawubona> *amanzi* abuyile!");
    expect(words).toContain("5 people: 5 by SMS");
    expect(words).toContain("By Ayanda, who cannot approve it");
    expect(words).toMatch(/\*[0-9a-f]{8}\*: any change asks again/);
  });

  test("nobody approves their own, even with the role", async () => {
    const post = await submitted();
    expect((await approve("ayanda", post)).whisper).toContain("your own work");
    expect(await status()).toBe("awaiting_approval");
    // The modal of somebody else does not help either.
    const asked = await desk.click(
      "bongani",
      "broadcast_approve",
      buttonsOf(post.blocks).broadcast_approve ?? "",
      post.providerId,
    );
    const stolen = await desk.submit("ayanda", shown(asked), { understood: ["yes"] });
    expect(stolen.whisper).toContain("your own work");
    expect(await status()).toBe("awaiting_approval");
  });

  test("a second person approves: it goes out to each person once, in their language, with their name", async () => {
    const post = await submitted({ "text:zu:": "Sawubona {name|makhelwane}, amanzi abuyile ku-ward 3." });
    const approved = await approve("bongani", post);
    expect(approved.whisper).toBe("Approved. It goes out now.");
    await approved.again();
    const edited = only(await desk.posts());
    expect(edited.replaces).toBe(post.id);
    expect(textOf(edited.blocks)).toContain("Approved by Bongani");
    expect(buttonsOf(edited.blocks)).toEqual({});
    await desk.fire();
    expect(await recipients()).toEqual([
      { address: "sms:+27820000001", text: "Hello Person 1, water is back in ward 3.", status: "queued" },
      { address: "sms:+27820000002", text: "Sawubona Person 2, amanzi abuyile ku-ward 3.", status: "queued" },
      { address: "sms:+27820000003", text: "Hello Person 3, water is back in ward 3.", status: "queued" },
      { address: "sms:+27820000004", text: "Sawubona Person 4, amanzi abuyile ku-ward 3.", status: "queued" },
      { address: "sms:+27820000005", text: "Hello Person 5, water is back in ward 3.", status: "queued" },
    ]);
    expect(await status()).toBe("sending");
    expect(await desk.audit()).toEqual([
      "broadcast.drafted",
      "broadcast.submitted",
      "broadcast.approved",
      "broadcast.started",
    ]);
  });

  test("the box has to be ticked", async () => {
    const post = await submitted();
    const asked = await desk.click(
      "bongani",
      "broadcast_approve",
      buttonsOf(post.blocks).broadcast_approve ?? "",
      post.providerId,
    );
    expect(textOf(shown(asked))).toContain("I understand that this writes to 5 people");
    const unticked = await desk.submit("bongani", shown(asked));
    expect(unticked.ack).toMatchObject({ response_action: "errors" });
    expect(await status()).toBe("awaiting_approval");
  });

  test("returned with a reason: its author is told, changes it, and the old button is void", async () => {
    const post = await submitted();
    const value = buttonsOf(post.blocks).broadcast_return ?? "";
    const asked = shown(await desk.click("bongani", "broadcast_return", value, post.providerId));
    expect((await desk.submit("bongani", asked, { reason: "Name the street" })).whisper).toContain(
      "Returned",
    );
    const [closed, toldAuthor] = await desk.posts();
    expect(textOf(closed?.blocks)).toContain("Returned by Bongani");
    expect(toldAuthor?.address).toBe("slack:U0AYANDA");
    expect(textOf(toldAuthor?.blocks)).toContain("Name the street");
    expect(await status()).toBe("draft");

    const id = buttonsOf(toldAuthor?.blocks ?? []).broadcast_edit ?? "";
    expect((await desk.click("esther", "broadcast_edit", id, toldAuthor?.providerId)).whisper).toContain(
      "Only its author",
    );
    const form = shown(await desk.click("ayanda", "broadcast_edit", id, toldAuthor?.providerId));
    expect((await desk.submit("ayanda", form)).whisper).toContain("awaits approval");
    const again = only(await desk.posts());
    expect((await approve("bongani", post)).whisper).toContain("changed since you looked");
    expect((await approve("bongani", again)).whisper).toContain("Approved");
  });

  test("an edit voids what was shown, and an approval that was given", async () => {
    const post = await submitted({ send_at: new Date(Date.now() + 3600_000).toISOString() });
    expect((await approve("bongani", post)).whisper).toContain("It goes out");
    expect(await status()).toBe("scheduled");
    await desk.posts();
    const [{ id } = { id: "" }] = await rows<{ id: string }>(desk.db, sql`select id from broadcasts`);
    const form = shown(await desk.click("ayanda", "broadcast_edit", id, "home"));
    await desk.submit("ayanda", form, { ...FILLED, "text:en:": "Something else altogether." });
    const [voided, fresh] = await desk.posts();
    expect(voided?.replaces).toBe(post.id);
    expect(textOf(voided?.blocks)).toContain("counts no longer");
    expect(await status()).toBe("awaiting_approval");
    // The time of the old approval comes, and nothing goes out.
    await desk.db.execute(sql`update timers set due_at = now() where kind = 'broadcast'`);
    await desk.fire();
    expect(await recipients()).toEqual([]);
    expect((await approve("bongani", post)).whisper).toContain("changed since you looked");
    if (!fresh) throw new Error("no new post");
    expect((await approve("bongani", fresh)).whisper).toContain("Approved");
  });

  test("what was changed behind the program's back is not approved", async () => {
    const post = await submitted();
    await desk.db.execute(sql`update broadcasts set texts = '{"en": "Vote for me"}'`);
    expect((await approve("bongani", post)).whisper).toContain("changed since you looked");
  });

  test("an audience that has grown since the approval is asked about again", async () => {
    const post = await submitted({ send_at: new Date(Date.now() + 3600_000).toISOString() });
    await approve("bongani", post);
    await desk.posts();
    for (let n = 10; n < 40; n++) await addContact(desk.db, { id: v7(), addresses: [`sms:+278300000${n}`] });
    await desk.db.execute(sql`update timers set due_at = now() where kind = 'broadcast'`);
    await desk.fire();
    expect(await status()).toBe("awaiting_approval");
    expect(await recipients()).toEqual([]);
    const [voided, fresh] = await desk.posts();
    expect(textOf(voided?.blocks)).toContain("approval is void");
    expect(textOf(fresh?.blocks)).toContain("approved for 5 people; the audience has 35 people now");
    if (!fresh) throw new Error("no new post");
    expect((await approve("bongani", fresh)).whisper).toContain("Approved");
  });

  test.each(["ayanda", "bongani", "carol", "dumisa", "esther", "fatima", "stranger"])(
    "who may what: %s",
    async (who) => {
      const may = {
        ayanda: { draft: true, approve: false },
        bongani: { draft: false, approve: true },
        carol: { draft: false, approve: false },
        dumisa: { draft: false, approve: false },
        esther: { draft: true, approve: false },
        fatima: { draft: false, approve: false },
        stranger: { draft: false, approve: false },
      }[who];
      expect((await desk.command(who, "broadcast")).view !== undefined).toBe(may?.draft);
      const post = await submitted();
      await approve(who, post);
      expect((await status()) === "approved").toBe(may?.approve);
    },
  );
});

describe("while it is sent", () => {
  async function sending(): Promise<SlackPost> {
    await approve("bongani", await submitted());
    await desk.posts();
    await desk.fire();
    const post = (await desk.posts()).findLast(({ kind }) => kind === "broadcast_progress");
    if (!post) throw new Error("no progress is shown");
    return post;
  }
  const later = async () => {
    await desk.db.execute(
      sql`update timers set due_at = now() where kind = 'broadcast_progress' and done_at is null`,
    );
    await desk.fire();
    return desk.posts();
  };
  const press = (who: string, what: string, post: SlackPost) =>
    desk.click(who, `broadcast_${what}`, buttonsOf(post.blocks)[`broadcast_${what}`] ?? "", post.providerId);

  test("the post keeps itself up to date, counts each end, and ends in a summary", async () => {
    const post = await sending();
    await desk.db.execute(
      sql`update messages set status = 'sent' where kind = 'broadcast' and address like '%1'`,
    );
    await desk.db.execute(
      sql`update messages set status = 'delivered' where kind = 'broadcast' and address like '%2'`,
    );
    const [edit] = await later();
    expect(edit?.replaces).toBe(post.id);
    expect(edit?.text).toContain("Queued 3, Sent 1, Delivered 1, Failed 0, Opted out 0");
    expect(await later()).toEqual([]);
    await desk.db.execute(
      sql`update messages set status = 'cancelled', failure = 'opted_out' where kind = 'broadcast' and address like '%3'`,
    );
    await desk.db.execute(
      sql`update messages set status = 'failed', failure = 'unreachable', possible_duplicates = 1 where kind = 'broadcast' and address like '%4'`,
    );
    await desk.db.execute(
      sql`update messages set status = 'failed', failure = 'in_doubt' where kind = 'broadcast' and address like '%5'`,
    );
    const [summary] = await later();
    expect(summary?.text).toBe(
      "Sent: Water is back. Queued 0, Sent 1, Delivered 1, Failed 1, Opted out 1, Held in doubt 1, Possible duplicates 1",
    );
    expect(textOf(summary?.blocks)).toContain("1 phone off or out of coverage");
    expect(Object.keys(buttonsOf(summary?.blocks ?? []))).toEqual(["broadcast_report"]);
    expect(await status()).toBe("sent");
    // A late receipt still counts.
    await desk.db.execute(
      sql`update messages set status = 'delivered' where kind = 'broadcast' and status = 'sent'`,
    );
    expect((await later())[0]?.text).toContain("Delivered 2");
    expect(await desk.audit()).toContain("broadcast.sent");

    if (!summary) throw new Error("no summary");
    await press("bongani", "report", summary);
    const report = only(await desk.posts());
    expect(report.text).toContain(
      "Report: Water is back. 2 of 5 people delivered (40 %), 1 failed, 1 said STOP",
    );
    expect(textOf(report.blocks)).toContain("1 phone off or out of coverage");
    expect(textOf(report.blocks)).toContain("SMS: 2 of 5");
    // Nothing more can come of the one in doubt once staff have decided: the report is posted by itself.
    await desk.db.execute(sql`update messages set status = 'failed', failure = 'unknown_outcome'
      where kind = 'broadcast' and failure = 'in_doubt'`);
    await desk.db.execute(sql`update broadcast_reports set counted_at = now() - interval '1 hour'`);
    const last = await later();
    expect(last.map(({ kind }) => kind)).toEqual(["broadcast_progress", "broadcast_report"]);
    expect(last.at(-1)?.text).toContain("2 failed");
    const listed = await desk.command("bongani", "reports");
    expect(JSON.stringify(listed.calls)).toContain("Water is back");
  });

  test("pause holds the batches, resume lets them go, each once; only one timer watches", async () => {
    const post = await sending();
    const batches = () =>
      rows<{ paused: boolean }>(desk.db, sql`select paused from outbox_batches where channel = 'sms'`);
    const paused = await press("ayanda", "pause", post);
    await paused.again();
    expect(await status()).toBe("paused");
    expect(await batches()).toEqual([{ paused: true }]);
    const edit = only(await desk.posts());
    expect(edit.text).toContain("Paused: Water is back");
    expect((await press("bongani", "pause", post)).whisper).toContain("is paused");
    await desk.posts();
    await press("bongani", "resume", edit);
    expect(await status()).toBe("sending");
    expect(await batches()).toEqual([{ paused: false }]);
    await later();
    expect(
      await rows(desk.db, sql`select 1 from timers where kind = 'broadcast_progress' and done_at is null`),
    ).toHaveLength(1);
    const acts = (await desk.audit()).filter((action) => /paused|resumed/.test(action));
    expect(acts).toEqual(["broadcast.paused", "broadcast.resumed"]);
  });

  test("cancel withholds what is queued; a stale button answers how it stands", async () => {
    const post = await sending();
    await desk.db.execute(
      sql`update messages set status = 'delivered' where kind = 'broadcast' and address like '%1'`,
    );
    await press("ayanda", "cancel", post);
    expect((await recipients()).map((r) => r.status)).toEqual(["delivered", ...Array(4).fill("cancelled")]);
    expect(await status()).toBe("cancelled");
    expect(only(await desk.posts()).text).toContain(
      "Cancelled: Water is back. Queued 0, Sent 0, Delivered 1",
    );
    expect((await press("ayanda", "pause", post)).whisper).toContain("was cancelled");
    expect((await press("carol", "cancel", post)).whisper).toContain("do not allow");
  });

  test("paused while it is drawn up it goes on where it stopped: nobody twice, nobody missed", async () => {
    await approve("bongani", await submitted());

    // The start alone: one timer.
    await fireOne(desk.app, { broadcast: broadcastTimer });
    expect(await status()).toBe("drawing_up");
    const [{ id } = { id: "" }] = await rows<{ id: string }>(desk.db, sql`select id from broadcasts`);
    await desk.click("ayanda", "broadcast_pause", id, "home");
    await desk.fire();
    expect(await recipients()).toEqual([]);
    await desk.click("ayanda", "broadcast_resume", id, "home");
    await desk.fire();
    expect(await recipients()).toHaveLength(5);
    expect(await status()).toBe("sending");
  });

  test("it expires: what has not gone out is not sent", async () => {
    const soon = new Date(Date.now() + 3600_000).toISOString();
    await approve("bongani", await submitted({ expires_at: soon }));
    await desk.fire();
    expect(
      (await rows(desk.db, sql`select 1 from messages where kind = 'broadcast' and expires_at is not null`))
        .length,
    ).toBe(5);
    await desk.db.execute(sql`update broadcasts set expires_at = now() - interval '1 second'`);
    await desk.db.execute(sql`update timers set due_at = now() where kind = 'broadcast'`);
    await desk.fire();
    expect(await status()).toBe("expired");
    expect((await recipients()).every((r) => r.status === "cancelled")).toBe(true);
  });
});

describe("App Home", () => {
  test("shows what awaits whom", async () => {
    await submitted();
    const views = async (who: string) => (await desk.openHome(who)).calls[0]?.arguments.view as ShownView;
    const own = await views("ayanda");
    expect(textOf(own)).toContain("Water is back");
    expect(Object.keys(buttonsOf(own.blocks)).sort()).toEqual([
      "broadcast_cancel",
      "broadcast_edit",
      "broadcast_new",
    ]);
    expect(Object.keys(buttonsOf((await views("bongani")).blocks)).sort()).toEqual([
      "broadcast_approve",
      "broadcast_cancel",
      "broadcast_return",
    ]);
    expect(Object.keys(buttonsOf((await views("carol")).blocks))).toEqual([]);
    expect(textOf(await views("stranger"))).toContain("not linked");
  });
});
