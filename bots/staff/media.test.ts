import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  countOpenEnquiries,
  enquiryContext,
  findEnquiry,
  findLiaisonByAddress,
  listAcknowledgements,
  listConsent,
  openSecrets,
  PRIORITY,
  type Role,
  rows,
  type StaffMember,
  upsertStaff,
  verifyAudit,
} from "#storage";
import { type CitizenApp, openCitizenApp } from "../../test/support/citizen-app.ts";
import { openTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import { answerEnquiry, registerLiaison } from "../media/index.ts";
import { commit, type Unit } from "../unit.ts";
import { media } from "./media.ts";
import type { Answer, Form, GuestAsked } from "./registry.ts";

const DESK = "slack:#media-desk";

let database: TestDatabase;
let town: CitizenApp;
let officer: StaffMember;
let admin: StaffMember;
let viewer: StaffMember;

beforeAll(async () => {
  database = await openTestDatabase();
  town = openCitizenApp(database);
  [officer, admin, viewer] = await Promise.all([
    member("thandi", "media_liaison"),
    member("root", "admin"),
    member("vusi", "viewer"),
  ]);
});
afterAll(() => database.close());

async function member(handle: string, ...roles: Role[]): Promise<StaffMember> {
  const person = {
    id: v7(),
    name: handle,
    slackUserId: `U0${handle.toUpperCase()}`,
    phone: null,
    language: "en",
    roles,
    handle,
    duties: [],
    active: true,
  };
  const [stored] = await upsertStaff(database.db, [person]);
  return stored ?? person;
}

const act = <T>(work: (unit: Unit) => Promise<T>): Promise<T> => commit(town.app, work);

async function liaison(address: string, outlet = "Daily <News>") {
  const [channel, at = ""] = address.split(":", 2);
  const registered = await act((unit) =>
    registerLiaison(unit, officer, { name: "Zinhle", outlet, channel: channel as "sms", at }),
  );
  if (!registered.ok) throw new Error(registered.words);
  return registered.liaison;
}

/** A statement that was released as `versions` versions, each sent to the contact. */
async function released(contactId: string, address: string, versions: number): Promise<readonly string[]> {
  const statementId = v7();
  const ids = Array.from({ length: versions }, () => v7());
  await database.db.execute(
    sql`insert into statements (id, title) values (${statementId}, 'Boil your water')`,
  );
  for (const [n, id] of ids.entries())
    await act(async ({ tx, send }) => {
      await tx.execute(sql`
        insert into statement_versions (id, statement_id, version, kind, texts, audience, content_hash, status,
          created_by, released_at)
        values (${id}, ${statementId}, ${n + 1}, 'update', '{"en":"Boil it."}'::jsonb, '{}'::jsonb, 'x',
          ${n + 1 === versions ? "released" : "superseded"}, ${officer.id}, now())`);
      await send([
        { to: address, contactId, text: `v${n + 1}`, priority: PRIORITY.bulk, kind: "statement", ref: id },
      ]);
    });
  return ids;
}

const confirmedBy = async (versionId: string) =>
  (await listAcknowledgements(database.db, versionId)).map(({ outlet }) => outlet);

interface Posted {
  readonly id: string;
  readonly ref: string;
  readonly text: string;
  readonly shown: string;
  readonly replaces: string | null;
  readonly thread: string | null;
}
const desk = () =>
  rows<Posted>(
    database.db,
    sql`select id, ref, text, text || coalesce(extras->>'blocks', '') as shown, extras->>'replaces' as replaces,
          extras->>'thread' as thread
        from messages where address = ${DESK} order by id`,
  );
const lastOnDesk = async (): Promise<Posted> => {
  const post = (await desk()).at(-1);
  if (!post) throw new Error("nothing was posted on the media desk");
  return post;
};

describe("from a phone", () => {
  test.each([
    ["OK", 2],
    ["ok.", 2],
    ["Ontvang", 2],
    ["ACK 2", 2],
    ["Received v2", 2],
    ["OK, thank you", 2],
    ["👍🏽", 2],
    ["OK 1", 1],
    ["OK version 1, dankie", 1],
  ])("%s confirms version %i of what was sent", async (text, version) => {
    const from = `sms:${town.nextNumber()}`;
    const { contactId, outlet } = await liaison(from);
    const ids = await released(contactId, from, 2);
    const before = (await desk()).length;
    await town.write(from, text);
    expect(await confirmedBy(ids[version - 1] ?? "")).toEqual([outlet]);
    expect(await confirmedBy(ids[2 - version] ?? "")).toEqual([]);
    expect((await town.heard(from)).at(-1)).toBe(
      `liaison_acknowledged/en {"title":"Boil your water","version":${version}}`,
    );
    expect(await desk()).toHaveLength(before);
  });

  test("confirming twice keeps one acknowledgement and one entry of the audit log, and is answered twice", async () => {
    const from = `sms:${town.nextNumber()}`;
    const { contactId } = await liaison(from);
    const [id = ""] = await released(contactId, from, 1);
    await town.write(from, "OK");
    await town.write(from, "OK");
    expect(await confirmedBy(id)).toHaveLength(1);
    const logged = await rows(
      database.db,
      sql`select 1 from audit_log where action = 'statement.acknowledged' and subject = ${`statement:${id}`}`,
    );
    expect(logged).toHaveLength(1);
    expect((await town.heard(from)).filter((text) => text.startsWith("liaison_acknowledged"))).toHaveLength(
      2,
    );
  });

  test.each(["OK 9", "OK, but is the clinic's water safe?", "Received when?"])(
    "%s is a question",
    async (text) => {
      const from = `sms:${town.nextNumber()}`;
      const { contactId } = await liaison(from);
      const [id = ""] = await released(contactId, from, 1);
      await town.write(from, text);
      expect(await confirmedBy(id)).toEqual([]);
      expect((await lastOnDesk()).shown).toContain(`> ${text}`);
    },
  );

  test("OK to nothing, and thanks, open no enquiry", async () => {
    const from = `sms:${town.nextNumber()}`;
    await liaison(from);
    const before = await countOpenEnquiries(database.db);
    await town.write(from, "OK");
    await town.write(from, "Thank you!");
    expect(await countOpenEnquiries(database.db)).toBe(before);
  });

  test("a question is sealed, opens a thread, and its answer goes where it came from", async () => {
    const from = `whatsapp:${town.nextNumber()}`;
    const { id: liaisonId } = await liaison(from);
    const asked = "Is <!channel> the dam & river safe?";
    await town.write(from, asked);
    const post = await lastOnDesk();
    expect(post.shown).toContain("&lt;!channel&gt; the dam &amp; river");
    expect(post.shown).toContain("Daily &lt;News&gt;");
    expect(post.shown).not.toContain("<!channel>");
    const enquiry = await findEnquiry(database.db, post.ref);
    if (!enquiry) throw new Error("no enquiry");
    expect(enquiry).toMatchObject({ liaisonId, address: from, status: "open" });
    expect(enquiry.question).not.toContain("dam");
    expect(town.app.secrets.decrypt(enquiry.question, enquiryContext(enquiry.id))).toBe(asked);
    const reference = `E-${enquiry.number}`;
    expect(await town.heard(from)).toEqual([`enquiry_received/en {"reference":"${reference}"}`]);

    const refusedTo = await act((unit) => answerEnquiry(unit, enquiry.id, admin, "Yes"));
    expect(refusedTo).toMatchObject({ ok: false, code: "not_allowed" });
    expect(await town.heard(from)).toEqual([]);

    const reply = media.threads?.enquiry;
    expect(reply?.permission).toBe("enquiries.answer");
    const parent = { id: post.id, kind: "enquiry", ref: enquiry.id, providerId: "C1:1" };
    const said = await act((unit) =>
      Promise.resolve(
        reply?.run(unit, {
          staff: officer,
          slackUserId: "U0THANDI",
          channel: "C1",
          parent,
          text: "It is safe & tested.",
          providerId: "C1:2",
        }),
      ),
    );
    expect(said).toMatchObject({ kind: "whisper", text: expect.stringContaining("Sent to *Zinhle*") });
    expect(await town.heard(from)).toEqual([`${reference}: It is safe & tested.`]);
    expect((await findEnquiry(database.db, enquiry.id))?.status).toBe("answered");
    expect(await lastOnDesk()).toMatchObject({
      replaces: enquiry.id,
      shown: expect.stringContaining("Answered by thandi"),
    });
  });

  test("what follows soon joins the thread; after the answer it is a new enquiry", async () => {
    const from = `sms:${town.nextNumber()}`;
    await liaison(from);
    await town.write(from, "Is it safe?");
    const { ref } = await lastOnDesk();
    const before = (await desk()).length;
    await town.write(from, "And for babies?");
    const more = await lastOnDesk();
    expect(more).toMatchObject({ ref, thread: ref, text: "> And for babies?" });
    const enquiry = await findEnquiry(database.db, ref);
    expect(town.app.secrets.decrypt(enquiry?.question ?? "", enquiryContext(ref))).toBe(
      "Is it safe?\nAnd for babies?",
    );
    await act((unit) => answerEnquiry(unit, ref, officer, "Yes."));
    expect((await lastOnDesk()).shown).toContain("> And for babies?");
    await town.write(from, "Who tested it?");
    expect((await lastOnDesk()).ref).not.toBe(ref);
    expect(await desk()).toHaveLength(before + 3);
    // A second answer is sent as well, and shown in the thread only.
    await act((unit) => answerEnquiry(unit, ref, officer, "Also for babies."));
    expect((await town.heard(from)).at(-1)).toContain("Also for babies.");
    expect(await desk()).toHaveLength(before + 3);
  });

  test("in a crisis, confirmation, question and answer stand on its timeline, without the question", async () => {
    const from = `sms:${town.nextNumber()}`;
    const { contactId, outlet } = await liaison(from);
    const [id = ""] = await released(contactId, from, 1);
    const crisisId = v7();
    await database.db.execute(sql`
      insert into crises (id, protocol, protocol_hash, definition, title, severity, audience, state)
      values (${crisisId}, 'water', 'x', '{"holding":{},"channels":["sms"]}'::jsonb, 'Water', 2, '{}'::jsonb, '{}'::jsonb)`);
    await database.db.execute(sql`
      update statements set crisis_id = ${crisisId}
      where id = (select statement_id from statement_versions where id = ${id})`);
    await town.write(from, "OK");
    await town.write(from, "Which dam?");
    const { ref } = await lastOnDesk();
    await act((unit) => answerEnquiry(unit, ref, officer, "All of them"));
    const entries = await rows<{ kind: string; words: string }>(
      database.db,
      sql`select kind, words from crisis_timeline where crisis_id = ${crisisId} order by seq`,
    );
    const reference = `E-${(await findEnquiry(database.db, ref))?.number}`;
    expect(entries).toEqual([
      { kind: "statement_confirmed", words: `${outlet} confirmed statement v1.` },
      { kind: "enquiry_received", words: `${outlet} sent enquiry ${reference}.` },
      { kind: "enquiry_answered", words: `thandi answered enquiry ${reference}.` },
    ]);
  });

  test("a question that was sealed with another key can still be answered", async () => {
    const from = `sms:${town.nextNumber()}`;
    await liaison(from);
    await town.write(from, "Is it safe?");
    const { ref } = await lastOnDesk();
    await database.db.execute(
      sql`update enquiries set question = ${openSecrets("cd".repeat(32)).encrypt("?", "elsewhere")} where id = ${ref}`,
    );
    expect(await act((unit) => answerEnquiry(unit, ref, officer, "Yes."))).toMatchObject({ ok: true });
    expect((await lastOnDesk()).shown).toContain("cannot be read");
  });

  test("STOP stops before anything else, and then no answer goes out", async () => {
    const from = `sms:${town.nextNumber()}`;
    const { contactId } = await liaison(from);
    await town.write(from, "Who is liable?");
    const { ref } = await lastOnDesk();
    await town.write(from, "STOP");
    expect((await listConsent(database.db, contactId)).at(-1)?.kind).toBe("opt_out");
    expect(await act((unit) => answerEnquiry(unit, ref, officer, "Nobody"))).toMatchObject({
      ok: false,
      code: "no_reach",
    });
  });
});

describe("in Slack", () => {
  const asked = (slackUserId: string, text: string, more: Partial<GuestAsked> = {}): GuestAsked => ({
    slackUserId,
    channel: "D1",
    providerId: `D1:${v7()}`,
    text,
    ...more,
  });
  const write = (one: GuestAsked) =>
    act((unit) => media.guestMessage?.(unit, one) ?? Promise.resolve(undefined));
  const click = (one: GuestAsked) =>
    act((unit) => media.guestActions?.["liaison.acknowledge"]?.(unit, one) ?? Promise.resolve(undefined));

  test("a liaison confirms by the button, which names its version", async () => {
    const { contactId, outlet } = await liaison("slack:U0PRESS1");
    const [first = "", second = ""] = await released(contactId, "slack:U0PRESS1", 2);
    expect(await click(asked("U0PRESS1", first))).toEqual({ kind: "close" });
    expect(await confirmedBy(first)).toEqual([outlet]);
    expect(await confirmedBy(second)).toEqual([]);
  });

  test("a liaison asks; Slack's repetition of it changes nothing", async () => {
    await liaison("slack:U0PRESS2");
    const before = (await desk()).length;
    const one = asked("U0PRESS2", "When is the briefing?");
    expect(await write(one)).toEqual({ kind: "close" });
    expect(await write(one)).toEqual({ kind: "close" });
    expect(await desk()).toHaveLength(before + 1);
    expect(await town.heard("slack:U0PRESS2")).toHaveLength(1);
  });

  test("STOP of a liaison in Slack counts", async () => {
    const { contactId } = await liaison("slack:U0PRESS3");
    await write(asked("U0PRESS3", "STOP"));
    expect((await listConsent(database.db, contactId)).at(-1)?.kind).toBe("opt_out");
  });

  test("who is not registered is told so, by button and by words; other threads are left alone", async () => {
    const told = { kind: "whisper", text: expect.stringContaining("enquiry_unregistered") };
    expect(await write(asked("U0NOBODY", "Hello?"))).toMatchObject(told);
    expect(await click(asked("U0NOBODY", v7()))).toMatchObject(told);
    const parent = { id: v7(), kind: "inbox", ref: v7(), providerId: "C1:1" };
    expect(await write(asked("U0NOBODY", "Hello?", { parent }))).toBeUndefined();
  });
});

describe("the list of liaisons", () => {
  const command = (staff: StaffMember, rest: string) =>
    act((unit) => {
      const run = media.commands?.[0]?.run;
      if (!run) throw new Error("no command");
      return run(unit, { staff, slackUserId: staff.slackUserId ?? "", rest });
    });
  const submit = (given: Readonly<Record<string, string>>) => {
    const form: Form = {
      text: (id) => given[id] ?? "",
      choice: (id) => given[id],
      choices: () => [],
      moment: () => undefined,
      day: () => undefined,
      any: (id) => given[id] ?? "",
    };
    return act<Answer | undefined>((unit) => {
      const view = media.views?.["liaison.register"];
      if (!view) throw new Error("no view");
      return view.run(unit, { staff: officer, slackUserId: "U0THANDI", form, metadata: "" });
    });
  };
  const FILLED = {
    name: "Pieter",
    outlet: "Ons Koerant",
    language: "af",
    channel: "sms",
    at: "082 555 0101",
  };

  test("a form opens for who may register, and for nobody else", async () => {
    expect(await command(officer, "add")).toMatchObject({
      kind: "open",
      view: { callback_id: "liaison.register" },
    });
    expect(await command(viewer, "add")).toMatchObject({ kind: "whisper" });
  });

  test("what was filled in makes a liaison, in E.164 and their language; once more brings them up to date", async () => {
    expect(await submit(FILLED)).toMatchObject({
      kind: "whisper",
      text: expect.stringContaining("is registered"),
    });
    const first = await findLiaisonByAddress(database.db, "sms:+27825550101");
    expect(first).toMatchObject({ name: "Pieter", outlet: "Ons Koerant", language: "af", beat: null });
    await submit({ ...FILLED, beat: "Water", channel: "whatsapp" });
    const again = await findLiaisonByAddress(database.db, "sms:+27825550101");
    expect(again).toMatchObject({ id: first?.id, beat: "Water", address: "whatsapp:+27825550101" });
  });

  test.each([
    ["at", { at: "12345" }],
    ["at", { channel: "slack", at: "Pieter" }],
    ["at", { channel: "slack", at: "U0THANDI" }],
    ["channel", { channel: "fax" }],
    ["language", { language: "tlh" }],
    ["name", { name: "" }],
  ])("a fault is shown at %s: %j", async (block, wrong) => {
    expect(await submit({ ...FILLED, ...wrong })).toMatchObject({
      kind: "errors",
      errors: { [block]: expect.any(String) },
    });
  });

  test("the list shows no whole number, and buttons only to who may use them", async () => {
    await liaison(`sms:+27825550199`, "Radio <Umhlanzi>");
    const shown = JSON.stringify(await command(officer, ""));
    expect(shown).toContain("Radio &lt;Umhlanzi&gt;");
    expect(shown).toContain("SMS …0199");
    expect(shown).not.toContain("27825550199");
    expect(shown).toContain("liaison.retire");
    expect(JSON.stringify(await command(viewer, ""))).not.toContain("liaison.retire");
  });

  test("who is removed writes as any citizen", async () => {
    const from = `sms:${town.nextNumber()}`;
    const { id } = await liaison(from);
    await act((unit) => {
      const run = media.actions?.["liaison.retire"]?.run;
      if (!run) throw new Error("no action");
      return run(unit, { staff: officer, slackUserId: "U0THANDI", value: id, onHome: false });
    });
    const before = await countOpenEnquiries(database.db);
    await town.write(from, "Is it safe?");
    expect(await countOpenEnquiries(database.db)).toBe(before);
  });

  test("Home tells how many enquiries wait, to the media desk alone", async () => {
    const n = await countOpenEnquiries(database.db);
    const home = async (staff: StaffMember) =>
      JSON.stringify(await act((unit) => media.home?.(unit, staff) ?? Promise.resolve([])));
    expect(n).toBeGreaterThan(1);
    expect(await home(officer)).toContain(`${n} enquiries wait`);
    expect(await home(viewer)).toBe("[]");
  });
});

test("the audit log is whole, and holds no question", async () => {
  expect(await verifyAudit(database.db)).toMatchObject({ ok: true });
  const log = JSON.stringify(await rows(database.db, sql`select action, data from audit_log`));
  for (const action of [
    "liaison.registered",
    "liaison.retired",
    "enquiry.answered",
    "statement.acknowledged",
  ])
    expect(log).toContain(action);
  expect(log).not.toContain("dam");
});
