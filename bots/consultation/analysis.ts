import type { Ask } from "#flows";
import { type Consultation, findConsultation, findFlowVersion, isSkipped, type Response } from "#storage";
import { choicesOf, type Question, questionsOf, titleOf, wordsOfChoice } from "./questions.ts";
import { type Reader, responsesOf } from "./responses.ts";
import { categoryOf } from "./statistics/margins.ts";
import { type Margin, type Raked, rake } from "./statistics/rake.ts";
import {
  DEFAULT_THRESHOLD,
  type PublishedTable,
  suppressLine,
  suppressTable,
} from "./statistics/suppress.ts";
import { type Interval, wilson, withFinitePopulation } from "./statistics/wilson.ts";

/** A share with its 95 % interval. */
export interface Share extends Interval {
  readonly share: number;
}

export interface AnalysedChoice {
  readonly id: string;
  readonly label: string;
  /** Null where it is too small to be published. */
  readonly n: number | null;
  readonly plain: Share | null;
  /** As if those who took part were spread like the population; only with margins. */
  readonly weighted: Share | null;
}

export interface AnalysedQuestion {
  readonly id: string;
  readonly title: string;
  readonly type: Ask["answer"]["type"];
  /** Null where it is too small to be published. */
  readonly answered: number | null;
  /** Several may be chosen: shares sum to more than one. */
  readonly several: boolean;
  readonly choices: readonly AnalysedChoice[];
  readonly by?: Crossed;
}

/** A question against what else is known of those who answered it: a row a choice, a column a category. */
export interface Crossed {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly table: PublishedTable;
}

export interface Analysis extends Pick<Consultation, "id" | "title" | "status" | "openedAt" | "closedAt"> {
  /** Finished responses, one a person: what all shares are of. */
  readonly completed: number;
  readonly late: number;
  readonly questions: readonly AnalysedQuestion[];
  readonly raked?: Raked;
  /** Counts below this are hidden; absent: nothing is. */
  readonly threshold?: number;
}

export interface AnalysisOptions {
  /** Of the labels. */
  readonly language: string;
  readonly margins?: readonly Margin[];
  /** People who could have taken part: narrows intervals once more than a twentieth of them did. */
  readonly population?: number;
  /** A question with single answers, `language` or `channel`. */
  readonly by?: string;
  /** To be shown to everybody: small counts are hidden. */
  readonly published?: boolean;
  readonly threshold?: number;
}

/** The question that was asked for cannot be used, in words. */
export class CannotAnalyse extends Error {}

/** People who are the same in everything that matters for weights and columns. */
interface Kind {
  readonly categories: Readonly<Record<string, string>>;
  readonly column: string | undefined;
  n: number;
  /** By question, then by choice; the empty choice counts those who answered. */
  readonly counts: Map<string, Map<string, number>>;
}

/**
 * What those who finished have answered, question by question: unweighted, and beside it weighted to the margins of the
 * population. Undefined: no such consultation. Throws CannotRake and {@link CannotAnalyse}.
 */
export async function analyse(
  reader: Reader,
  id: string,
  options: AnalysisOptions,
): Promise<Analysis | undefined> {
  const consultation = await findConsultation(reader.db, id);
  if (!consultation) return undefined;
  const flow = (await findFlowVersion(reader.db, consultation.flow, consultation.flowVersion)) ?? {};
  const { questions } = await questionsOf(reader.db, consultation);
  const { margins = [], by, language, population } = options;
  for (const variable of [...margins.map((margin) => margin.variable), ...(by === undefined ? [] : [by])])
    checkVariable(variable, questions);
  const { kinds, late } = await gather(responsesOf(reader, consultation, flow), margins, by);
  const completed = kinds.reduce((sum, { n }) => sum + n, 0);
  if (population !== undefined && population < completed)
    throw new CannotAnalyse(`--population ${population} is fewer than the ${completed} who answered.`);
  const raked = margins.length > 0 ? rake(kinds, margins) : undefined;
  const threshold = options.published ? (options.threshold ?? DEFAULT_THRESHOLD) : 0;
  const { title, status, openedAt, closedAt } = consultation;
  return {
    id,
    title,
    status,
    openedAt,
    closedAt,
    completed,
    late,
    questions: questions.map((question) => {
      const found = inShares(question, kinds, raked?.weights, { language, population, threshold });
      // Of several choices the cells of a table add up to what one-way counts hide.
      const several = threshold > 0 && question.ask.answer.type === "choices";
      return by === undefined || several || by === question.id || choicesOf(question.ask).length === 0
        ? found
        : { ...found, by: crossed(question, kinds, questions, by, language, threshold) };
    }),
    ...(raked ? { raked } : {}),
    ...(threshold > 0 ? { threshold } : {}),
  };
}

const OUTSIDE = ["language", "channel"];

function checkVariable(variable: string, questions: readonly Question[]): void {
  if (OUTSIDE.includes(variable)) return;
  const question = questions.find(({ id }) => id === variable);
  const usable = questions.filter(({ ask }) => isSingle(ask)).map(({ id }) => id);
  if (!question || !isSingle(question.ask))
    throw new CannotAnalyse(
      `${variable} is ${question ? "not a question with one answer of a few" : "no question of this consultation"}; use one of: ${[...usable, ...OUTSIDE].join(", ")}.`,
    );
}

const isSingle = ({ answer }: Ask): boolean => ["choice", "yes_no", "scale", "number"].includes(answer.type);

