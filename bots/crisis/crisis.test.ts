import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Crisis,
  findCrisis,
  latestOfTimeline,
  listVersionsOfCrisis,
  rows,
  type StaffMember,
  type StatementVersion,
  verifyAudit,
} from "#storage";
import { type CrisisTown, openCrisisTown, type Queued } from "../../test/support/crisis-town.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { commit, type Unit } from "../unit.ts";
import {
  acknowledge,
  addNote,
  approveStatement,
  cancelCrisis,
  changeSeverity,
  closeCrisis,
  type Declaration,
  declareCrisis,
  decline,
  draftNextVersion,
  editStatement,
  giveAllClear,
  missUnreached,
  type Outcome,
  returnStatement,
  submitStatement,
} from "./index.ts";

const WATER: Declaration = {
  protocol: "water-quality-emergency",
  severity: 2,
  title: "Riverbend reservoir",
  place: "Riverbend",
  wards: [4],
  mode: "live",
};

describe.each(testDatabases())("a crisis, on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CrisisTown;
  let naledi: StaffMember;
  let thabo: StaffMember;
  let aisha: StaffMember;
  let karen: StaffMember;
  beforeAll(async () => {
    database = await open();
    town = await openCrisisTown(database);
    ({ naledi, thabo, aisha, karen } = town.staff as Record<
      "naledi" | "thabo" | "aisha" | "karen",
      StaffMember
    >);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    // Crises of earlier tests are over: their timers must not speak here.
    await database.db.execute(sql`update timers set done_at = now() where done_at is null`);
    await town.fresh();
  });

  const run = <T>(work: (unit: Unit) => Promise<T>): Promise<T> => commit(town.app, work);
  const done = async <T>(work: (unit: Unit) => Promise<Outcome<T>>): Promise<T & { words: string }> => {
    const outcome = await run(work);
    if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.words}`);
    return outcome;
  };
  const refusal = async (work: (unit: Unit) => Promise<Outcome>): Promise<string> => {
    const outcome = await run(work);
    return outcome.ok ? "done" : outcome.code;
  };
  const declare = (change: Partial<Declaration> = {}) =>
    done((unit) => declareCrisis(unit, naledi, { ...WATER, ...change }));
  const state = async (crisis: Crisis): Promise<Crisis> => {
    const found = await findCrisis(database.db, crisis.id);
    if (!found) throw new Error("gone");
    return found;
  };
  const versions = (crisis: Crisis) => listVersionsOfCrisis(database.db, crisis.id);
  const latest = async (crisis: Crisis): Promise<StatementVersion> => {
    const found = (await versions(crisis)).at(-1);
    if (!found) throw new Error("no statement");
    return found;
  };
  const approve = async (crisis: Crisis, by = aisha) => {
    const { id, contentHash } = await latest(crisis);
    return done((unit) => approveStatement(unit, by, id, contentHash));
  };
  const timeline = async (crisis: Crisis) =>
    (await latestOfTimeline(database.db, crisis.id, 100)).map(({ kind }) => kind);
  const codeIn = (message: Queued | undefined): string =>
    /\b(\d{4,6})\b/.exec(message?.text.replace(/C-\d+/, "") ?? "")?.[1] ?? "";
  const to = (messages: readonly Queued[], address: string) =>
    messages.filter((one) => one.address === address);
  const SMS = {
    zanele: "sms:+27600003001",
    naledi: "sms:+27600003002",
    thabo: "sms:+27600003003",
    aisha: "sms:+27600003004",
  };

  test("is declared: first tier called, statement before a second person, everything on the record", async () => {
    const { crisis, alike, words } = await declare();
    expect(alike).toEqual([]);
    expect(words).toBe(`C-${crisis.number} Riverbend reservoir is declared.`);
    const sent = await town.fresh();
    const [page, ...others] = to(sent, SMS.zanele);
    expect(others).toEqual([]);
    expect(page).toMatchObject({ kind: "page", priority: 0, ref: crisis.id });
    expect(page?.text).toMatch(new RegExp(`C-${crisis.number} .*Reply \\d{4} .*NO \\d{4}`));
    expect(to(sent, SMS.thabo)).toEqual([]);
    const summaries = to(sent, "slack:#operations").filter(({ kind }) => kind === "notice");
    expect(summaries.filter(({ id }) => id === crisis.summaryMessageId)).toHaveLength(1);
    expect(summaries.at(-1)?.replaces).toBe(crisis.summaryMessageId);
    const [asked] = to(sent, "slack:#approvals");
    const version = await latest(crisis);
    expect(asked?.id).toBe(version.id);
    expect(asked?.blocks).toContain("Die kraanwater in Riverbend");
    expect(asked?.blocks).toContain(
      "4 people (3 by SMS, 1 by WhatsApp) and 2 media liaisons; 1 who opted out are left out",
    );
    expect(version).toMatchObject({ kind: "holding", status: "awaiting_approval", createdBy: naledi.id });
    expect(await timeline(crisis)).toEqual(["declared", "tier_paged", "statement_submitted"]);
    const audit = await rows<{ action: string }>(
      database.db,
      sql`select action from audit_log where subject in (${`crisis:${crisis.id}`}, ${`statement:${version.id}`}) order by seq`,
    );
    expect(audit.map(({ action }) => action)).toEqual(["statement.submitted", "crisis.declared"]);
  });

  test("is refused with words where something is missing, and a twin is said, not refused", async () => {
    const code = (change: Partial<Declaration>, by = naledi) =>
      refusal((unit) => declareCrisis(unit, by, { ...WATER, ...change }));
    expect(await code({}, karen)).toBe("not_allowed");
    expect(await code({ protocol: "locusts" })).toBe("unknown_protocol");
    expect(await code({ severity: 9 })).toBe("unknown_severity");
    expect(await code({ place: " " })).toBe("no_area");
    expect(await code({ wards: [] })).toBe("no_area");
    expect(await code({ wards: [13] })).toBe("no_area");
    expect(await town.fresh()).toEqual([]);
    const first = await declare({ protocol: "flood" });
    const second = await declare({ protocol: "flood" });
    expect(second.alike.map(({ id }) => id)).toEqual([first.crisis.id]);
    expect(second.words).toContain(`Already running: C-${first.crisis.number}.`);
    for (const { crisis } of [first, second])
      await done((unit) => cancelCrisis(unit, naledi, crisis.id, "Twins in a test"));
  });

  test("a silent tier is passed over, the next acknowledges by SMS code, and everybody else is left in peace", async () => {
    const { crisis } = await declare();
    const zaneleCode = codeIn(to(await town.fresh(), SMS.zanele)[0]);
    town.pass(4);
    expect(await town.fire()).toBe(0);
    town.pass(1);
    expect(await town.fire()).toBe(1);
    const called = await town.fresh();
    for (const address of [SMS.naledi, SMS.thabo, "slack:U0NALEDI", "slack:U0THABO"])
      expect(to(called, address).map(({ kind }) => kind)).toEqual(["page"]);
    const code = codeIn(to(called, SMS.thabo)[0]);
    await town.text("+27600003003", `${code} on my way`);
    const after = await town.fresh();
    expect(to(after, SMS.thabo).map(({ text }) => text)).toEqual([
      `You have C-${crisis.number}. Everyone who was called is told. Details are in Slack.`,
    ]);
    expect(to(after, SMS.zanele)[0]?.text).toContain("Thabo has it. You need do nothing.");
    expect((await state(crisis)).state).toMatchObject({ phase: "acknowledged", owner: thabo.id });
    const pending = await rows(
      database.db,
      sql`select 1 from messages where ref = ${crisis.id} and kind = 'page' and status = 'queued'`,
    );
    expect(pending).toEqual([]);
    // A late code, a code of nobody, words without one.
    await town.text("+27600003001", zaneleCode);
    expect((await town.fresh()).map(({ text }) => text)).toEqual([
      `C-${crisis.number} was already taken by Thabo. You need do nothing.`,
    ]);
    await town.text("+27600003001", "0000");
    expect((await town.fresh())[0]?.text).toContain("0000 is not the code of an open call");
    expect((await state(crisis)).state.owner).toBe(thabo.id);
    expect(await timeline(crisis)).toEqual([
      "declared",
      "tier_paged",
      "statement_submitted",
      "tier_silent",
      "tier_paged",
      "acknowledged",
    ]);
  });

  test("can't passes on at once; who is not called may not answer; the owner hands back", async () => {
    const { crisis } = await declare();
    const code = codeIn(to(await town.fresh(), SMS.zanele)[0]);
    expect(await refusal((unit) => acknowledge(unit, karen, crisis.id, "slack"))).toBe("not_paged");
    await town.text("+27600003001", `No ${code}`);
    const sent = await town.fresh();
    expect(to(sent, SMS.zanele).map(({ text }) => text)).toEqual([
      `Noted: you cannot take C-${crisis.number}. The next person is called now.`,
    ]);
    expect(to(sent, SMS.thabo)).toHaveLength(1);
    expect(await timeline(crisis)).toContain("tier_declined");
    await done((unit) => acknowledge(unit, naledi, crisis.id, "slack"));
    expect(await refusal((unit) => decline(unit, thabo, crisis.id, "slack"))).toBe("nothing_to_decline");
    await town.fresh();
    await done((unit) => decline(unit, naledi, crisis.id, "slack"));
    expect(to(await town.fresh(), SMS.zanele).some(({ kind }) => kind === "page")).toBe(true);
    expect((await state(crisis)).state.phase).toBe("paging");
  });

  test("an exhausted ladder alarms everybody who is left and starts over", async () => {
    const { crisis } = await declare();
    for (const minutes of [5, 5, 10]) {
      town.pass(minutes);
      await town.fire();
    }
    const called = await town.fresh();
    const alarms = called.filter(({ text }) => text.includes("NOBODY HAS ANSWERED"));
    for (const address of Object.values(SMS)) expect(to(alarms, address)).toHaveLength(1);
    for (const address of ["slack:#operations", "slack:#approvals"])
      expect(to(alarms, address).length).toBeGreaterThan(0);
    const codes = called
      .filter(({ kind, address }) => kind === "page" && address.startsWith("sms:"))
      .map(codeIn);
    expect(new Set(codes).size).toBe(codes.length);
    expect(await timeline(crisis)).toContain("exhausted");
    const waiting = await rows<{ epoch: number }>(
      database.db,
      sql`select epoch from timers where ref = ${crisis.id} and done_at is null and epoch = (select epoch from crises where id = ${crisis.id})`,
    );
    expect(waiting).toHaveLength(1);
    // The very first code still counts: the crisis is open.
    await town.text("+27600003004", codeIn(to(alarms, SMS.aisha)[0]));
    expect((await state(crisis)).state.owner).toBe(aisha.id);
  });

  test("the call in the channel loses its buttons when somebody has it", async () => {
    const { crisis } = await declare();
    const [call] = to(await town.fresh(), "slack:#operations").filter(({ kind }) => kind === "page");
    expect(call?.blocks).toContain("crisis.acknowledge");
    await database.db.execute(sql`update messages set status = 'sent' where id = ${call?.id ?? ""}`);
    await done((unit) => acknowledge(unit, naledi, crisis.id, "slack"));
    const edits = to(await town.fresh(), "slack:#operations").filter(({ replaces }) => replaces === call?.id);
    expect(edits.map(({ text }) => text)).toEqual([expect.stringContaining("Naledi has it")]);
    expect(edits[0]?.blocks).not.toContain("crisis.acknowledge");
  });

  test("a timer that was overtaken does nothing", async () => {
    const { crisis } = await declare();
    await done((unit) => acknowledge(unit, naledi, crisis.id, "slack"));
    const before = await state(crisis);
    await database.db.execute(
      sql`update timers set due_at = now() where ref = ${crisis.id} and epoch < ${before.state.epoch}`,
    );
    await town.fresh();
    expect(await town.fire()).toBe(1);
    expect(await town.fresh()).toEqual([]);
    expect((await state(crisis)).state).toEqual(before.state);
  });

  test("a silent owner is asked again by code, and loses it", async () => {
    const { crisis } = await declare();
    await done((unit) => acknowledge(unit, thabo, crisis.id, "slack"));
    town.pass(46);
    await town.fire();
    const asked = to(await town.fresh(), SMS.thabo).find(({ kind }) => kind === "page");
    expect(asked?.text).toContain("have been silent");
    await town.text("+27600003003", codeIn(asked));
    expect(await timeline(crisis)).toEqual(expect.arrayContaining(["asked_again", "acknowledged"]));
    expect((await state(crisis)).state).toMatchObject({ owner: thabo.id, asked: false });
    for (const minutes of [46, 11]) {
      town.pass(minutes);
      await town.fire();
    }
    expect(await timeline(crisis)).toContain("owner_silent");
    expect((await state(crisis)).state.phase).toBe("paging");
  });

  test("notes, severity and the promised update", async () => {
    const { crisis } = await declare();
    await done((unit) => acknowledge(unit, naledi, crisis.id, "slack"));
    await done((unit) => addNote(unit, naledi, crisis.id, "Pump station 2 is shut."));
    await done((unit) => changeSeverity(unit, naledi, crisis.id, 1));
    expect((await state(crisis)).severity).toBe(1);
    expect(await refusal((unit) => changeSeverity(unit, karen, crisis.id, 2))).toBe("not_allowed");
    expect(await refusal((unit) => addNote(unit, naledi, crisis.id, " "))).toBe("no_reason");
    expect((await latestOfTimeline(database.db, crisis.id, 2)).map(({ words }) => words)).toEqual([
      "Naledi: Pump station 2 is shut.",
      "Naledi set the severity to 1.",
    ]);
    await town.fresh();
    town.pass(5);
    await town.fire();
    town.pass(10);
    await town.fire();
    const reminders = to(await town.fresh(), "slack:U0NALEDI").map(({ text }) => text);
    expect(reminders[0]).toMatch(/the first statement is due at \d\d:\d\d\./);
    expect(reminders.at(-1)).toMatch(/the first statement was due at \d\d:\d\d and is LATE\./);
  });

  describe("the statement", () => {
    test("is approved by a second person and reaches everyone at the same moment, each in their language", async () => {
      const { crisis } = await declare();
      const version = await latest(crisis);
      const by = (staff: StaffMember, hash = version.contentHash) =>
        refusal((unit) => approveStatement(unit, staff, version.id, hash));
      expect(await by(naledi)).toBe("not_allowed");
      expect(await by(karen)).toBe("not_allowed");
      expect(await by(town.staff.pieter as StaffMember)).toBe("not_allowed");
      expect(await by(aisha, "0".repeat(64))).toBe("changed");
      await town.fresh();
      const { words } = await approve(crisis);
      expect(words).toContain("is released to 4 people and 2 media liaisons.");
      const sent = (await town.fresh()).filter(({ kind }) => kind === "statement");
      expect(sent.every(({ ref, priority }) => ref === version.id && priority === 0)).toBe(true);
      const text = (address: string) => to(sent, address)[0]?.text ?? "";
      expect(text("sms:+27600001001")).toContain("Amanzi ompompi e-Riverbend kungenzeka awaphephile");
      expect(text("sms:+27600001002")).toContain("Amanzi asempompeni e-Riverbend");
      expect(text("whatsapp:+27600001003")).toContain("Die kraanwater in Riverbend");
      expect(text("sms:+27600001004")).toContain("The tap water in Riverbend");
      expect(to(sent, "sms:+27600001005")).toEqual([]);
      expect(to(sent, "sms:+27600001006")).toEqual([]);
      expect(text("sms:+27600002001")).toMatch(/statement 1: Riverbend reservoir[\s\S]*Reply OK/);
      expect(to(sent, "slack:U0REFILWE")[0]?.blocks).toContain("liaison.acknowledge");
      expect(await by(thabo)).toBe("not_waiting");
      expect((await latest(crisis)).status).toBe("released");
      const { state: now } = await state(crisis);
      expect(now.spoken).toBe(true);
      expect(await timeline(crisis)).toEqual(
        expect.arrayContaining(["statement_approved", "statement_released"]),
      );
    });

    test("that is edited has to be approved anew, and its editor can't", async () => {
      const { crisis } = await declare();
      const version = await latest(crisis);
      const texts = { ...version.texts, en: (version.texts.en ?? "").replace("Riverbend", "Riverbend West") };
      const edit = { texts, basedOn: version.contentHash };
      const author = { ...thabo, roles: [...thabo.roles, "author" as const] };
      await done((unit) => editStatement(unit, author, version.id, edit));
      expect(await refusal((unit) => editStatement(unit, naledi, version.id, edit))).toBe("changed");
      expect(await refusal((unit) => approveStatement(unit, aisha, version.id, version.contentHash))).toBe(
        "not_waiting",
      );
      expect(await refusal((unit) => submitStatement(unit, naledi, version.id))).toBe("own_work");
      await done((unit) => submitStatement(unit, author, version.id));
      const edited = await latest(crisis);
      expect(edited.contentHash).not.toBe(version.contentHash);
      expect(await refusal((unit) => approveStatement(unit, thabo, version.id, edited.contentHash))).toBe(
        "own_work",
      );
      const account = { ...aisha, sameAs: thabo.id };
      expect(await refusal((unit) => approveStatement(unit, account, version.id, edited.contentHash))).toBe(
        "own_work",
      );
      await approve(crisis);
      expect((await town.fresh()).some(({ text }) => text.includes("Riverbend West"))).toBe(true);
    });

    test("that was changed behind our back is not released", async () => {
      const { crisis } = await declare();
      const version = await latest(crisis);
      await database.db.execute(
        sql`update statement_versions set texts = texts || '{"en": "Drink it, Riverbend! 10:00"}'::jsonb where id = ${version.id}`,
      );
      expect(await refusal((unit) => approveStatement(unit, aisha, version.id, version.contentHash))).toBe(
        "changed",
      );
    });

    test("is returned with a reason, and may come back with the same words", async () => {
      const { crisis } = await declare();
      const version = await latest(crisis);
      const back = (reason: string) =>
        refusal((unit) => returnStatement(unit, aisha, version.id, version.contentHash, reason));
      expect(await back(" ")).toBe("no_reason");
      await town.fresh();
      expect(await back("Name the clinic.")).toBe("done");
      expect(
        (await town.fresh()).some(
          ({ text, thread }) => thread === version.id && text.includes("Name the clinic."),
        ),
      ).toBe(true);
      expect((await latest(crisis)).status).toBe("returned");
      await done((unit) => submitStatement(unit, naledi, version.id));
      await approve(crisis);
      expect((await latest(crisis)).status).toBe("released");
    });

    test("that lacks a language or holds other numbers is not submitted", async () => {
      const { crisis } = await declare();
      await approve(crisis);
      const { statementId } = await latest(crisis);
      const draft = await done((unit) =>
        draftNextVersion(unit, naledi, statementId, {
          kind: "update",
          texts: {
            en: "Riverbend: still unsafe, next at 18:00.",
            zu: "eRiverbend: ngo-19:00.",
            xh: "",
            af: "Riverbend 18:00",
          },
        }),
      );
      const refused = await run((unit) => submitStatement(unit, naledi, draft.version.id));
      expect(refused).toMatchObject({ ok: false, code: "findings" });
      expect(refused.words).toContain("[xh] This language has no text yet.");
      expect(refused.words).toContain('[zu] Beside "en" it lacks 18:00 and has 19:00 of its own');
      expect((await latest(crisis)).status).toBe("draft");
    });

    test("under embargo reaches nobody before its time, then everybody", async () => {
      const { crisis } = await declare();
      await approve(crisis);
      const { statementId, texts, id } = await latest(crisis);
      const at = new Date(town.app.clock().getTime() + 30 * 60_000);
      const next = { kind: "correction", texts, embargoUntil: at } as const;
      expect(
        await refusal((unit) =>
          draftNextVersion(unit, naledi, statementId, { ...next, embargoUntil: new Date(0) }),
        ),
      ).toBe("embargo_past");
      const { version } = await done((unit) => draftNextVersion(unit, naledi, statementId, next));
      expect(version.replaces).toBe(id);
      await done((unit) => submitStatement(unit, naledi, version.id));
      await town.fresh();
      expect((await approve(crisis)).words).toContain("it goes out at");
      expect((await town.fresh()).filter(({ kind }) => kind === "statement")).toEqual([]);
      town.pass(31);
      await town.fire();
      expect(
        (await town.fresh()).filter(({ kind, ref }) => kind === "statement" && ref === version.id),
      ).toHaveLength(6);
      expect((await versions(crisis)).map(({ status }) => status)).toEqual(["superseded", "released"]);
    });

    test("of a later version follows whoever was told the first, wherever they live now; media get one copy", async () => {
      await database.db.execute(sql`update contacts set fields = '{"ward": "4"}'
        where id = (select contact_id from addresses where address = 'sms:+27600002001')`);
      const { crisis } = await declare();
      await approve(crisis);
      const first = (await town.fresh()).filter(({ kind }) => kind === "statement");
      expect(first.map(({ address }) => address).sort()).toEqual(
        [...new Set(first.map((m) => m.address))].sort(),
      );
      expect(to(first, "sms:+27600002001")).toHaveLength(1);
      await database.db.execute(sql`update messages set status = 'delivered'
        where kind = 'statement' and ref = ${(await latest(crisis)).id}`);
      await database.db.execute(sql`update contacts set fields = '{"ward": "9"}'
        where id = (select contact_id from addresses where address = 'sms:+27600001001')`);
      const { statementId, texts } = await latest(crisis);
      const { version } = await done((unit) =>
        draftNextVersion(unit, naledi, statementId, { kind: "correction", texts }),
      );
      await done((unit) => submitStatement(unit, naledi, version.id));
      await town.fresh();
      await approve(crisis);
      const second = (await town.fresh()).filter(({ kind }) => kind === "statement");
      expect(second.map(({ address }) => address).sort()).toEqual(first.map(({ address }) => address).sort());
      await database.db.execute(sql`update contacts set fields = '{"ward": "4"}'
        where id = (select contact_id from addresses where address = 'sms:+27600001001')`);
    });

    test("changed behind our back while under embargo stays in, and staff are told", async () => {
      const { crisis } = await declare();
      const { statementId, texts } = await latest(crisis);
      const embargoUntil = new Date(town.app.clock().getTime() + 30 * 60_000);
      const { version } = await done((unit) =>
        draftNextVersion(unit, naledi, statementId, { kind: "update", texts, embargoUntil }),
      );
      await done((unit) => submitStatement(unit, naledi, version.id));
      await approve(crisis);
      await database.db.execute(
        sql`update statement_versions set texts = jsonb_set(texts, '{en}', to_jsonb((texts ->> 'en') || ' Or not.'))
          where id = ${version.id}`,
      );
      await town.fresh();
      town.pass(31);
      await town.fire();
      const sent = await town.fresh();
      expect(sent.filter(({ kind }) => kind === "statement")).toEqual([]);
      expect(to(sent, "slack:#approvals").map(({ text }) => text)).toEqual([
        expect.stringContaining("returned"),
        expect.stringMatching(/^Its embargo has ended, but it was NOT released: No second person/),
      ]);
      expect((await latest(crisis)).status).toBe("returned");
      await done((unit) => submitStatement(unit, naledi, version.id));
      expect((await latest(crisis)).status).toBe("awaiting_approval");
    });

    test("of a drill is marked, and reaches neither public nor media", async () => {
      const { crisis } = await declare({ mode: "drill" });
      const pages = (await town.fresh()).filter(({ kind }) => kind === "page");
      expect(pages.every(({ text }) => text.includes("EXERCISE"))).toBe(true);
      await approve(crisis);
      const sent = (await town.fresh()).filter(({ kind }) => kind === "statement");
      expect(sent.map(({ address }) => address)).toEqual(["sms:+27600001007"]);
      expect(sent[0]?.text).toMatch(/^EXERCISE EXERCISE EXERCISE\n/);
    });
  });

  test("the all-clear goes to approval, and its release closes the crisis", async () => {
    const { crisis } = await declare();
    await approve(crisis);
    expect(await refusal((unit) => closeCrisis(unit, naledi, crisis.id))).toBe("not_all_clear");
    await done((unit) => giveAllClear(unit, naledi, crisis.id));
    expect((await state(crisis)).status).toBe("all_clear");
    const version = await latest(crisis);
    expect(version).toMatchObject({ kind: "all_clear", version: 2, status: "awaiting_approval" });
    await town.fresh();
    town.pass(15);
    await town.fire();
    expect(to(await town.fresh(), "slack:U0NALEDI")[0]?.text).toContain("its statement is not out");
    await approve(crisis);
    const sent = (await town.fresh()).filter(({ kind }) => kind === "statement");
    expect(sent.some(({ text }) => text.includes("is safe again"))).toBe(true);
    expect((await state(crisis)).status).toBe("closed");
    expect(await refusal((unit) => acknowledge(unit, naledi, crisis.id, "slack"))).toBe("ended");
    town.pass(600);
    await town.fire();
    expect(await town.fresh()).toEqual([]);
  });

  describe("a liaison", () => {
    test("confirms the statement once, in any of its words", async () => {
      const { crisis } = await declare();
      await approve(crisis);
      await town.fresh();
      await town.text("+27600002001", "Ontvang!");
      expect(to(await town.fresh(), "sms:+27600002001")[0]?.text).toBe(
        "Thank you. You have confirmed version 1 of: Riverbend reservoir.",
      );
      await town.text("+27600002001", "ok");
      const confirmed = await rows(
        database.db,
        sql`select 1 from statement_acknowledgements where version_id = ${(await latest(crisis)).id}`,
      );
      expect(confirmed).toHaveLength(1);
      expect((await timeline(crisis)).filter((kind) => kind === "statement_confirmed")).toHaveLength(1);
    });
  });

  test("two answers at the same moment: one owner, no error", async () => {
    const { crisis } = await declare();
    const outcomes = await Promise.all([
      run((unit) => acknowledge(unit, naledi, crisis.id, "slack")),
      run((unit) => acknowledge(unit, thabo, crisis.id, "slack")),
    ]);
    expect(outcomes.map((outcome) => (outcome.ok ? "done" : outcome.code)).toSorted()).toEqual([
      "already_acknowledged",
      "done",
    ]);
  });

  test("two approvals at the same moment: one release", async () => {
    const { crisis } = await declare();
    const version = await latest(crisis);
    await town.fresh();
    const outcomes = await Promise.all(
      [aisha, thabo].map((by) => run((unit) => approveStatement(unit, by, version.id, version.contentHash))),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await town.fresh()).filter(({ kind }) => kind === "statement")).toHaveLength(6);
  });

  test("the audit log holds together", async () => {
    expect(await verifyAudit(database.db)).toMatchObject({ ok: true });
  });

  test("whom no page reaches nobody waits for: the next tier is called at once", async () => {
    await declare();
    const [first] = (await town.fresh()).filter(({ kind }) => kind === "page");
    const failed = (address: string) =>
      database.db.execute(
        sql`update messages set status = 'failed', failure = 'bad_address' where kind = 'page' and address = ${address}`,
      );
    await missUnreached(town.app);
    expect(await town.fresh()).toEqual([]);
    await failed(first?.address ?? "");
    await database.db.execute(
      sql`update messages set status = 'failed' where kind = 'page' and status = 'queued'
        and ref = ${first?.ref ?? null}::uuid`,
    );
    await missUnreached(town.app);
    const called = (await town.fresh()).filter(({ kind }) => kind === "page").map(({ address }) => address);
    expect(called).toContain(`sms:${naledi.phone}`);
    await missUnreached(town.app);
    expect((await town.fresh()).filter(({ kind }) => kind === "page")).toEqual([]);
  });
});
