import { type FlowDefinition, type Opinions, VOTES } from "#flows";
import type { Response } from "#storage";
import { analyseOpinions, type OpinionAnalysis, type StatementResult, type Vote } from "../opinions/index.ts";
import type { Question } from "../questions.ts";
import { titleOf } from "../questions.ts";
import { suppressLine } from "../statistics/suppress.ts";

/** What the votes on one step's statements say. */
export interface OpinionReport {
  readonly step: string;
  readonly analysis: OpinionAnalysis;
  /** Of statements, by id. */
  readonly texts: Readonly<Record<string, string>>;
}

const VALUES: Readonly<Record<string, Vote["vote"]>> = { agree: 1, disagree: -1, pass: 0 };

/** Opinions by step of the flow; people who did not finish count with the votes that they gave. */
export async function opinionsOf(
  flow: FlowDefinition,
  questions: readonly Question[],
  responses: () => AsyncIterable<Response>,
  language: string,
): Promise<readonly OpinionReport[]> {
  const steps = Object.entries(flow.steps).filter(
    (entry): entry is [string, Opinions] => entry[1].kind === "opinions",
  );
  if (steps.length === 0) return [];
  const votes = new Map<string, Vote[]>(steps.map(([step]) => [step, []]));
  for await (const { session, status, counted, answers } of responses()) {
    if (!counted || status === "screened") continue;
    for (const { question, value } of answers) {
      const cut = question.lastIndexOf("/");
      const vote = VOTES.find((known) => known === value);
      if (vote)
        votes
          .get(question.slice(0, cut))
          ?.push({ voter: session, statement: question.slice(cut + 1), vote: VALUES[vote] ?? 0 });
    }
  }
  return steps.map(([step]) => {
    const statements = questions.filter(
      ({ id, ask }) => id.startsWith(`${step}/`) && ask.answer.type === "choice",
    );
    const idOf = (id: string): string => id.slice(step.length + 1);
    return {
      step,
      analysis: analyseOpinions(votes.get(step) ?? [], { statements: statements.map(({ id }) => idOf(id)) }),
      texts: Object.fromEntries(statements.map(({ id, ask }) => [idOf(id), titleOf(ask, language)])),
    };
  });
}

/** In words; in what is published without statements that fewer than `small` people voted on. */
export function opinionLines({ analysis, texts }: OpinionReport, small: number): readonly string[] {
  const { inConversation, voters, consensus, divisive, uniform } = analysis;
  const words = (id: string): string => `"${texts[id] ?? id}"`;
  const share = (n: number): string => `${Math.round(100 * n)} %`;
  const unanimous = uniform.agreedWithAll.length + uniform.disagreedWithAll.length;
  // What is published gives no small count away, not by its complement either.
  const safe = ({ agree, disagree, pass }: StatementResult): boolean =>
    small === 0 ||
    suppressLine([agree.count, disagree.count, pass.count], small).cells.every((cell) => cell !== null);
  const shown = <T extends StatementResult>(list: readonly T[]): readonly T[] =>
    list.filter(safe).slice(0, 8);
  const percentIn = (n: number): string => (small === 0 ? `${share(n)} ` : "mostly ");
  return [
    `${voters} people voted on statements, ${inConversation} on enough of them to be placed.`,
    ...listed(
      "What most agree on",
      shown(consensus).map(
        (c) =>
          `${words(c.statement)}: ${share(c[c.side].share)} ${c.side} (${share(c[c.side].low)} to ${share(c[c.side].high)}), of ${c.votes}`,
      ),
    ),
    ...listed(
      "What divides people",
      shown(divisive).map(
        (d) =>
          `${words(d.statement)}: ${share(d.agree.share)} agree, ${share(d.disagree.share)} disagree, of ${d.votes}`,
      ),
    ),
    ...(analysis.groups
      ? [
          ...analysis.groups.flatMap(({ voters: members, representative }, i) =>
            listed(
              `Group ${i + 1}, ${members.length} people, what sets it apart`,
              representative.map((r) => `${words(r.statement)}: ${percentIn(r.share)}${r.side}`),
            ),
          ),
          "Groups may be two camps, or the two ends of one scale: read the statements before you say which.",
          ...listed(
            "What all groups share",
            analysis.groupAwareConsensus.slice(0, 5).map((g) => words(g.statement)),
          ),
        ]
      : [analysis.noGroups]),
    ...(unanimous > 0 && small === 0
      ? [
          `${unanimous} agreed, or disagreed, with everything; without them as many as ${uniform.consensusWithout.length} of ${analysis.statements.length} statements are agreed on.`,
        ]
      : []),
  ];
}

const listed = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
