import { type Ask, type FlowDefinition, stepsInOrder, type Text } from "#flows";
import {
  type Consultation,
  type Db,
  findConsultation,
  findFlowVersion,
  type LabelledCount,
  type QuestionTally,
  tallyConsultation,
} from "#storage";

export interface QuestionResult {
  readonly question: string;
  /** As it was asked, in the deployment's default language. */
  readonly title: string;
  readonly answered: number;
  /** By choice, in the flow's order; empty for open answers. */
  readonly counts: readonly LabelledCount[];
  readonly latest: readonly string[];
}

export interface ConsultationResults extends Pick<Consultation, "id" | "title" | "status"> {
  readonly started: number;
  readonly completed: number;
  readonly active: number;
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
      .toSorted((a, b) => place(a.question) - place(b.question))
      .map((q) => inWords(q, flow, language)),
  };
}

function inWords(tally: QuestionTally, flow: FlowDefinition | undefined, language: string): QuestionResult {
  const step = flow?.steps[tally.question];
  const { question, answered, latest } = tally;
  if (step?.kind !== "ask") return { question, title: question, answered, counts: [], latest };
  const title = textIn(step.text, language);
  const counts = countsOf(tally, step, language);
  return { question, title, answered, counts, latest: counts.length > 0 ? [] : latest };
}

/** Every choice that was offered, also those that nobody took. */
function countsOf({ values }: QuestionTally, { answer }: Ask, language: string): LabelledCount[] {
  const n = (value: unknown): number => values.find((v) => v.value === JSON.stringify(value))?.n ?? 0;
  switch (answer.type) {
    case "choice":
    case "choices":
      return answer.choices.map((choice) => ({ label: textIn(choice.label, language), n: n(choice.id) }));
    case "yes_no":
      return [
        { label: "Yes", n: n(true) },
        { label: "No", n: n(false) },
      ];
    case "scale":
      return Array.from({ length: answer.to - answer.from + 1 }, (_, i) => answer.from + i).map((point) => {
        const label = answer.labels?.[String(point)];
        return { label: label ? `${point} ${textIn(label, language)}` : String(point), n: n(point) };
      });
    case "number":
      return values.map(({ value, n: count }) => ({ label: value, n: count }));
    default:
      return [];
  }
}

function textIn(text: Text, language: string): string {
  return text[language] ?? Object.values(text)[0] ?? "";
}
