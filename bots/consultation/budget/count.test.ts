import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FlowDefinition } from "#flows";
import { type CitizenApp, openCitizenApp, THREE_QUESTIONS } from "../../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../../test/support/database.ts";
import type { Ballot } from "../../budget/index.ts";
import { BUDGET_RULES, type BudgetRule, budgetVoteOf, NoBudgetVote } from "./count.ts";

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
  const voteOf = (id: string, paper: readonly Ballot[] = []) =>
    budgetVoteOf({ db: database.db, secrets: town.app.secrets }, id, { seed: "s", language: "en", paper });
  const count = async (id: string, rule: BudgetRule, paper: readonly Ballot[] = []) => {
    const found = await voteOf(id, paper);
    if (!found) throw new Error("no vote");
    return BUDGET_RULES[rule](found.vote);
  };
  const onPaper = (...approves: readonly string[]): Ballot => ({
    voter: "line 2, hall 1",
    station: "hall",
    source: "paper",
    approves,
  });

  test("ballots by phone and on paper, each person's last, counted by either rule", async () => {
    const id = await town.openConsultation(flow("approve", false));
    for (let i = 0; i < 3; i++) await vote("APPROVE", "1, 2");
    const { address } = await vote("APPROVE", "1");
    for (const text of ["APPROVE", "3"]) await town.write(address, text);
    const found = await voteOf(id, [onPaper("garden")]);
    expect(found).toMatchObject({ title: "approve", question: "Which projects?" });
    expect(found?.vote.ballots).toHaveLength(5);
    // 20 each. Park and lights cost their three supporters a third of a unit each: as many votes, so the cheaper comes
    // first, after which they have 3⅓ left each. The garden's two have 20 each.
    expect(await count(id, "equal-shares", [onPaper("garden")])).toMatchObject({
      ok: true,
      outcome: {
        paper: 1,
        spent: 90,
        rounds: [
          { project: "lights", rho: "1/3" },
          { project: "garden", rho: "1/2" },
          { rule: "greedy", project: "park", bought: false },
        ],
      },
    });
    expect(await count(id, "greedy", [onPaper("garden")])).toMatchObject({
      ok: true,
      outcome: { spent: 90 },
    });
    expect(await count(id, "greedy", [onPaper("pool")])).toMatchObject({
      ok: false,
      faults: [{ code: "unknown_project" }],
    });
  });

  test("in a knapsack vote nobody spends more than there is, by phone or on paper", async () => {
    const id = await town.openConsultation(flow("knapsack", true));
    const { heard } = await vote("KNAPSACK", "1, 2", "1, 3");
    expect(heard).toContain("Together that costs 110, and there is 100 to spend. Please choose again.");
    expect(heard.at(-1)).toBe("Counted.");
    expect((await voteOf(id))?.vote).toMatchObject({
      kind: "knapsack",
      ballots: [{ approves: ["park", "garden"] }],
    });
    expect(await count(id, "equal-shares", [onPaper("park", "lights")])).toMatchObject({
      ok: false,
      faults: [{ code: "over_the_budget" }],
    });
  });

  test("paper ballots name as many projects as the question allows; those that do not are named", async () => {
    const bounded = flow("bounded", false);
    const vote = bounded.steps.vote as Extract<FlowDefinition["steps"][string], { kind: "ask" }>;
    const id = await town.openConsultation({
      ...bounded,
      steps: { ...bounded.steps, vote: { ...vote, answer: { ...vote.answer, max: 2 } as never } },
    });
    expect((await voteOf(id, [onPaper("park", "park", "garden"), onPaper()]))?.vote.ballots).toHaveLength(2);
    await expect(voteOf(id, [onPaper("park", "lights", "garden")])).rejects.toThrow(
      "Paper ballot line 2, hall 1: names 3 projects, and at most 2 may be. It is spoilt: take it out of the file.",
    );
  });

  test("what has no budget is said to have none", async () => {
    const id = await town.openConsultation({ ...THREE_QUESTIONS, keywords: ["NONE"] });
    await expect(voteOf(id)).rejects.toThrow(NoBudgetVote);
    expect(await voteOf("00000000-0000-7000-8000-000000000000")).toBeUndefined();
  });
});
