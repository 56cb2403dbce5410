import { sql } from "drizzle-orm";
import { v4, v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import { dissolveSession, readAnonymousResponses, showAllResponses } from "./anonymous.ts";
import { rows } from "./database.ts";

describe.each(testDatabases())("anonymous responses on %s", (_engine, open) => {
  let database: TestDatabase;
  const consultation = v7();
  beforeAll(async () => {
    database = await open();
    await database.db.execute(sql`insert into consultations (id, flow, flow_version, title, keywords)
      values (${consultation}, 'f', 1, 'F', '{}')`);
  });
  afterAll(() => database.close());

  /** Somebody finishes, and says as which number. */
  const finish = async (n: number): Promise<void> => {
    const contactId = v7();
    await database.db.execute(sql`insert into contacts (id) values (${contactId})`);
    const session = { id: v7(), contactId, address: "sms:+27600000000", consultationId: consultation };
    await database.db.transaction((tx) =>
      dissolveSession(
        tx as never,
        { ...session, status: "completed", turn: 3, state: {} as never },
        { n },
        v4(),
      ),
    );
  };
  const inTable = () =>
    rows<{ id: string; n: number }>(
      database.db,
      sql`select id, (answers->>'n')::int as n from anonymous_responses`,
    );
  const read = async (page?: number) => {
    const all: number[] = [];
    for await (const { answers } of readAnonymousResponses(database.db, consultation, page))
      all.push(Number(answers[0]?.value));
    return all;
  };
  const rising = (numbers: readonly number[]): number =>
    numbers.filter((n, i) => i > 0 && n > (numbers[i - 1] ?? 0)).length / (numbers.length - 1);

  test("are shown ten at a time, become rows a hundred at a time, in no order; at the end all of them", async () => {
    let before: readonly number[] = [];
    for (let n = 0; n < 230; n++) {
      await finish(n);
      const shown = await read();
      // Whoever looks after each one who finishes learns of nobody, or of ten at once, with as many unseen.
      const fresh = shown.filter((each) => !before.includes(each));
      expect(before.every((each) => shown.includes(each))).toBe(true);
      expect([0, 10]).toContain(fresh.length);
      expect(n + 1 - shown.length).toBeGreaterThanOrEqual(Math.min(10, n + 1));
      before = shown;
    }
    expect(before).toHaveLength(220);
    expect(await inTable()).toHaveLength(200);
    expect(await read(7)).toEqual(await read());
    // The ten that a look added are not the ten who finished last: of twenty, chance took them.
    expect(before).not.toEqual(Array.from({ length: 220 }, (_, n) => n));

    await database.db.transaction((tx) => showAllResponses(tx as never, consultation));
    const order = await inTable();
    expect(order.map(({ id }) => id)).toEqual(order.map(({ id }) => id).toSorted());
    // Of those who finished one after another about half stand in their order, as chance has it.
    expect(rising(order.map(({ n }) => n))).toBeGreaterThan(0.35);
    expect(rising(order.map(({ n }) => n))).toBeLessThan(0.65);
    // Nor do the first hundred stand before the others.
    const firsts = order.slice(0, 115).filter(({ n }) => n < 115).length;
    expect(firsts).toBeGreaterThan(30);
    expect(firsts).toBeLessThan(85);
    expect(await read()).toHaveLength(230);
  });
});
