import { findConsultation, findFlowVersion } from "#storage";
import { questionsOf, textIn, titleOf } from "../questions.ts";
import { type Reader, responsesOf } from "../responses.ts";
import { equalShares } from "./equal-shares.ts";
import { greedy } from "./greedy.ts";
import type { Ballot, BudgetResult, BudgetVote } from "./vote.ts";

export const BUDGET_RULES = { "equal-shares": equalShares, greedy } as const;
export type BudgetRule = keyof typeof BUDGET_RULES;

/** The consultation has no such vote; in words. */
export class NoBudgetVote extends Error {}

export interface CountedBudget {
  readonly title: string;
  readonly question: string;
  readonly openedAt: string | null;
  readonly closedAt: string | null;
  readonly vote: BudgetVote;
  readonly paper: number;
  readonly result: BudgetResult;
}

/**
 * Counts the budget vote of a consultation: one ballot a person, of those who finished, with the paper ballots that were
 * entered beside them. Undefined: no such consultation. Throws {@link NoBudgetVote}.
 */
export async function countBudget(
  reader: Reader,
  id: string,
  options: {
    readonly question?: string;
    readonly rule: BudgetRule;
    readonly seed: string;
    readonly language: string;
    readonly paper?: readonly Ballot[];
  },
): Promise<CountedBudget | undefined> {
  const consultation = await findConsultation(reader.db, id);
  const flow =
    consultation && (await findFlowVersion(reader.db, consultation.flow, consultation.flowVersion));
  if (!consultation || !flow) return undefined;
  const { questions } = await questionsOf(reader.db, consultation);
  const votes = questions.flatMap(({ id: question, ask }) =>
    ask.answer.type === "choices" && ask.answer.budget !== undefined
      ? [
          {
            question,
            ask,
            choices: ask.answer.choices,
            budget: ask.answer.budget,
            knapsack: ask.answer.knapsack,
          },
        ]
      : [],
  );
  const names = votes.map(({ question }) => question).join(", ");
  const found = votes.find(({ question }) => question === (options.question ?? votes[0]?.question));
  if (!found)
    throw new NoBudgetVote(
      votes.length === 0
        ? "No question of this consultation has a budget."
        : `"${options.question}" has no budget; use ${names}.`,
    );
  if (votes.length > 1 && options.question === undefined)
    throw new NoBudgetVote(`Several questions have a budget: say which with --question: ${names}.`);
  const projects = found.choices.map(({ id: project, label, cost = 0 }) => ({
    id: project,
    name: textIn(label, options.language),
    cost,
  }));
  const paper = options.paper ?? [];
  checkPaper(paper, projects, found.knapsack ? found.budget : undefined);
  const ballots: Ballot[] = [...paper];
  for await (const { session, status, counted, answers } of responsesOf(reader, consultation, flow)) {
    if (status !== "completed" || !counted) continue;
    const value = answers.find(({ question }) => question === found.question)?.value;
    if (Array.isArray(value)) ballots.push({ voter: session, projects: value.map(String) });
  }
  const vote = { budget: found.budget, projects, ballots };
  return {
    title: consultation.title,
    question: titleOf(found.ask, options.language),
    openedAt: consultation.openedAt,
    closedAt: consultation.closedAt,
    vote,
    paper: paper.length,
    result: BUDGET_RULES[options.rule](vote, options.seed),
  };
}

/** Paper ballots obey the rules of the others; all faults at once. */
function checkPaper(
  paper: readonly Ballot[],
  projects: BudgetVote["projects"],
  knapsack: number | undefined,
): void {
  const costs = new Map(projects.map(({ id, cost }) => [id, cost]));
  const faults = paper.flatMap(({ voter, projects: chosen }) => {
    const unknown = chosen.find((id) => !costs.has(id));
    if (unknown !== undefined)
      return [`${voter}: "${unknown}" is no project; there are ${[...costs.keys()].join(", ")}`];
    const cost = chosen.reduce((sum, id) => sum + (costs.get(id) ?? 0), 0);
    return knapsack !== undefined && cost > knapsack
      ? [`${voter}: together that costs ${cost}, more than ${knapsack}; the ballot is not valid`]
      : [];
  });
  if (faults.length > 0) throw new NoBudgetVote(faults.join("\n"));
}
