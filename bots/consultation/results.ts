import { type Ask, againOf, type FlowDefinition, privacyOf, stepsInOrder } from "#flows";
import {
  type Consultation,
  type ConsultationTally,
  countActive,
  countByGroup,
  countByWard,
  countPlaces,
  countReached,
  countSent,
  dissolvedCounts,
  findConsultation,
  findFlowVersion,
  type LabelledCount,
  type QuestionTally,
  type SentCount,
  tallyConsultation,
} from "#storage";
import { type Turnout, turnoutOf } from "./poll/turnout.ts";
import { choicesOf, titleOf, wordsOfChoice } from "./questions.ts";
import { isOver, isSecretBallot, type Reader, responsesOf } from "./responses.ts";
import { type Interval, wilson } from "./statistics/wilson.ts";
import { tallyResponses } from "./tally.ts";

/** Of those who answered a question. */
export interface ChoiceCount extends LabelledCount, Interval {}

export interface QuotaResult {
  /** The step's name, and the cell's. */
  readonly cell: string;
  readonly taken: number;
  readonly limit: number;
}

export interface QuestionResult {
  readonly question: string;
  /** As it was asked, in the deployment's default language. */
  readonly title: string;
  readonly answered: number;
  /** By choice, in the flow's order, with the 95 % interval of its share; empty for open answers. */
  readonly counts: readonly ChoiceCount[];
  readonly latest: readonly string[];
  /** Conversations that ended here without being finished. */
  readonly left: number;
}

export interface ConsultationResults
  extends Pick<Consultation, "id" | "title" | "status">,
    Omit<ConsultationTally, "questions"> {
  readonly privacy: "identified" | "confidential" | "anonymous";
  /** What the conversations cost so far, by channel; null of an anonymous one, whose messages belong to nobody. */
  readonly sent: readonly SentCount[] | null;
  /** People who were sent a broadcast that names a keyword of it. */
  readonly reached: number;
  readonly quotas: readonly QuotaResult[];
  /**
   * Finished responses that are not shown yet, so that nobody's can be told by looking before and after: docs/privacy.md.
   */
  readonly withheld: number;
  /** It has ended, and nobody is under way any more. */
  readonly over: boolean;
  /** Those who began, by their groups and wards; nobody knows those of an anonymous one. */
  readonly byGroup: readonly LabelledCount[];
  readonly byWard: readonly LabelledCount[];
  /** Of a committee's poll. */
  readonly turnout?: Turnout;
  readonly questions: readonly QuestionResult[];
}

/** Results so far, in the words of the flow; undefined when there is no such consultation. */
export async function consultationResults(
  reader: Reader,
  id: string,
  language: string,
): Promise<ConsultationResults | undefined> {
  const { db } = reader;
  const consultation = await findConsultation(db, id);
  if (!consultation) return undefined;
  const flow = await findFlowVersion(db, consultation.flow, consultation.flowVersion);
  const { questions, ...tally } = await tallyOf(reader, consultation, flow ?? {});
  const privacy = privacyOf(flow ?? {});
  const turnout = await turnoutOf(db, id, flow ?? {}, tally.completed);
  const order = flow ? stepsInOrder(flow) : [];
  const place = (question: string): number =>
    order.includes(question) ? order.indexOf(question) : order.length;
  return {
    id,
    title: consultation.title,
    status: consultation.status,
    ...tally,
    privacy,
    over: isOver(consultation.status) && tally.active === 0,
    sent: privacy === "anonymous" ? null : await countSent(db, id),
    byGroup: privacy === "anonymous" ? [] : await countByGroup(db, id),
    byWard: privacy === "anonymous" ? [] : await countByWard(db, id),
    reached: await countReached(db, id),
    ...(turnout ? { turnout } : {}),
    quotas: flow ? await quotasOf(reader, consultation, flow, tally.withheld) : [],
    questions: questions
      // Where a conversation ended may be no question: a pause, or its last words.
      .filter(({ question, answered }) => answered > 0 || flow?.steps[question]?.kind === "ask")
      .toSorted((a, b) => place(a.question) - place(b.question))
      .map((q) => inWords(q, flow, language)),
  };
}

async function tallyOf(
  reader: Reader,
  consultation: Consultation,
  flow: Pick<FlowDefinition, "again" | "privacy" | "voters">,
): Promise<ConsultationTally & { readonly withheld: number }> {
  const { db } = reader;
  const { id, status } = consultation;
  const privacy = privacyOf(flow);
  if (privacy === "identified") return { ...(await tallyConsultation(db, id, againOf(flow))), withheld: 0 };
  const tally = await tallyResponses(responsesOf(reader, consultation, flow));
  if (privacy === "confidential") {
    const withheld = isSecretBallot(flow) && !isOver(status) ? tally.completed : 0;
    return { ...tally, medianSeconds: null, withheld };
  }
  const dissolved = await dissolvedCounts(db, id);
  const active = await countActive(db, id);
  const of = (outcome: string): number => dissolved[outcome] ?? 0;
  const ended = ["completed", "screened", "stopped", "expired", "failed"].reduce((sum, o) => sum + of(o), 0);
  const withheld = of("completed") - tally.completed;
  return {
    ...tally,
    medianSeconds: null,
    started: ended + active,
    completed: of("completed"),
    // Whoever found no room is in a cell that is full: that too would tell of one person.
    screened: isOver(status) && withheld === 0 ? of("screened") : 0,
    active,
    withheld,
  };
}

async function quotasOf(
  { db }: Reader,
  { id, status }: Consultation,
  flow: FlowDefinition,
  withheld: number,
): Promise<readonly QuotaResult[]> {
  if (privacyOf(flow) === "anonymous" && (withheld > 0 || !isOver(status))) return [];
  const steps = Object.entries(flow.steps).flatMap(([name, step]) =>
    step.kind === "quota" ? step.cells.map((cell) => ({ key: `${name}:${cell.name}`, ...cell })) : [],
  );
  if (steps.length === 0) return [];
  const taken = await countPlaces(db, id);
  return steps.map(({ key, name, limit }) => ({ cell: name, taken: taken[key] ?? 0, limit }));
}

function inWords(tally: QuestionTally, flow: FlowDefinition | undefined, language: string): QuestionResult {
  const step = flow?.steps[tally.question];
  const { question, answered, left } = tally;
  // A voice note or a video says nothing in words: it is counted, and stands in the export.
  const latest = tally.latest.filter((said) => said.trim() !== "");
  if (step?.kind !== "ask") return { question, title: question, answered, counts: [], latest, left };
  const title = titleOf(step, language);
  const counts = countsOf(tally, step, language);
  return { question, title, answered, counts, latest: counts.length > 0 ? [] : latest, left };
}

/** Every choice that was offered, also those that nobody took. */
function countsOf({ values, answered }: QuestionTally, ask: Ask, language: string): ChoiceCount[] {
  const { type } = ask.answer;
  const counted = (label: string, n: number): ChoiceCount => ({ label, n, ...wilson(n, answered) });
  if (type === "number") return values.map(({ value, n }) => counted(value, n));
  const text = type === "choice" || type === "choices";
  return choicesOf(ask).map((choice) => {
    const kept = text ? JSON.stringify(choice.id) : choice.id;
    return counted(wordsOfChoice(ask, choice, language), values.find(({ value }) => value === kept)?.n ?? 0);
  });
}
