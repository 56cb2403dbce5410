import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSecrets, rows } from "#storage";
import { loadContent } from "#templates";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { seedDemoTown } from "../demo-town/index.ts";
import { analyse, CannotAnalyse } from "./analysis.ts";
import { gatherReport } from "./report/gather.ts";
import { reportPdf } from "./report/pdf.ts";
import { countLines, methodLines } from "./report/words.ts";
import { responsesOf } from "./responses.ts";
import { consultationResults } from "./results.ts";
import { MarginsError, readMargins } from "./statistics/margins.ts";
import { CannotRake } from "./statistics/rake.ts";
import { tallyResponses } from "./tally.ts";

const NOW = new Date("2026-11-23T08:00:00Z");
const content = await loadContent(fileURLToPath(new URL("../../templates", import.meta.url)));

describe("a file of margins", () => {
  test("shares, percentages or people; ranges of numbers; commas or semicolons", () => {
    expect(
      readMargins(
        "\ufeffVariable;Category;Share\nage;18-34;41,5%\nage;35+;58.5\nsex;f;2 600\nsex;m;2500\n",
        "m.csv",
      ),
    ).toEqual([
      { variable: "age", shares: { "18-34": 41.5, "35+": 58.5 } },
      { variable: "sex", shares: { f: 2600, m: 2500 } },
    ]);
  });

  test("a comma that may part thousands is asked about", () => {
    expect(() => readMargins('variable,category,share\nward,a,"12,000"\n', "m.csv")).toThrow(
      /line 2: "12,000" may be thousands/,
    );
  });

  test("every fault is named with its line", () => {
    const read = () =>
      readMargins("variable,category,share\nage,,1\nage,a,much\nage,b,1\nage,b,2\n", "m.csv");
    expect(read).toThrow(MarginsError);
    expect(read).toThrow(
      /line 2: a variable.*\n.*line 3: "much" is no share.*\n.*line 5: age, b is there twice/,
    );
    expect(() => readMargins("a,b,c\n1,2,3\n", "m.csv")).toThrow(
      "the columns are not variable, category and share",
    );
    expect(() => readMargins("", "m.csv")).toThrow("no lines");
    expect(() => readMargins('a,"b\n', "m.csv")).toThrow("m.csv: ");
  });
});

describe.each(testDatabases())("the analysis on %s", (_engine, open) => {
  let database: TestDatabase;
  let id: string;
  const reader = () => ({ db: database.db, secrets: openSecrets("0".repeat(64)) });
  const language = "en";
  beforeAll(async () => {
    database = await open();
    await seedDemoTown({ database, content, clock: () => NOW });
    const [first] = await rows<{ id: string }>(database.db, sql`select id from consultations limit 1`);
    id = first?.id ?? "";
  });
  afterAll(() => database.close());

  const rating = async (options: object = {}) => {
    const found = await analyse(reader(), id, { language, ...options });
    const question = found?.questions.find((each) => each.id === "rating");
    if (!found || !question) throw new Error("no rating");
    return { ...found, question };
  };

  test("counts what the results count, which count what reading one by one counts", async () => {
    const results = await consultationResults(reader(), id, language);
    const { question, completed } = await rating();
    expect(completed).toBe(results?.completed);
    expect(question.choices.map(({ n }) => n)).toEqual(
      results?.questions.find((each) => each.question === "rating")?.counts.map(({ n }) => n),
    );
    const tally = await tallyResponses(responsesOf(reader(), { id, status: "open" }, {}));
    expect(tally).toMatchObject({
      started: results?.started,
      completed: results?.completed,
      repeated: results?.repeated,
      byLanguage: results?.byLanguage,
      byChannel: results?.byChannel,
    });
    for (const each of tally.questions)
      expect(each.answered).toBe(results?.questions.find((q) => q.question === each.question)?.answered);
  });

  test("weighted shares stand beside the unweighted, and meet a margin that is the question itself", async () => {
    const margins = readMargins(
      "variable,category,share\nchannel,sms,80\nchannel,whatsapp,20\nrating,1-2,50\nrating,3,30\nrating,4+,20",
      "m.csv",
    );
    const { question, raked } = await rating({ margins });
    expect(raked?.converged).toBe(true);
    const share = (ids: readonly string[], key: "plain" | "weighted") =>
      question.choices.filter((c) => ids.includes(c.id)).reduce((sum, c) => sum + (c[key]?.share ?? 0), 0);
    expect(share(["1", "2"], "weighted")).toBeCloseTo(0.5, 5);
    expect(share(["3"], "weighted")).toBeCloseTo(0.3, 5);
    expect(share(["1", "2", "3", "4", "5"], "plain")).toBeCloseTo(1, 12);
    const three = question.choices.find((choice) => choice.id === "3");
    expect(three?.plain?.share).not.toBeCloseTo(0.3, 2);
    // Fewer effective responses: a wider interval for the same share.
    expect(raked?.effectiveSize).toBeLessThan(240);
  });

  test("what cannot be is refused in words", async () => {
    const margins = [{ variable: "language", shares: { zu: 1 } }];
    await expect(rating({ margins })).rejects.toThrow(CannotRake);
    await expect(rating({ by: "comment" })).rejects.toThrow(CannotAnalyse);
    await expect(rating({ by: "nothing" })).rejects.toThrow(
      "nothing is no question of this consultation; use one of: rating, language, channel.",
    );
    expect(await analyse(reader(), "00000000-0000-7000-8000-000000000000", { language })).toBeUndefined();
  });

  test("a table by channel has the rows' sums, and small cells are hidden only in what is published", async () => {
    const { question } = await rating({ by: "channel" });
    expect(question.by?.columns).toEqual(["sms", "whatsapp"]);
    expect(question.by?.table.rowTotals).toEqual(question.choices.map(({ n }) => n));
    await database.db.execute(sql`update answers set value = '1' where question = 'rating' and value = '5'
      and session_id not in (select session_id from answers where question = 'rating' and value = '5' order by 1 limit 3)`);
    const all = await rating();
    expect(all.question.choices.at(-1)?.n).toBe(3);
    const published = await rating({ published: true });
    expect(published.question.choices.at(-1)).toMatchObject({ n: null, plain: null, weighted: null });
    expect(published.question.choices.filter(({ n }) => n === null).length).toBeGreaterThan(1);
  });

  const report = async (published: boolean) => {
    const found = await gatherReport(reader(), id, {
      language,
      published,
      instruments: content.instruments.byId,
      spoken: ["en", "zu", "af"],
    });
    if (!found) throw new Error("no report");
    return found;
  };

  test("the report quotes nobody in what is published who did not allow it", async () => {
    expect((await report(false)).themes.comment?.quoted.length).toBeGreaterThan(5);
    const published = await report(true);
    expect(published.themes.comment?.quoted).toEqual([]);
    expect(published.themes.comment?.answered).toBeGreaterThan(100);
    expect(methodLines(published).join("\n")).toContain("Counts below 5 are not shown");
    expect(methodLines(await report(false)).join("\n")).toContain("Do not publish this version");
    expect(countLines(published, content.deployment).join("\n")).toContain("240 people began, 240 finished");
  });

  test("as PDF it is tagged, in its language, and has its title", async () => {
    const pdf = (await reportPdf(await report(false), content.deployment, NOW)).toString("latin1");
    expect(pdf.startsWith("%PDF-1.7")).toBe(true);
    for (const part of ["/StructTreeRoot", "/Marked true", "/Lang (en-ZA)", "/Alt"])
      expect(pdf).toContain(part);
    expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(1);
  });
});
