import { findConsultation, findFlowVersion } from "#storage";
import {
  type Ballot,
  type BudgetVote,
  type Counted,
  countEqualShares,
  countGreedy,
  type PaperTally,
} from "../../budget/index.ts";
import { questionsOf, textIn, titleOf } from "../questions.ts";
import { type Reader, responsesOf } from "../responses.ts";

export const BUDGET_RULES = {
  /** Equal Shares, completed by larger shares and then by votes: nothing that fits and is wanted stays unpaid. */
  "equal-shares": (vote: BudgetVote): Counted => countEqualShares(vote, "add1_then_greedy"),
  greedy: countGreedy,
} as const;
export type BudgetRule = keyof typeof BUDGET_RULES;

/** The consultation has no such vote; in words. */
export class NoBudgetVote extends Error {}

export interface BudgetOfConsultation {
  readonly title: string;
  readonly question: string;
  readonly openedAt: string | null;
  readonly closedAt: string | null;
  readonly vote: BudgetVote;
}

/**
 * The budget vote of a consultation: one ballot a person, of those who finished, with what was entered from paper beside
 * them. Undefined: no such consultation. Throws {@link NoBudgetVote}.
 */
export async function budgetVoteOf(
  reader: Reader,
  id: string,
  options: {
    readonly question?: string;
    readonly seed: string;
    readonly language: string;
    readonly paper?: readonly Ballot[];
    readonly tallies?: readonly PaperTally[];
  },
): Promise<BudgetOfConsultation | undefined> {
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
            min: ask.answer.min,
            max: ask.answer.max,
            knapsack: ask.answer.knapsack,
          },
        ]
      : [],
  );
  const names = votes.map(({ question }) => question).join(", ");
  if (votes.length > 1 && options.question === undefined)
    throw new NoBudgetVote(`Several questions have a budget: say which with --question: ${names}.`);
  const found = votes.find(({ question }) => question === (options.question ?? votes[0]?.question));
  if (!found)
    throw new NoBudgetVote(
      votes.length === 0
        ? "No question of this consultation has a budget."
        : `"${options.question}" has no budget; use ${names}.`,
    );
  const paper = options.paper ?? [];
  checkPaper(paper, found);
  const ballots: Ballot[] = [...paper];
  for await (const { session, status, counted, answers } of responsesOf(reader, consultation, flow)) {
    if (status !== "completed" || !counted) continue;
    const value = answers.find(({ question }) => question === found.question)?.value;
    if (Array.isArray(value)) ballots.push({ voter: session, approves: value.map(String) });
  }
  return {
    title: consultation.title,
    question: titleOf(found.ask, options.language),
    openedAt: consultation.openedAt,
    closedAt: consultation.closedAt,
    vote: {
      budget: found.budget,
      kind: found.knapsack ? "knapsack" : "approval",
      projects: found.choices.map(({ id: project, label, cost = 0 }) => ({
        id: project,
        name: textIn(label, options.language),
        cost,
      })),
      ballots,
      ...(options.tallies && options.tallies.length > 0 ? { tallies: options.tallies } : {}),
      seed: options.seed,
    },
  };
}

/** By phone nobody can name more or fewer projects than the question allows; on paper they can. */
function checkPaper(
  paper: readonly Ballot[],
  {
    min = 0,
    max = Number.POSITIVE_INFINITY,
  }: { readonly min?: number | undefined; readonly max?: number | undefined },
): void {
  const faults = paper.flatMap(({ voter, approves }) => {
    const named = new Set(approves).size;
    // A blank ballot counts as one who voted for nothing.
    if (named === 0 || (named >= min && named <= max)) return [];
    return [
      `Paper ballot ${voter}: names ${named} projects, and ${named < min ? `at least ${min} have to be` : `at most ${max} may be`}. It is spoilt: take it out of the file.`,
    ];
  });
  if (faults.length > 0) throw new NoBudgetVote(faults.join("\n"));
}
