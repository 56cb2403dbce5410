import { readFile, writeFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import { appendAudit, loadOrCreateKey, openSecrets } from "#storage";
import { readConfig } from "../config.ts";
import {
  type Ballot,
  BUDGET_RULES,
  type BudgetResult,
  type BudgetRule,
  type BudgetVote,
  countBudget,
  NoBudgetVote,
  PbError,
  readPb,
  writePb,
} from "../consultation/index.ts";
import { openContent, openData, StartError } from "../open-app.ts";

interface CountOptions {
  readonly rule: string;
  readonly seed?: string;
  readonly question?: string;
  readonly paper?: string;
  readonly pb?: string;
  readonly json?: boolean;
}

/** `saypro budget count ID`: which projects are paid, with a file by which anybody can count again. */
export async function countBudgetVote(id: string, options: CountOptions): Promise<void> {
  const rule = ruleOf(options.rule);
  const config = readConfig(process.env);
  const { deployment } = await openContent(config);
  const paper = options.paper === undefined ? [] : paperBallots(await read(options.paper), options.paper);
  const { database, release } = await openData(config);
  try {
    const secrets = openSecrets(config.secretsKey ?? loadOrCreateKey(config.dataDir));
    const seed = options.seed ?? id;
    const counted = await countBudget({ db: database.db, secrets }, id, {
      ...(options.question ? { question: options.question } : {}),
      rule,
      seed,
      language: deployment.defaultLanguage,
      paper,
    });
    if (!counted) throw new StartError(`There is no consultation ${id}.`);
    await database.db.transaction((tx) =>
      appendAudit(tx, {
        actor: "cli",
        action: "consultation.budget_counted",
        subject: `consultation:${id}`,
        data: {
          rule,
          seed,
          ballots: counted.vote.ballots.length,
          paper: counted.paper,
          selected: counted.result.selected,
        },
      }),
    );
    if (options.pb) {
      const meta = {
        description: counted.title,
        country: "South Africa",
        unit: deployment.municipality,
        instance: id,
        rule: rule === "greedy" ? "greedy" : "equalshares",
        ...(counted.openedAt ? { from: counted.openedAt.slice(0, 10) } : {}),
        ...(counted.closedAt ? { to: counted.closedAt.slice(0, 10) } : {}),
      };
      await writeFile(options.pb, writePb(counted.vote, meta, counted.result.selected));
    }
    show(counted.vote, counted.result, { rule, seed, ...(options.json ? { json: true } : {}) }, [
      counted.title,
      counted.question,
      `${counted.vote.ballots.length} ballots, ${counted.paper} of them on paper.`,
    ]);
  } catch (error) {
    if (error instanceof NoBudgetVote) throw new StartError(error.message);
    throw error;
  } finally {
    await database.close();
    await release();
  }
}

/** `saypro budget recount FILE.pb`: the same count from the published file, without the program's data. */
export async function recountBudgetVote(
  path: string,
  options: Pick<CountOptions, "rule" | "seed" | "json">,
): Promise<void> {
  const rule = ruleOf(options.rule);
  const text = await read(path);
  let vote: BudgetVote;
  try {
    vote = readPb(text);
  } catch (error) {
    if (error instanceof PbError) throw new StartError(`${path}: ${error.message}`);
    throw error;
  }
  const seed = options.seed ?? /^instance;(.*)$/m.exec(text)?.[1]?.trim() ?? "";
  show(vote, BUDGET_RULES[rule](vote, seed), { rule, seed, ...(options.json ? { json: true } : {}) }, [path]);
}

function ruleOf(name: string): BudgetRule {
  const rule = (Object.keys(BUDGET_RULES) as BudgetRule[]).find((known) => known === name);
  if (!rule) throw new StartError(`--rule ${name}: choose one of ${Object.keys(BUDGET_RULES).join(", ")}.`);
  return rule;
}

const read = (path: string): Promise<string> =>
  readFile(path, "utf8").catch(() => {
    throw new StartError(`${path} cannot be read: check the name and that it is a file.`);
  });

/** One ballot a line: `ballot,projects`, the projects by their ids with blanks between them. */
function paperBallots(text: string, path: string): readonly Ballot[] {
  try {
    const rows = parse<Record<string, string>>(text, {
      bom: true,
      columns: (head: string[]) => head.map((name) => name.trim().toLowerCase()),
      delimiter: text.split("\n", 1)[0]?.includes(";") ? ";" : ",",
      skip_empty_lines: true,
      trim: true,
    });
    return rows.map(({ ballot, projects }, i) => {
      if (ballot === undefined || projects === undefined)
        throw new StartError(
          `${path}: the columns are not ballot and projects; name them so in the first line.`,
        );
      return {
        voter: `${path}, line ${i + 2} (${ballot})`,
        projects: projects.split(/[\s,]+/).filter(Boolean),
      };
    });
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function show(
  { budget, projects }: BudgetVote,
  result: BudgetResult,
  { rule, seed, json }: { readonly rule: BudgetRule; readonly seed: string; readonly json?: boolean },
  head: readonly string[],
): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ rule, seed, budget, ...result })}\n`);
    return;
  }
  const name = (id: string): string => projects.find((project) => project.id === id)?.name ?? id;
  const lines = [
    ...head,
    `Rule: ${rule}; ties are broken by SHA-256 over "${seed}" and the project's id.`,
    "",
    ...result.rounds.map(
      ({ project, cost, votes, price }, i) =>
        `${String(i + 1).padStart(3)}. ${name(project)}  ${cost}  ${votes} votes${price ? `, ${price} a unit` : ""}`,
    ),
    "",
    `${result.selected.length} of ${projects.length} projects, ${result.spent} of ${budget} spent, ${result.left} left.${result.share ? ` Each voter had ${result.share}.` : ""}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