async function gather(
  responses: AsyncIterable<Response>,
  margins: readonly Margin[],
  by: string | undefined,
): Promise<{ readonly kinds: readonly Kind[]; readonly late: number }> {
  const kinds = new Map<string, Kind>();
  let late = 0;
  for await (const response of responses) {
    if (response.status !== "completed" || !response.counted) continue;
    if (response.late) late++;
    const categories: Record<string, string> = {};
    for (const { variable, shares } of margins) {
      const value = answerTo(response, variable);
      if (value !== undefined) categories[variable] = categoryOf(value, Object.keys(shares));
    }
    const column = by === undefined ? undefined : answerTo(response, by);
    const key = JSON.stringify([column, ...margins.map(({ variable }) => categories[variable])]);
    const kind = kinds.get(key) ?? { categories, column, n: 0, counts: new Map() };
    kinds.set(key, kind);
    kind.n++;
    for (const { question, value } of response.answers) {
      if (isSkipped(value)) continue;
      const counts = kind.counts.get(question) ?? new Map<string, number>();
      kind.counts.set(question, counts);
      const chosen = Array.isArray(value) ? value : typeof value === "object" ? [] : [value];
      for (const each of new Set(["", ...chosen.map(String)])) counts.set(each, (counts.get(each) ?? 0) + 1);
    }
  }
  return { kinds: [...kinds.values()], late };
}

function answerTo(response: Response, variable: string): string | undefined {
  if (variable === "language") return response.language ?? undefined;
  if (variable === "channel") return response.channel ?? undefined;
  const value = response.answers.find(({ question }) => question === variable)?.value;
  return value === undefined || typeof value === "object" ? undefined : String(value);
}

function inShares(
  { id, ask }: Question,
  kinds: readonly Kind[],
  weights: readonly number[] | undefined,
  {
    language,
    population,
    threshold,
  }: { language: string; population: number | undefined; threshold: number },
): AnalysedQuestion {
  const choices = choicesOf(ask);
  const several = ask.answer.type === "choices";
  const count = (choice: string): number => sumOver(kinds, id, choice, () => 1);
  const answered = count("");
  const counts = choices.map((choice) => count(choice.id));
  const { cells, total } = published(counts, answered, several, threshold);
  const weightOf = (i: number): number => weights?.[i] ?? 1;
  const weighted = sumOver(kinds, id, "", weightOf);
  const effective = weighted ** 2 / sumOver(kinds, id, "", (i) => weightOf(i) ** 2);
  const share = (p: number, n: number): Share => {
    const size = withFinitePopulation(n, population);
    return { share: p, ...(Number.isFinite(size) ? wilson(p * size, size) : { low: p, high: p }) };
  };
  return {
    id,
    title: titleOf(ask, language),
    type: ask.answer.type,
    answered: total,
    several,
    choices: choices.map((choice, i): AnalysedChoice => {
      const n = cells[i] ?? null;
      const hidden = n === null || total === null || answered === 0;
      return {
        id: choice.id,
        label: wordsOfChoice(ask, choice, language),
        n,
        plain: hidden ? null : share(n / answered, answered),
        weighted:
          hidden || !weights || !(effective > 0)
            ? null
            : share(sumOver(kinds, id, choice.id, weightOf) / weighted, effective),
      };
    }),
  };
}

/** Of several choices each is a question of its own: chosen or not. */
function published(
  counts: readonly number[],
  answered: number,
  several: boolean,
  threshold: number,
): { readonly cells: readonly (number | null)[]; readonly total: number | null } {
  if (threshold === 0) return { cells: counts, total: answered };
  if (!several) {
    // Those who answered something that is no choice any more stand in the total.
    const other = answered - counts.reduce((sum, n) => sum + n, 0);
    const { cells, total } = suppressLine([...counts, other], threshold);
    return { cells: cells.slice(0, counts.length), total };
  }
  if (answered > 0 && answered < threshold) return { cells: counts.map(() => null), total: null };
  // Where everybody chose as many, the counts have a sum that is known.
  const line = suppressLine(counts, threshold).cells;
  return {
    cells: counts.map((n, i) =>
      line[i] === null ? null : (suppressLine([n, answered - n], threshold).cells[0] ?? null),
    ),
    total: answered,
  };
}

function sumOver(
  kinds: readonly Kind[],
  question: string,
  choice: string,
  weight: (kind: number) => number,
): number {
  return kinds.reduce((sum, { counts }, i) => sum + (counts.get(question)?.get(choice) ?? 0) * weight(i), 0);
}

function crossed(
  { id, ask }: Question,
  kinds: readonly Kind[],
  questions: readonly Question[],
  by: string,
  language: string,
  threshold: number,
): Crossed {
  const of = questions.find((question) => question.id === by);
  const known = of ? choicesOf(of.ask) : [];
  const columns = [...new Set(kinds.map(({ column }) => column ?? ""))].toSorted(
    (a, b) => place(known, a) - place(known, b) || a.localeCompare(b, "en", { numeric: true }),
  );
  const choices = choicesOf(ask);
  const counts = choices.map((choice) =>
    columns.map((column) =>
      sumOver(
        kinds.filter((kind) => (kind.column ?? "") === column),
        id,
        choice.id,
        () => 1,
      ),
    ),
  );
  return {
    columns: columns.map((column) => {
      const choice = known.find((each) => each.id === column);
      return column === "" ? "not known" : of && choice ? wordsOfChoice(of.ask, choice, language) : column;
    }),
    rows: choices.map((choice) => wordsOfChoice(ask, choice, language)),
    // A person who chose several is counted in several rows: then the totals are of choices, not of people.
    table: suppressTable(counts, threshold),
  };
}

function place(choices: readonly { readonly id: string }[], id: string): number {
  const found = choices.findIndex((choice) => choice.id === id);
  return found < 0 ? choices.length : found;
}
