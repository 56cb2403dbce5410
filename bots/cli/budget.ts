import { readFile, writeFile } from "node:fs/promises";
import { appendAudit } from "#storage";
import {
  type Ballot,
  type BudgetVote,
  type Fault,
  type Outcome,
  type PaperTally,
  readPb,
  writePb,
} from "../budget/index.ts";
import { readConfig } from "../config.ts";
import { BUDGET_RULES, type BudgetRule, budgetVoteOf, NoBudgetVote } from "../consultation/index.ts";
import { readTable } from "../csv.ts";
import { openContent, StartError } from "../open-app.ts";
import { withAnswers } from "./answers.ts";
import { requireId } from "./export.ts";
import { requireWritable } from "./output-file.ts";

interface CountOptions {
  readonly rule: string;
  readonly seed?: string;
  readonly question?: string;
  readonly paper?: string;
  readonly tallies?: string;
  readonly pb?: string;
  readonly json?: boolean;
}

/** `saypro budget count ID`: which projects are paid, with a file by which anybody can count again. */
export async function countBudgetVote(id: string, options: CountOptions): Promise<void> {
  requireId(id);
  const rule = ruleOf(options.rule);
  const config = readConfig(process.env);
  const { deployment } = await openContent(config);
  const paper = options.paper === undefined ? [] : paperBallots(await read(options.paper), options.paper);
  const tallies =
    options.tallies === undefined ? [] : paperTallies(await read(options.tallies), options.tallies);
  await requireWritable("--pb", options.pb);
  await withAnswers(config, async (reader) => {
    const found = await budgetVoteOf(reader, id, {
      ...(options.question ? { question: options.question } : {}),
      seed: options.seed ?? id,
      language: deployment.defaultLanguage,
      paper,
      tallies,
    });
    if (!found) throw new StartError(`There is no consultation ${id}.`);
    const { vote, openedAt, closedAt, title, question } = found;
    const outcome = counted(vote, rule);
    const selected = outcome.projects
      .filter(({ result }) => result === "selected")
      .map((project) => project.id);
    if (options.pb) {
      const written = writePb(
        vote,
        {
          description: title,
          country: "South Africa",
          unit: deployment.municipality,
          instance: id,
          rule: rule === "greedy" ? "greedy" : "equalshares/add1+greedy",
          dateBegin: dayOf(openedAt),
          dateEnd: dayOf(closedAt),
        },
        selected,
      );
      if (!written.ok) throw new StartError(inWords(written.faults));
      await writeFile(options.pb, written.text);
    }
    await reader.db.transaction((tx) =>
      appendAudit(tx, {
        actor: "cli",
        action: "consultation.budget_counted",
        subject: `consultation:${id}`,
        data: { rule, seed: vote.seed, ballots: outcome.ballots, paper: outcome.paper, selected },
      }),
    );
    show(outcome, options.json ?? false, [title, question]);
  }).catch((error: unknown) => {
    throw error instanceof NoBudgetVote ? new StartError(error.message) : error;
  });
}

/** `saypro budget recount FILE.pb`: the same count from the published file, without the program's data. */
export async function recountBudgetVote(
  path: string,
  options: Partial<Pick<CountOptions, "rule">> & Pick<CountOptions, "seed" | "json">,
): Promise<void> {
  const file = readPb(await read(path));
  if (!file.ok) throw new StartError(inWords(file.faults, path));
  const { vote, meta } = file.file;
  const rule = ruleOf(options.rule ?? (meta.rule.startsWith("greedy") ? "greedy" : "equal-shares"));
  const seed = options.seed ?? vote.seed;
  if (seed === undefined) throw new StartError(`${path} has no tie_break_seed: give one with --seed.`);
  show(counted({ ...vote, seed }, rule), options.json ?? false, [path]);
}

function counted(vote: BudgetVote, rule: BudgetRule): Outcome {
  const result = BUDGET_RULES[rule](vote);
  if (!result.ok) throw new StartError(inWords(result.faults));
  return result.outcome;
}

const inWords = (faults: readonly Fault[], path?: string): string =>
  faults
    .map(
      ({ line, what, remedy }) =>
        `${path ? `${path}${line ? `, line ${line}` : ""}: ` : ""}${what} ${remedy}`,
    )
    .join("\n");

