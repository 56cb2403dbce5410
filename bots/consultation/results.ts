import { type Ask, type FlowDefinition, parseSentence, stepsInOrder } from "#flows";
import {
  type Consultation,
  type Db,
  findConsultation,
  findFlowVersion,
  type LabelledCount,
  type QuestionTally,
  tallyConsultation,
} from "#storage";
import { choicesOf, textIn } from "./questions.ts";

export interface QuestionResult {
  readonly question: string;
  /** As it was asked, in the deployment's default language. */
  readonly title: string;
  readonly answered: number;
  /** By choice, in the flow's order; empty for open answers. */
  readonly counts: readonly LabelledCount[];
  readonly latest: readonly string[];
  /** Conversations that ended here without being finished. */
  readonly left: number;
}

export interface ConsultationResults extends Pick<Consultation, "id" | "title" | "status"> {
  readonly started: number;
  /** Different people among those who started. */
  readonly people: number;
  readonly completed: number;
  readonly active: number;
  /** Median of those who finished; null while nobody has. */
  readonly medianSeconds: number | null;
  readonly byLanguage: readonly LabelledCount[];
  readonly byChannel: readonly LabelledCount[];
  readonly questions: readonly QuestionResult[];
}

/** Results so far, in the words of the flow; undefined when there is no such consultation. */
export async function consultationResults(
  db: Db,
  id: string,
  language: string,
): Promise<ConsultationResults | undefined> {
  const consultation = await findConsultation(db, id);
  if (!consultation) return undefined;
  const flow = await findFlowVersion(db, consultation.flow, consultation.flowVersion);
  const { questions, ...tally } = await tallyConsultation(db, id);
  const order = flow ? stepsInOrder(flow) : [];
  const place = (question: string): number =>
    order.includes(question) ? order.indexOf(question) : order.length;
  return {
    id,
    title: consultation.title,
    status: consultation.status,
    ...tally,
    questions: questions
      // Where a conversation ended may be no question: a pause, or its last words.
      .filter(({ question, answered }) => answered > 0 || flow?.steps[question]?.kind === "ask")
      .toSorted((a, b) => place(a.question) - place(b.question))
      .map((q) => inWords(q, flow, language)),
  };
}

function inWords(tally: QuestionTally, flow: FlowDefinition | undefined, language: string): QuestionResult {
  const step = flow?.steps[tally.question];
  const { question, answered, latest, left } = tally;
  if (step?.kind !== "ask") return { question, title: question, answered, counts: [], latest, left };
  // Each person's own values are left out: their name, for instance.
  const title = parseSentence(textIn(step.text, language), language).render(() => undefined);
  const counts = countsOf(tally, step, language);
  return { question, title, answered, counts, latest: counts.length > 0 ? [] : latest, left };
}

/** Every choice that was offered, also those that nobody took. */
function countsOf({ values }: QuestionTally, ask: Ask, language: string): LabelledCount[] {
  const { type } = ask.answer;
  if (type === "number") return values.map(({ value, n }) => ({ label: value, n }));
  const text = type === "choice" || type === "choices";
  return choicesOf(ask).map(({ id, label }) => {
    const kept = text ? JSON.stringify(id) : id;
    const words = textIn(label, language);
    return {
      label: type === "scale" && words !== id ? `${id} ${words}` : words,
      n: values.find(({ value }) => value === kept)?.n ?? 0,
    };
  });
}
