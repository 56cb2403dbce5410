import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FlowDefinition } from "#flows";
import { findContactByAddress, joinGroup, rows } from "#storage";
import { type CitizenApp, openCitizenApp } from "../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { consultationResults } from "../consultation/index.ts";
import { commit } from "../unit.ts";
import { erasePerson, exportPerson, exportText, importFile } from "./index.ts";

const flow = (id: string, privacy?: "confidential"): FlowDefinition => ({
  id,
  title: { en: id },
  keywords: [id.toUpperCase()],
  languages: ["en"],
  ...(privacy ? { privacy } : {}),
  start: "rating",
  steps: {
    rating: {
      kind: "ask",
      text: { en: "From 1 to 5?" },
      answer: { type: "scale", from: 1, to: 5 },
      next: "view",
    },
    view: { kind: "ask", text: { en: "Your view?" }, answer: { type: "text" }, next: "done" },
    done: { kind: "end", text: { en: "Filed." } },
  },
});

describe.each(testDatabases())("rights of a person on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  let folder: string;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    folder = await mkdtemp(join(tmpdir(), "saypro-rights-"));
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const erase = (who: string, reason = "asked for by letter") =>
    commit(town.app, (unit) => erasePerson(unit, { who, reason, actor: "cli" }));
  const held = (who: string) =>
    exportPerson(
      { db: database.db, secrets: town.app.secrets },
      { who, country: "ZA", actor: "cli" },
      new Date(),
    );
  /** Every row of every table, as text. */
  const everything = async (): Promise<string> => {
    const tables = await rows<{ name: string }>(
      database.db,
      sql`select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind = 'r' and n.nspname = 'public'`,
    );
    const dumps = await Promise.all(
      tables.map(({ name }) => rows(database.db, sql.raw(`select t::text as row from ${name} t`))),
    );
    return JSON.stringify(dumps);
  };
  const importPeople = async (csv: string, dryRun = false) => {
    const file = join(folder, "list.csv");
    await writeFile(file, csv);
    return importFile(
      { db: database.db, secrets: town.app.secrets },
      town.app.content.deployment,
      { file, report: `${file}.faults`, map: new Map(), consentSource: "form", actor: "cli", dryRun },
      new Date(),
    );
  };
  const optedOut = async (address: string) => (await findContactByAddress(database.db, address))?.optedOut;

  test("everything held of one person, and of a confidential consultation only that they took part", async () => {
    const address = `sms:${town.nextNumber()}`;
    await town.openConsultation(flow("roads"));
    await town.openConsultation(flow("safety", "confidential"));
    for (const text of ["ROADS", "4", "Potholes in Main Road", "SAFETY", "2", "My neighbour deals"])
      await town.write(address, text);
    const contact = await findContactByAddress(database.db, address);
    await commit(town.app, ({ tx }) => joinGroup(tx, contact?.id ?? "", "Water forum", town.app.newId));
    await town.write(address, "STOP");
    const found = await held(address.slice(4).replace("+27", "0"));
    if (found.kind !== "held") throw new Error(found.kind);
    const text = exportText(found);
    for (const part of ["Potholes in Main Road", "Water forum", "opted out: keyword STOP", address])
      expect(text).toContain(part);
    expect(found.conversations.map(({ privacy, answers }) => [privacy, typeof answers])).toEqual([
      ["identified", "object"],
      ["confidential", "string"],
    ]);
    expect(text).not.toContain("My neighbour deals");
    expect(await held("+27831119999")).toEqual({ kind: "unknown" });
  });

  test("whoever is erased is nowhere any more; results of what is over keep the choices, by nobody", async () => {
    const number = town.nextNumber();
    const address = `sms:${number}`;
    const over = await town.openConsultation(flow("parks"));
    const sealed = await town.openConsultation(flow("jobs", "confidential"));
    const running = await town.openConsultation(flow("water"));
    await importPeople(`name,phone,street\nZanele Mkhize-Uniqueson,${number},Secret Lane 9\n`);
    for (const id of ["PARKS", "JOBS", "WATER"])
      for (const text of [id, "4", `unheardof ${id}`]) await town.write(address, text);
    await town.write(`whatsapp:${number}`, "a xylophone question");
    await database.db.execute(sql`
      update consultations set status = 'closed', closed_at = now() where id in (${over}, ${sealed})`);
    const contact = (await findContactByAddress(database.db, address))?.id ?? "";
    const [staff, meeting] = [town.app.newId(), town.app.newId()];
    await database.db.execute(sql`insert into staff (id, name, handle) values (${staff}, 'N', 'n')`);
    await database.db.execute(sql`
      insert into meetings (id, title, keyword, starts_at, place, capacity, status, code, planned_by)
      values (${meeting}, 'Budget', 'BUDGET', now() - interval '1 day', 'Hall', 10, 'held', '1234', ${staff})`);
    await database.db.execute(sql`
      insert into meeting_attendees (meeting_id, contact_id, status, needs)
      values (${meeting}, ${contact}, 'coming', 'a ramp for my wheelchair')`);
    const shown = await held(number);
    expect(shown.kind === "held" && exportText(shown)).toContain("needs a ramp for my wheelchair");
    const before = await everything();
    for (const trace of [number, "Uniqueson", "Secret Lane", "unheardof PARKS", "xylophone"])
      expect(before).toContain(trace);

    expect(await erase(number, "Zanele asked")).toMatchObject({
      kind: "refused",
      words: /without the person's name/,
    });
    expect(await erase(number, `call ${number.replace("+27", "0")}`)).toMatchObject({ kind: "refused" });
    const done = await erase(number);
    expect(done).toMatchObject({
      kind: "erased",
      erased: { addresses: 2, conversations: 1, detached: 2, consents: 1, nameless: true },
    });
    const after = await everything();
    for (const trace of [
      number,
      number.slice(3),
      "Uniqueson",
      "Secret Lane",
      "unheardof",
      "xylophone",
      "wheelchair",
    ])
      expect(after).not.toContain(trace);
    const results = async (id: string) =>
      consultationResults({ db: database.db, secrets: town.app.secrets }, id, "en");
    for (const id of [over, sealed]) {
      const { completed, questions = [] } = (await results(id)) ?? {};
      expect(completed).toBe(1);
      expect(questions.map(({ question, answered }) => [question, answered])).toEqual([["rating", 1]]);
    }
    expect((await results(running))?.started).toBe(0);
    expect(await erase(number)).toMatchObject({ kind: "already" });
    expect(await held(number)).toMatchObject({ kind: "erased" });
  });

  test("a ledger of consent still refuses every other change", async () => {
    await importPeople("phone\n0821110001\n");
    await expect(
      database.db.execute(sql`update consent_ledger set kind = 'opt_in', address = 'erased:x'`),
    ).rejects.toThrow();
    await expect(
      database.db.execute(sql`update consent_ledger set address = 'sms:+27820000000'`),
    ).rejects.toThrow();
    await expect(database.db.execute(sql`delete from consent_ledger`)).rejects.toThrow();
  });

  test("no list brings an erased number back, on either channel; only the person does, by START", async () => {
    const number = town.nextNumber();
    await importPeople(`phone\n${number}\n`);
    await erase(number);
    const list = `phone,whatsapp\n${number},\n,${number}\n0821110002,${number}\n0821110003,\n`;
    expect(await importPeople(list, true)).toMatchObject({ rows: 4, erased: 1, added: 0 });
    expect(await importPeople(list)).toMatchObject({ rows: 4, erased: 1, added: 1 });
    expect(await findContactByAddress(database.db, `sms:${number}`)).toBeUndefined();

    const address = `whatsapp:${number}`;
    await town.write(address, "Hello, is somebody there?");
    await town.write(address, "STOP");
    expect(await town.heard(address)).toEqual([]);
    expect(await optedOut(`sms:${number}`)).toBe(true);
    await town.write(address, "START");
    expect(await town.heard(address)).toEqual([expect.stringContaining("start_confirmed")]);
    expect(await optedOut(`sms:${number}`)).toBe(false);
    expect(await importPeople(`phone,ward\n${number},3\n`)).toMatchObject({ merged: 1, erased: 0 });
  });

  test("two erasures at once, and a message that comes in the middle: once, and nothing is left half", async () => {
    const number = town.nextNumber();
    await town.write(`sms:${number}`, "hello");
    const [one, two] = await Promise.all([
      erase(number),
      erase(number),
      town.write(`sms:${number}`, "PARKS"),
    ]);
    const kinds = [one.kind, two.kind];
    expect(kinds).toContain("erased");
    if (await findContactByAddress(database.db, `sms:${number}`))
      expect(await optedOut(`sms:${number}`)).toBe(true);
    else expect(await everything()).not.toContain(number);
  });
});
