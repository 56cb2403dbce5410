import { type Segments, segmentsOf, smsText } from "#channels";
import { DEFAULT_STATEMENTS, type FlowDefinition, OFFER, start, stepsInOrder, waysOf } from "#flows";
import { draftLibrary } from "./library.ts";

/** One text as it goes out by SMS, with its choices as a list; values that people give stand in it as nothing. */
export interface SentText {
  readonly step: string;
  readonly language: string;
  readonly text: string;
  readonly segments: Segments;
}

export interface TextReport {
  /** In the order in which people come to them. */
  readonly steps: readonly string[];
  readonly texts: readonly SentText[];
  /** By language: segments that one person gets at most, who is asked every question of the longest way once. */
  readonly longest: Readonly<Record<string, number>>;
}

/** What a flow sends by SMS, step by step, in each of its languages. */
export function reportTexts(flow: FlowDefinition): TextReport {
  const steps = stepsInOrder(flow).flatMap((name) => speaking(flow, name));
  const texts = flow.languages.flatMap((language) =>
    steps.flatMap((step) => {
      const text = sentAt(flow, step, language);
      return text === undefined ? [] : [{ step, language, text, segments: segmentsOf(text) }];
    }),
  );
  const longest = Object.fromEntries(
    flow.languages.map((language) => {
      const of = new Map(
        texts.filter((t) => t.language === language).map((t) => [t.step, t.segments.segments]),
      );
      const ofStep = new Map(stepsInOrder(flow).map((name) => [name, segmentsAt(flow, name, of)]));
      return [language, longestWay(flow, ofStep)];
    }),
  );
  return { steps, texts, longest };
}

/** The step itself, where it says something; of a step with statements each of them, as the engine names it. */
function speaking(flow: FlowDefinition, name: string): readonly string[] {
  const step = flow.steps[name];
  if (step?.kind === "opinions")
    return [...Object.keys(step.statements), ...(step.offer ? [OFFER] : [])].map((id) => `${name}/${id}`);
  return step && ["say", "ask", "end"].includes(step.kind) ? [name] : [];
}

/** What one person gets at a step: of statements the longest, as many as one person is asked about. */
function segmentsAt(flow: FlowDefinition, name: string, of: ReadonlyMap<string, number>): number {
  const step = flow.steps[name];
  if (step?.kind !== "opinions") return of.get(name) ?? 0;
  const asked = Object.keys(step.statements)
    .map((id) => of.get(`${name}/${id}`) ?? 0)
    .toSorted((a, b) => b - a)
    .slice(0, step.take ?? DEFAULT_STATEMENTS);
  return asked.reduce((sum, n) => sum + n, of.get(`${name}/${OFFER}`) ?? 0);
}

/** The engine itself is asked what it says at this step. */
function sentAt(flow: FlowDefinition, step: string, language: string): string | undefined {
  const { effects } = start(draftLibrary([{ ...flow, start: step }]), flow.id, 1, "draft", {
    now: "2026-01-01T08:00:00Z",
    language,
    contact: { fields: {} },
  });
  const sent = effects.find((effect) => effect.kind === "send");
  return sent && smsText(sent);
}

/** Of the ways that pass no step twice: ways back are left out. */
function longestWay(flow: FlowDefinition, segments: ReadonlyMap<string, number>): number {
  const order = stepsInOrder(flow);
  const place = new Map(order.map((name, i) => [name, i]));
  const most = new Map<string, number>();
  for (const name of order.toReversed()) {
    const step = flow.steps[name];
    const onwards = step ? waysOf(step).map(({ to }) => to) : [];
    const ahead = onwards.filter((to) => (place.get(to) ?? 0) > (place.get(name) ?? 0));
    most.set(name, (segments.get(name) ?? 0) + Math.max(0, ...ahead.map((to) => most.get(to) ?? 0)));
  }
  return most.get(flow.start) ?? 0;
}
