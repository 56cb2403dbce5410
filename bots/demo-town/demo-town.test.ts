import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendAudit, rows, verifyAudit, viewConsultations, viewCrises, viewTimeline } from "#storage";
import { loadContent } from "#templates";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { seedDemoTown } from "./index.ts";
import { RESIDENTS } from "./people.ts";
import { TOWN } from "./town.ts";

const NOW = new Date("2026-11-23T08:00:00Z");
const content = await loadContent(fileURLToPath(new URL("../../templates", import.meta.url)));

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
  const app = () => ({ database, content, clock: () => NOW });
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

  test("has one consultation that runs, with answers that fit its questions", async () => {
    const [consultation] = await viewConsultations(database.db);
    expect(consultation).toMatchObject({ flow: "three-questions", status: "open", keywords: ["JOIN"] });
    expect(consultation?.started).toBe(240);
    expect(consultation?.completed).toBeGreaterThan(150);
    const ratings = await rows<{ value: number; n: number }>(
      database.db,
      sql`select value, count(*)::int as n from answers where jsonb_typeof(value) = 'number' group by 1 order by 1`,
    );
    expect(ratings.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5]);
    const numbers = ratings.map(({ n }) => n);
    expect(Math.max(...numbers)).toBeGreaterThan(1.5 * Math.min(...numbers));
    expect(await count("sessions where status = 'active'")).toBe(0);
    expect(await count(`sessions where ended_at > '${NOW.toISOString()}'`)).toBe(0);
    expect(
      await count(
        `sessions s join contacts c on c.id = s.contact_id where c.name in (${TOWN.citizens.map(({ name }) => `'${name}'`).join()})`,
      ),
    ).toBe(0);
  });

  test("has one past crisis, told from the first page to the all-clear", async () => {
    const [crisis, ...others] = await viewCrises(database.db);
    expect(others).toEqual([]);
    expect(crisis).toMatchObject({
      number: 1,
      protocol: "water-quality-emergency",
      mode: "live",
      status: "closed",
    });
    const timeline = await viewTimeline(database.db, crisis?.id ?? "");
    const kinds = timeline.map(({ kind }) => kind);
    expect(kinds.slice(0, 5)).toEqual([
      "declared",
      "tier_paged",
      "tier_silent",
      "tier_paged",
      "acknowledged",
    ]);
    expect(kinds.at(-1)).toBe("closed");
    expect(kinds.filter((kind) => kind === "statement_released")).toHaveLength(4);
    expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted());
    expect(await count("pages where status = 'open'")).toBe(0);
    expect(await count("pages where status = 'acknowledged'")).toBe(1);
    // Approved by another than its author, and said only to those who were on the list then.
    expect(
      await count(
        "statement_versions v join approvals a on a.subject_id = v.id and a.content_hash = v.content_hash and a.decided_by <> v.created_by",
      ),
    ).toBe(4);
    expect(
      await count(
        "messages m join contacts c on c.id = m.contact_id where m.kind = 'statement' and c.opted_out_at < m.created_at",
      ),
    ).toBe(0);
    expect(await count("messages where kind = 'statement' and text ~ '[{}]'")).toBe(0);
  });

  test("has nothing left to send or to wake, and an audit log that holds and goes on", async () => {
    expect(await count("outbox_batches")).toBe(0);
    expect(await count("timers where done_at is null")).toBe(0);
    expect(await count("messages where status in ('queued', 'sending', 'received')")).toBe(0);
    expect(await verifyAudit(database.db)).toMatchObject({ ok: true });
    await database.db.transaction((tx) =>
      appendAudit(tx, { actor: "cli", action: "console.link_made", subject: "staff:x" }),
    );
    expect(await verifyAudit(database.db)).toMatchObject({ ok: true });
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