function ruleOf(name: string): BudgetRule {
  const rule = (Object.keys(BUDGET_RULES) as BudgetRule[]).find((known) => known === name);
  if (!rule) throw new StartError(`--rule ${name}: choose one of ${Object.keys(BUDGET_RULES).join(", ")}.`);
  return rule;
}

const read = (path: string): Promise<string> =>
  readFile(path, "utf8").catch(() => {
    throw new StartError(`${path} cannot be read: check the name and that it is a file.`);
  });

/** `03.04.2027`, as Pabulib writes days; what is still open has none. */
const dayOf = (at: string | null): string => (at ? at.slice(0, 10).split("-").toReversed().join(".") : "");

/** One ballot a line: `station`, `ballot`, `projects`; the projects by their ids with blanks between them. */
const paperBallots = (text: string, path: string): readonly Ballot[] =>
  tableOf(text, path).map(({ station, ballot, projects }) => {
    if (station === undefined || ballot === undefined || projects === undefined)
      throw new StartError(
        `${path}: the columns are not station, ballot and projects; name them so in the first line.`,
      );
    return {
      voter: `${station} ${ballot}`,
      station,
      source: "paper",
      approves: projects.split(/[\s,]+/).filter(Boolean),
    };
  });

/**
 * What a station counted, a line for each project: `station`, `ballots` (papers, blank ones too), `project` (its id),
 * `votes`. `ballots` may stand on the station's first line alone.
 */
function paperTallies(text: string, path: string): readonly PaperTally[] {
  const stations = new Map<string, { ballots: number; readonly votes: Record<string, number> }>();
  for (const [index, { station, ballots, project, votes }] of tableOf(text, path).entries()) {
    const at = `${path}, line ${index + 2}`;
    if (station === undefined || ballots === undefined || project === undefined || votes === undefined)
      throw new StartError(
        `${path}: the columns are not station, ballots, project and votes; name them so in the first line.`,
      );
    if (votes === "" || !Number.isInteger(Number(votes)) || !Number.isInteger(Number(ballots)))
      throw new StartError(`${at}: votes and ballots are counts; write whole numbers.`);
    const known = stations.get(station);
    if (known && ballots !== "" && known.ballots !== Number(ballots))
      throw new StartError(`${at}: ${station} has ${known.ballots} ballots on an earlier line.`);
    if (!known && ballots === "")
      throw new StartError(`${at}: say how many ballots ${station} counted, on its first line.`);
    if (known && project in known.votes)
      throw new StartError(`${at}: ${station}, ${project} is there twice.`);
    const tally = known ?? { ballots: Number(ballots), votes: {} };
    stations.set(station, tally);
    tally.votes[project] = Number(votes);
  }
  return [...stations].map(([station, tally]) => ({ station, ...tally }));
}

function tableOf(text: string, path: string): ReturnType<typeof readTable> {
  try {
    return readTable(text);
  } catch (error) {
    throw new StartError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function show(outcome: Outcome, json: boolean, head: readonly string[]): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    return;
  }
  const { ballots, blank, paper, projects, spent, budget, leftover, rule, seed, shares } = outcome;
  const won = projects
    .filter(({ result }) => result === "selected")
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  const lost = projects.filter(({ result }) => result !== "selected");
  const lines = [
    ...head,
    `${ballots} ballots, ${paper} of them on paper, ${blank} blank. Rule: ${rule}; ties are broken by SHA-256 over "${seed}".`,
    "",
    ...won.map(
      ({ order, name, cost, votes, rho }) =>
        `${String(order).padStart(3)}. ${name}  ${cost}  ${votes} votes${rho ? `, ${rho} a unit` : ""}`,
    ),
    ...lost.map(
      ({ name, cost, votes, because }) =>
        `  –  ${name}  ${cost}  ${votes} votes: ${WHY[because ?? "did_not_fit"]}`,
    ),
    "",
    `${won.length} of ${projects.length} projects, ${spent} of ${budget} spent, ${leftover} left.${shares ? ` Each voter had ${shares.share}.` : ""}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

const WHY = {
  no_votes: "nobody voted for it",
  dearer_than_the_budget: "dearer than the budget",
  did_not_fit: "it did not fit any more",
  supporters_cannot_pay: "its supporters' money is not enough",
} as const;
