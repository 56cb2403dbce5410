import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import writeXlsx from "write-excel-file/node";
import { type Database, openSecrets, recordConsent, rows } from "#storage";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { importFile } from "./import.ts";

const TOWN = {
  country: "ZA",
  wards: 12,
  languages: [
    { code: "en", name: "English", keywords: ["ENGLISH"], fallbacks: [] },
    { code: "zu", name: "isiZulu", keywords: ["ISIZULU", "ZULU"], fallbacks: [] },
  ],
} as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saypro-import-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const keysOf = ({ db }: Database) => ({ db, secrets: openSecrets("ab".repeat(32)) });

const people = (database: Database) =>
  rows<{
    name: string;
    language: string;
    fields: object;
    addresses: string[];
    out: boolean;
    consents: string[];
  }>(
    database.db,
    sql`select name, language, fields, opted_out_at is not null as out,
      (select array_agg(address order by address) from addresses where contact_id = c.id) as addresses,
      (select array_agg(kind || ' ' || source || ' ' || to_char(at, 'YYYY-MM-DD') order by at) from consent_ledger where contact_id = c.id) as consents
      from contacts c order by name nulls last, id`,
  );

describe.each(testDatabases())("import of contacts on %s", (_engine, open) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  const run = async (
    content: string | Buffer,
    more: { dryRun?: boolean; map?: [string, string][]; name?: string } = {},
  ) => {
    const file = join(folder, more.name ?? "people.csv");
    const report = join(folder, "faults.csv");
    await writeFile(file, content);
    const request = {
      file,
      actor: "cli",
      report,
      map: new Map(more.map),
      consentSource: "signed form",
      dryRun: more.dryRun ?? false,
    };
    const outcome = await importFile(keysOf(database), TOWN, request, new Date("2026-11-23T10:00:00Z"));
    return { outcome, report: await readFile(report, "utf8") };
  };

  it("keeps people with numbers in E.164, their fields, and the proof of consent with its date", async () => {
    const { outcome } = await run(
      "\uFEFFName;Cell No;WhatsApp;Language;Ward;Street name;Consent date\r\n" +
        '"Dlamini; Sipho";082 123 4567;+27 82 123 4567;isiZulu;Ward 3;"12 ""Old"" Road\nBlock B";2026-03-31\r\n',
    );
    expect(outcome).toMatchObject({ rows: 1, faulty: 0, added: 1, merged: 0 });
    expect(await people(database)).toEqual([
      {
        name: "Dlamini; Sipho",
        language: "zu",
        fields: { ward: 3, street_name: '12 "Old" Road\nBlock B' },
        addresses: ["sms:+27821234567", "whatsapp:+27821234567"],
        out: false,
        consents: ["opt_in import people.csv: signed form 2026-03-31"],
      },
    ]);
  });

  it("keeps a time zone by its name, and names what is none", async () => {
    const { outcome, report } = await run(
      "name,phone,Time zone\nAva,+64211234567,pacific/auckland\nBen,0821234567,GMT+2\nCy,0839876543,\n",
    );
    expect(outcome).toMatchObject({ rows: 3, faulty: 1, added: 2 });
    expect((await people(database)).map(({ name, fields }) => [name, fields])).toEqual([
      ["Ava", { time_zone: "Pacific/Auckland" }],
      ["Cy", {}],
    ]);
    expect(report).toContain("GMT+2,3,Time zone,GMT+2,not a time zone,write it as");
  });

  it("merges who stands there twice or is known, never overturns a STOP, and doubles nothing when given again", async () => {
    await run("name,phone\nThandi,0821234567\n");
    const [known] = await rows<{ id: string }>(database.db, sql`select id from contacts`);
    await database.db.transaction((tx) =>
      recordConsent(tx as never, {
        id: v7(),
        contactId: known?.id ?? "",
        address: "sms:+27821234567",
        kind: "opt_out",
        source: "keyword STOP",
      }),
    );
    const file = "name,phone,whatsapp,ward\n,+27821234567,,4\nLebo,,0839876543,\nLebo,083 987 6543,,7\n";
    const { outcome } = await run(file, { name: "second.csv" });
    expect(outcome).toMatchObject({ rows: 3, added: 1, merged: 1, repeated: 1, optedOut: 1 });
    await run(file, { name: "second.csv" });
    const [lebo, thandi, ...others] = await people(database);
    expect(others).toEqual([]);
    expect(lebo).toMatchObject({
      fields: { ward: 7 },
      addresses: ["sms:+27839876543", "whatsapp:+27839876543"],
    });
    expect(lebo?.consents).toHaveLength(1);
    expect(thandi).toMatchObject({ name: "Thandi", fields: { ward: 4 }, out: true });
    expect(thandi?.consents?.map((entry) => entry.split(" ")[0])).toEqual(["opt_in", "opt_out"]);
  });

  it("takes groups of an earlier system in, makes those that are new, and takes nobody out of one", async () => {
    const members = () =>
      rows<{ name: string; people: string[] }>(
        database.db,
        sql`select g.name, array_agg(c.name order by c.name) as people from groups g
          join group_members m on m.group_id = g.id join contacts c on c.id = m.contact_id group by 1 order by 1`,
      );
    await run(
      'name,phone,Groups\nAnn,0821234567,"Ward committee; Water  users,"\nBen,0831112222,\nAnn,0821234567,Youth\n',
    );
    expect(await members()).toEqual([
      { name: "Ward committee", people: ["Ann"] },
      { name: "Water users", people: ["Ann"] },
      { name: "Youth", people: ["Ann"] },
    ]);
    const long = "x".repeat(81);
    const { outcome, report } = await run(
      `name,phone,group\nAnn,0821234567,\nBen,0831112222,Youth\nCy,0834445555,${long}\n`,
      {
        name: "second.csv",
      },
    );
    expect(outcome).toMatchObject({ merged: 2, faulty: 1 });
    expect(report).toContain("a group's name is longer than 80 characters");
    expect(await members()).toEqual([
      { name: "Ward committee", people: ["Ann"] },
      { name: "Water users", people: ["Ann"] },
      { name: "Youth", people: ["Ann", "Ben"] },
    ]);
  });

  it("reports each faulty row with the remedy, in a file that can be corrected and imported", async () => {
    const { outcome, report } = await run(
      "name,phone,ward,language\nGood,821234567,1,en\nBad,8.27E+10,99,klingon\n=1+1,,2,zu\n",
    );
    expect(outcome).toMatchObject({ rows: 3, faulty: 2, added: 1 });
    expect((await people(database))[0]?.addresses).toEqual(["sms:+27821234567"]);
    expect(report).toContain('Bad,8.27E+10,99,klingon,3,"phone; ward; language","8.27E+10; 99; klingon"');
    expect(report).toContain("its digits are lost");
    expect(report).toContain("'=1+1,,2,zu,4,phone,,no phone number");
    const corrected = report
      .replace("8.27E+10,99,klingon", "+27831112222,9,en")
      .replace("'=1+1,,", "'=1+1,0834445555,");
    expect((await run(corrected, { name: "corrected.csv" })).outcome).toMatchObject({
      rows: 2,
      faulty: 0,
      added: 2,
    });
    expect((await people(database)).map(({ name }) => name).sort()).toEqual(["=1+1", "Bad", "Good"]);
  });

  it("reads a workbook: the sheet with the people, numbers that are numbers, dates that are dates, failed formulas", async () => {
    const day = { type: Date, format: "dd/mm/yyyy" } as const;
    const cells = (...values: unknown[]) =>
      values.map((value) => (value instanceof Date ? { value, ...day } : { value }));
    const book = (await writeXlsx([
      { sheet: "Read me", data: [cells("Sent by the ward office")] },
      {
        sheet: "Voters",
        data: [
          cells("Name", "Cell", "Opted in"),
          cells("Sipho", 27_821_234_567, new Date("2026-03-31T00:00:00Z")),
          cells("Thandi", 831_112_222, 46_112),
          cells("#REF!", "8.27E+10", null),
        ],
      },
    ] as never).toBuffer()) as Buffer;
    const { outcome, report } = await run(book, { name: "people.xlsx" });
    expect(outcome).toMatchObject({ sheet: "Voters", rows: 3, faulty: 2, added: 1 });
    expect(await people(database)).toMatchObject([
      {
        name: "Sipho",
        addresses: ["sms:+27821234567"],
        consents: ["opt_in import people.xlsx: signed form 2026-03-31"],
      },
    ]);
    expect(report).toContain(
      'Thandi,831112222,46112,3,Opted in,46112,"the number behind a date, not the date"',
    );
    expect(report).toContain("a formula that has no value; the spreadsheet shortened the number");
  });

  it("says when the same file was imported before, whatever it is called now", async () => {
    expect((await run("phone\n0821234567\n")).outcome.before).toBeUndefined();
    const { outcome } = await run("phone\n0821234567\n", { name: "copy.csv", dryRun: true });
    expect(outcome.before).toBe("2026-11-23T10:00:00.000Z");
    expect((await run("phone\n0821234568\n")).outcome.before).toBeUndefined();
  });

  it("changes nothing on a dry run", async () => {
    const { outcome } = await run("phone\n0821234567\n12\n", { dryRun: true });
    expect(outcome).toMatchObject({ rows: 2, faulty: 1, added: 0 });
    expect(await people(database)).toEqual([]);
    expect(await rows(database.db, sql`select 1 from audit_log`)).toEqual([]);
  });

  it("reads Windows-1252, UTF-16 with tabs, and headers that are mapped", async () => {
    await run(Buffer.from("Wie,Nommer\nRen\xe9,0821234567\n", "latin1"), {
      map: [
        ["wie", "name"],
        ["Nommer", "phone"],
      ],
    });
    await run(Buffer.from("\uFEFFname\tphone\nŽana\t0831112222\n", "utf16le"), { name: "excel.csv" });
    expect((await people(database)).map(({ name }) => name).sort()).toEqual(["René", "Žana"]);
  });

  it.each([
    ["a damaged workbook", "PK\x03\x04…", /looks like an Excel workbook and is damaged/],
    ["an old workbook under a new name", Buffer.from("d0cf11e0a1b11ae1", "hex"), /\.xls\).*Save As/],
    ["an empty file", "", /is empty/],
    ["no column of numbers", "name,street\na,b\n", /No column has phone numbers.*--map/],
    ["two columns of one meaning", "phone,cell\n1,2\n", /"cell" and "phone" are both phone/],
    ["a quotation mark left open", 'phone,name\n0821234567,"x\n', /Line 2: a quotation mark/],
  ])("refuses %s, naming the remedy", async (_name, content, words) => {
    await expect(run(content)).rejects.toThrow(words);
    expect(await people(database)).toEqual([]);
  });

  const PEOPLE = 10_000;
  const many = `name,phone\n${Array.from({ length: PEOPLE }, (_, n) => `P${n},082${String(1_000_000 + n)}\n`).join("")}bad,1\n`;
  const [countPeople, countAll] = [
    sql`select count(*)::int as contacts from contacts`,
    sql`select (select count(*)::int from contacts) as contacts, (select count(*)::int from addresses) as addresses,
      (select count(*)::int from consent_ledger) as consents, (select count(*)::int from audit_log) as audit`,
  ];
  const everybodyOnce = { contacts: PEOPLE, addresses: PEOPLE, consents: PEOPLE, audit: 1 };

  it("goes on where it was stopped, and its report has the rows of both runs", async () => {
    const file = join(folder, "many.csv");
    await writeFile(file, many.replace("P3,", "bad,1\nP3,"));
    const request = {
      file,
      actor: "cli",
      report: join(folder, "faults.csv"),
      map: new Map(),
      consentSource: "form",
      dryRun: false,
    };
    const stop = (read: number, size: number): void => {
      if (read > size / 2) throw new Error("stopped");
    };
    const now = new Date();
    await expect(importFile(keysOf(database), TOWN, { ...request, onProgress: stop }, now)).rejects.toThrow(
      "stopped",
    );
    const [before] = await rows<{ contacts: number }>(database.db, countPeople);
    expect(before?.contacts).toBeGreaterThan(0);
    expect(before?.contacts).toBeLessThan(PEOPLE);
    const outcome = await importFile(keysOf(database), TOWN, request, now);
    expect(outcome).toMatchObject({ rows: PEOPLE + 2, faulty: 2, added: PEOPLE, merged: 0 });
    expect(outcome.resumedAfter).toBe((before?.contacts ?? 0) + 1);
    expect((await rows(database.db, countAll))[0]).toEqual(everybodyOnce);
    expect((await readFile(request.report, "utf8")).split("bad,1,")).toHaveLength(3);
  });

  it("goes on after kill -9 without losing or doubling anybody", { timeout: 120_000 }, async ({ skip }) => {
    if (!database.url) return skip("the embedded engine cannot be watched from outside");
    const file = join(folder, "many.csv");
    await writeFile(file, many);
    const env = { PATH: process.env.PATH ?? "", DATABASE_URL: database.url, LOG_LEVEL: "silent" };
    const args = ["bots/cli.ts", "import", "contacts", file, "--consent-source", "form", "--json"];
    const killed = spawn(process.execPath, args, { env });
    const ended = once(killed, "close");
    for (;;) {
      const [kept] = await rows<{ contacts: number }>(database.db, countPeople);
      if (kept && kept.contacts > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    killed.kill("SIGKILL");
    await ended;
    const again = spawn(process.execPath, args, { env });
    let output = "";
    again.stdout.on("data", (chunk) => (output += chunk));
    await once(again, "close");
    const outcome = JSON.parse(output) as Record<string, number>;
    expect(outcome).toMatchObject({ rows: PEOPLE + 1, faulty: 1, added: PEOPLE, merged: 0 });
    expect(outcome.resumedAfter).toBeGreaterThan(0);
    expect(outcome.resumedAfter).toBeLessThan(PEOPLE);
    expect((await rows(database.db, countAll))[0]).toEqual(everybodyOnce);
  });
});
