import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CitizenApp, openCitizenApp, THREE_QUESTIONS } from "../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { remindSilent } from "./remind.ts";

describe.each(testDatabases())("reminders on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    const { hours } = clockOf(town.app.clock());
    // To nine in the morning of the next day, in the town.
    town.pass(((24 - hours + 9) % 24) * 3_600_000);
    await town.openConsultation({
      ...THREE_QUESTIONS,
      id: "reminding",
      keywords: ["JOIN"],
      reminders: ["1d", "3d"],
    });
  });
  afterAll(() => database.close());

  const clockOf = (now: Date) => ({ hours: (now.getUTCHours() + 2) % 24 });
  /** As if the person had been silent for so long. */
  const silent = async (address: string, hours: number): Promise<void> => {
    await database.db.execute(
      sql`update sessions set updated_at = now() - ${hours}::int * interval '1 hour' where address = ${address}`,
    );
    await remindSilent(town.app);
  };
  const someone = async () => {
    const address = `sms:${town.nextNumber()}`;
    await town.write(address, "JOIN");
    await town.heard(address);
    return address;
  };

  test("come once after each time that the flow names, with the open question, and no more often", async () => {
    const address = await someone();
    await silent(address, 23);
    expect(await town.heard(address)).toEqual([]);
    await silent(address, 25);
    const [reminder = "", ...others] = await town.heard(address);
    expect(reminder).toMatch(/^session_reminder\/en/);
    expect(reminder.split("\n")[1]).toBeTruthy();
    expect(others).toEqual([]);
    await silent(address, 30);
    expect(await town.heard(address)).toEqual([]);
    await Promise.all([silent(address, 80), silent(address, 80)]);
    expect(await town.heard(address)).toHaveLength(1);
    await silent(address, 500);
    expect(await town.heard(address)).toEqual([]);
  });

  test("are answered like the question itself", async () => {
    const address = await someone();
    await silent(address, 25);
    await town.heard(address);
    await town.write(address, "Nomsa");
    expect(await town.heard(address)).toHaveLength(1);
  });

  test("do not come at night, to who said STOP, has finished, or is with staff", async () => {
    const [night, stopped, helped, done] = await Promise.all([someone(), someone(), someone(), someone()]);
    await town.write(stopped, "STOP");
    for (const text of ["Nomsa", "4", "Fine"]) await town.write(done, text);
    await town.write(helped, "Nomsa");
    for (const text of ["x", "y", "z"]) await town.write(helped, text);
    for (const address of [night, stopped, helped, done]) await town.heard(address);
    town.pass(13 * 3_600_000);
    await silent(night, 25);
    expect(await town.heard(night)).toEqual([]);
    town.pass(11 * 3_600_000);
    for (const address of [stopped, helped, done]) await silent(address, 25);
    for (const address of [stopped, helped, done]) expect(await town.heard(address)).toEqual([]);
    expect(await town.heard(night)).toHaveLength(1);
  });
});
