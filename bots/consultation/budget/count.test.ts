import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FlowDefinition } from "#flows";
import { type CitizenApp, openCitizenApp, THREE_QUESTIONS } from "../../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../../test/support/database.ts";
import { countBudget, NoBudgetVote } from "./count.ts";

const flow = (id: string, knapsack: boolean): FlowDefinition => ({
  id,
  title: { en: "Ward budget" },
  keywords: [id.toUpperCase()],
  languages: ["en"],
  privacy: "confidential",
  start: "vote",
  steps: {
    vote: {
      kind: "ask",
      text: { en: "Which projects?" },
      answer: {
        type: "choices",
        budget: 100,
        ...(knapsack ? { knapsack } : {}),
        choices: [
          { id: "park", label: { en: "Park" }, cost: 60 },
          { id: "lights", label: { en: "Lights" }, cost: 50 },
          { id: "garden", label: { en: "Garden" }, cost: 40 },
        ],
      },
      next: "end",
    },
    end: { kind: "end", text: { en: "Counted." } },
  },
});

describe.each(testDatabases())("a participatory budget on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
  });
  afterAll(() => database.close());
  const vote = async (keyword: string, ...words: readonly string[]) => {
    const address = `sms:${town.nextNumber()}`;
    for (const text of [keyword, ...words]) await town.write(address, text);
    return { address, heard: await town.heard(address) };
  };
  const count = (id: string, more: object = {}) =>
    countBudget({ db: database.db, secrets: town.app.secrets }, id, {
      rule: "equal-shares",
      seed: "s",
      language: "en",
      ...more,
    });

  test("ballots by phone and on paper, each person's last, counted by either rule", async () => {
    const id = await town.openConsultation(flow("approve", false));
    for (let i = 0; i < 3; i++) await vote("APPROVE", "1, 2");
    const { address } = await vote("APPROVE", "1");
    for (const text of ["APPROVE", "3"]) await town.write(address, text);
    const paper = [{ voter: "hall, line 2 (1)", projects: ["garden"] }];
    const counted = await count(id, { paper });
    expect(counted).toMatchObject({ title: "approve", question: "Which projects?", paper: 1 });
    expect(counted?.vote.ballots).toHaveLength(5);
    // 20 each. Park and lights cost their three supporters a third of a unit each: as many votes, so the cheaper comes
    // first, after which they have 3⅓ left each. The garden's two have 20 each.
    expect(counted?.result.rounds.map(({ project, price }) => [project, price])).toEqual([
      ["lights", "1/3"],
      ["garden", "1/2"],
    ]);
    expect((await count(id, { paper, rule: "greedy" }))?.result.selected).toEqual(["lights", "garden"]);
    await expect(count(id, { paper: [{ voter: "p 2", projects: ["pool"] }] })).rejects.toThrow(
      'p 2: "pool" is no project; there are park, lights, garden',
    );
  });

  test("in a knapsack vote nobody spends more than there is, by phone or on paper", async () => {
    const id = await town.openConsultation(flow("knapsack", true));
    const { heard } = await vote("KNAPSACK", "1, 2", "1, 3");
    expect(heard).toContain("Together that costs 110, and there is 100 to spend. Please choose again.");
    expect(heard.at(-1)).toBe("Counted.");
    expect((await count(id))?.vote.ballots[0]?.projects).toEqual(["park", "garden"]);
    await expect(count(id, { paper: [{ voter: "p 3", projects: ["park", "lights"] }] })).rejects.toThrow(
      /p 3: together that costs 110, more than 100/,
    );
  });

  test("what has no budget is said to have none", async () => {
    const id = await town.openConsultation({ ...THREE_QUESTIONS, keywords: ["NONE"] });
    await expect(count(id)).rejects.toThrow(NoBudgetVote);
    expect(await count("00000000-0000-7000-8000-000000000000")).toBeUndefined();
  });
});
