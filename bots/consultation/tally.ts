import {
  type ConsultationTally,
  isSkipped,
  type LabelledCount,
  type QuestionTally,
  type Response,
} from "#storage";

const LATEST = 10;
const VALUES = 30;

interface Counted {
  answered: number;
  left: number;
  readonly values: Map<string, number>;
  readonly said: string[];
}

/**
 * Counts responses one by one, where the database cannot read them: the same figures as `tallyConsultation`, but for
 * the median time, which needs all of them.
 */
export async function tallyResponses(
  responses: AsyncIterable<Response>,
): Promise<Omit<ConsultationTally, "medianSeconds">> {
  const questions = new Map<string, Counted>();
  const byStatus = new Map<string, number>();
  const byLanguage = new Map<string, number>();
  const byChannel = new Map<string, number>();
  let started = 0;
  let repeated = 0;
  const of = (question: string): Counted => {
    const known = questions.get(question) ?? { answered: 0, left: 0, values: new Map(), said: [] };
    questions.set(question, known);
    return known;
  };
  for await (const { counted, status, language, channel, at, answers } of responses) {
    if (!counted) {
      repeated++;
      continue;
    }
    started++;
    add(byStatus, status);
    if (language !== null) add(byLanguage, language);
    if (channel !== null) add(byChannel, channel);
    if (status === "screened") continue;
    if (at !== null && status !== "completed" && status !== "active") of(at).left++;
    for (const { question, value, said } of answers) {
      if (isSkipped(value)) continue;
      const known = of(question);
      known.answered++;
      for (const each of Array.isArray(value) ? value : [value]) add(known.values, JSON.stringify(each));
      known.said.push(said);
      if (known.said.length > LATEST) known.said.shift();
    }
  }
  return {
    started,
    repeated,
    completed: byStatus.get("completed") ?? 0,
    screened: byStatus.get("screened") ?? 0,
    active: byStatus.get("active") ?? 0,
    byLanguage: ranked(byLanguage),
    byChannel: ranked(byChannel),
    questions: [...questions].map(([question, { answered, left, values, said }]): QuestionTally => {
      const most = ranked(values).slice(0, VALUES);
      return {
        question,
        answered,
        left,
        values: most.map(({ label, n }) => ({ value: label, n })),
        latest: said.toReversed(),
      };
    }),
  };
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const ranked = (counts: ReadonlyMap<string, number>): readonly LabelledCount[] =>
  [...counts]
    .map(([label, n]) => ({ label, n }))
    .toSorted((a, b) => b.n - a.n || (a.label < b.label ? -1 : 1));
