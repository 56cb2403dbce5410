import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rows } from "#storage";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { seedDemoTown } from "./index.ts";
import { RESIDENTS } from "./people.ts";
import { TOWN } from "./town.ts";

test("every phone and every Slack account of the town belongs to one person", () => {
  const phones = [
    ...TOWN.officers.flatMap((officer) => officer.phone ?? []),
    ...[...TOWN.citizens, ...TOWN.liaisons].map((person) => person.sms ?? person.whatsapp ?? ""),
    ...Object.values(TOWN.sender),
  ];
  expect(new Set(phones).size).toBe(phones.length);
  const accounts = TOWN.slackUsers.map((user) => user.id);
  expect(new Set(accounts).size).toBe(accounts.length);
  const named = [...TOWN.officers, ...TOWN.liaisons].flatMap((person) => person.slack ?? []);
  expect([...named].sort()).toEqual([...accounts].sort());
});

describe.each(testDatabases())("the example town on %s", (_engine, open) => {
  let database: TestDatabase;
  const app = () =>
    ({ database, clock: () => new Date("2026-11-23T08:00:00Z") }) as Parameters<typeof seedDemoTown>[0];
  const count = async (what: string) =>
    (await rows<{ n: number }>(database.db, sql.raw(`select count(*)::int as n from ${what}`)))[0]?.n;
  const snapshot = async () =>
    rows(
      database.db,
      sql`select c.*, (select array_agg(a.address order by a.address) from addresses a where a.contact_id = c.id) as addresses
          from contacts c order by c.id`,
    );

  beforeAll(async () => {
    database = await open();
    expect(await seedDemoTown(app())).toBe(true);
  });
  afterAll(() => database.close());

  test("has 3,000 contacts in 12 wards, each with an address and a proof of consent", async () => {
    expect(await count("contacts")).toBe(RESIDENTS);
    expect(await count("(select distinct fields->>'ward' from contacts where fields ? 'ward') as w")).toBe(
      12,
    );
    expect(await count("contacts c where not exists (select from addresses where contact_id = c.id)")).toBe(
      0,
    );
    expect(
      await count(
        "contacts c where not exists (select from consent_ledger where contact_id = c.id and kind = 'opt_in')",
      ),
    ).toBe(0);
    expect(
      await count(
        "contacts c where (opted_out_at is not null) <> exists (select from consent_ledger where contact_id = c.id and kind = 'opt_out' and at = c.opted_out_at)",
      ),
    ).toBe(0);
    for (const language of ["zu", "xh", "st", "af", "en"])
      expect(await count(`contacts where language = '${language}'`)).toBeGreaterThan(200);
    expect(await count("contacts where opted_out_at is not null")).toBeGreaterThan(30);
  });

  test("knows the phones of the sandbox", async () => {
    for (const citizen of TOWN.citizens) {
      const found = await rows<{ address: string }>(
        database.db,
        sql`select a.address from addresses a join contacts c on c.id = a.contact_id
            where c.name = ${citizen.name} and c.language = ${citizen.language} and c.opted_out_at is null
              and c.fields->>'ward' = ${String(citizen.ward)} and a.bad_since is null
              and a.address in (${`sms:${citizen.sms}`}, ${`whatsapp:${citizen.whatsapp}`})`,
      );
      expect(found).toHaveLength(
        (citizen.sms === undefined ? 0 : 1) + (citizen.whatsapp === undefined ? 0 : 1),
      );
    }
    expect(await count("liaisons l join contacts c on c.id = l.contact_id")).toBe(TOWN.liaisons.length);
    expect(await count("staff")).toBe(TOWN.officers.length);
    expect(await count("(select distinct unnest(roles) from staff) as r")).toBe(8);
  });

  test("is seeded once, and the same everywhere", async () => {
    const before = await snapshot();
    expect(await seedDemoTown(app())).toBe(false);
    expect(await snapshot()).toEqual(before);
    const other = await open();
    const first = database;
    database = other;
    try {
      expect(await Promise.all([seedDemoTown(app()), seedDemoTown(app())])).toContain(true);
      expect(await snapshot()).toEqual(before);
    } finally {
      database = first;
      await other.close();
    }
  });
});
