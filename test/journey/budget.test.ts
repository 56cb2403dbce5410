import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { saypro } from "../support/program.ts";
import type { Hand } from "./hand.ts";
import { headlessHand } from "./headless.ts";
import { openStage, type Stage } from "./stage.ts";

let stage: Stage;
let hand: Hand;
beforeAll(async () => {
  stage = await openStage();
  const phones = await stage.client.phones();
  hand = headlessHand(stage.client, new Map(phones.map(({ name, number }) => [name, number])));
}, 120_000);
afterAll(() => stage?.close());

it("a ward's budget is voted on by phone and counted with what the hall counted", {
  timeout: 120_000,
}, async () => {
  await hand.command("naledi", "/saypro consultation open");
  await hand.submit("naledi", "Open a consultation", {
    "Which one": "Your ward's budget (BUDGET, ISABELOMALI, BEGROTING)",
  });
  await hand.sees("naledi", "#operations", "Your ward's budget");
  for (const [who, said] of [
    ["Priya Naidoo", "1 2"],
    ["Sipho Mokoena", "2"],
  ] as const) {
    await hand.say(who, "sms", "BUDGET");
    await hand.reads(who, "sms", "R1 000 000");
    await hand.say(who, "sms", said);
    await hand.reads(who, "sms", "Thank you");
  }
  const consultations = (await (await fetch(`${stage.program.url}/api/consultations`)).json()) as {
    id: string;
    flow: string;
  }[];
  const id = consultations.find(({ flow }) => flow === "ward-budget")?.id ?? "";
  await stage.program.stop();

  const file = join(stage.data, "tallies.csv");
  const count = async (csv: string, rule = "greedy") => {
    await writeFile(file, csv);
    return saypro(["budget", "count", id, "--rule", rule, "--tallies", file, "--json"], {
      DATA_DIR: stage.data,
      TEMPLATES_DIR: join(stage.data, "templates"),
    });
  };
  const head = "station;ballots;project;votes";
  const project = JSON.parse((await count(`${head}\n`)).stdout).projects[0].id as string;
  const counted = await count(`${head}\nHall;40;${project};31\n`);
  expect(counted.code).toBe(0);
  const outcome = JSON.parse(counted.stdout) as {
    ballots: number;
    paper: number;
    projects: { id: string; votes: number }[];
  };
  expect(outcome).toMatchObject({ ballots: 42, paper: 40 });
  expect(outcome.projects.find((each) => each.id === project)?.votes).toBeGreaterThanOrEqual(31);
  for (const [csv, words] of [
    [`${head}\nHall;40;${project};many\n`, /line 2: votes and ballots are counts/],
    [`${head}\nHall;40;${project};3\nHall;41;other;3\n`, /line 3: Hall has 40 ballots/],
    [`${head}\nHall;40;${project};3\nHall;;${project};3\n`, /line 3: Hall, .* is there twice/],
    [`${head}\nHall;;${project};3\n`, /line 2: say how many ballots/],
    ["a;b\n1;2\n", /the columns are not station, ballots, project and votes/],
    [`${head}\nHall;40;nowhere;3\n`, /no project of this vote/],
  ] as const) {
    const refused = await count(csv);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(words)]);
  }
  const shares = await count(`${head}\nHall;40;${project};31\n`, "equal-shares");
  expect([shares.code, shares.stderr]).toEqual([1, expect.stringMatching(/Hall/)]);
});
