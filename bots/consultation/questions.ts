import {
  type Ask,
  asQuestion,
  type Choice,
  type FlowDefinition,
  OFFER,
  type Opinions,
  parseSentence,
  privacyOf,
  stepsInOrder,
  type Text,
} from "#flows";
import {
  type Consultation,
  type Db,
  findFlowVersion,
  listApprovedStatements,
  listCalledFlows,
  newestVersion,
  type OfferedStatement,
} from "#storage";

export interface Question {
  /** As answers name it: `call-step/step` inside a called flow. */
  readonly id: string;
  readonly ask: Ask;
}

/** Every question that a consultation can ask, in the order in which people come to them. */
export async function questionsOf(
  db: Db,
  consultation: Consultation,
): Promise<{ readonly questions: readonly Question[]; readonly languages: readonly string[] }> {
  const calls = await listCalledFlows(db, consultation.id);
  const offered = await listApprovedStatements(db, consultation.id);
  const languages = new Set<string>();
  const own = await findFlowVersion(db, consultation.flow, consultation.flowVersion);
  const anonymous = own !== undefined && privacyOf(own) === "anonymous";
  const walk = async (flow: FlowDefinition | undefined, path: string): Promise<readonly Question[]> => {
    if (!flow) return [];
    for (const language of flow.languages) languages.add(language);
    const found: Question[] = [];
    for (const name of stepsInOrder(flow)) {
      const step = flow.steps[name];
      if (step?.kind === "ask") found.push({ id: path + name, ask: step });
      if (step?.kind === "opinions") found.push(...statementsOf(step, path + name, offered, flow.languages));
      if (step?.kind !== "call") continue;
      // Of an anonymous conversation nothing is left that says which version it called.
      const version =
        calls.find((c) => c.path === path + name && c.flow === step.flow)?.version ??
        (anonymous ? await newestVersion(db, step.flow) : undefined);
      if (version !== undefined)
        found.push(...(await walk(await findFlowVersion(db, step.flow, version), `${path}${name}/`)));
    }
    return found;
  };
  const questions = await walk(own, "");
  return { questions, languages: [...languages] };
}

/** The statements of one step as questions, those that citizens offered among them, and the offer itself. */
function statementsOf(
  { statements, offer, next }: Opinions,
  path: string,
  offered: readonly OfferedStatement[],
  languages: readonly string[],
): readonly Question[] {
  const everywhere = (text: string): Text =>
    Object.fromEntries(languages.map((language) => [language, text]));
  return [
    ...Object.entries(statements).map(([id, text]) => ({ id: `${path}/${id}`, ask: asQuestion(text, next) })),
    ...offered
      .filter(({ step }) => step === path)
      .map(({ id, text }) => ({ id: `${path}/${id}`, ask: asQuestion(everywhere(text), next) })),
    ...(offer
      ? [
          {
            id: `${path}/${OFFER}`,
            ask: { kind: "ask", text: offer, answer: { type: "text" }, next } as const,
          },
        ]
      : []),
  ];
}

/** A text in `language`, or in the first that it has. */
export function textIn(text: Text, language: string): string {
  return text[language] ?? Object.values(text)[0] ?? "";
}

/** A question's text as it stands for everybody: each person's own values are left out, their name for instance. */
export const titleOf = (ask: Ask, language: string): string =>
  parseSentence(textIn(ask.text, language), language).render(() => undefined);

/** A choice as results name it; a scale's point with its number. */
export function wordsOfChoice({ answer }: Ask, { id, label }: Choice, language: string): string {
  const words = textIn(label, language);
  return answer.type === "scale" && words !== id ? `${id} ${words}` : words;
}

/** The choices of a question by what is kept for them; empty for open ones. A scale's points are choices too. */
export function choicesOf({ answer }: Ask): readonly Choice[] {
  switch (answer.type) {
    case "choice":
    case "choices":
      return answer.choices;
    case "yes_no":
      return [
        { id: "true", label: { en: "Yes" } },
        { id: "false", label: { en: "No" } },
      ];
    case "scale":
      return Array.from({ length: answer.to - answer.from + 1 }, (_, i) => {
        const point = String(answer.from + i);
        return { id: point, label: answer.labels?.[point] ?? { en: point } };
      });
    default:
      return [];
  }
}
