import { stringify } from "yaml";
import type { AnswerSpec, Ask, Deed, FlowDefinition, Step, Text } from "#flows";

/** A flow as a file for `templates/flows/`: read again it is the same flow. */
export function toYaml(flow: FlowDefinition): string {
  const text = writer(flow.languages);
  const names = Object.keys(flow.steps);
  const steps = names.map((name, i) => {
    const step = flow.steps[name];
    return [name, step ? written(step, names[i + 1], text) : {}];
  });
  const { id: _file, title, defaults, words, start, steps: _written, ...settings } = flow;
  return stringify(
    withoutUndefined({
      title: text(title),
      ...settings,
      defaults:
        defaults && Object.fromEntries(Object.entries(defaults).map(([name, each]) => [name, text(each)])),
      words,
      start: start === names[0] ? undefined : start,
      steps: Object.fromEntries(steps),
    }),
    { lineWidth: 110 },
  );
}

type Write = (text: Text) => string | Text;

/** One sentence where the flow has one language. */
const writer =
  (languages: readonly string[]): Write =>
  (text) => {
    const [only = ""] = languages;
    return languages.length === 1 && text[only] !== undefined ? text[only] : text;
  };

function written(step: Step, below: string | undefined, text: Write): object {
  const onwards = "next" in step && step.next !== below ? { next: step.next } : {};
  switch (step.kind) {
    case "say":
      return withoutUndefined({ say: text(step.text), video: step.video, media: step.media, ...onwards });
    case "ask":
      return withoutUndefined({ ...asked(step, text), ...onwards });
    case "branch":
      return { branch: step.cases, otherwise: step.otherwise };
    case "set":
      return { set: step.values, ...onwards };
    case "call":
      return { call: step.flow, ...onwards };
    case "act":
      return { act: step.acts.map((deed) => done(deed, text)), ...onwards };
    case "wait":
      return withoutUndefined({ wait: step.duration, replied: step.replied, ...onwards });
    case "quota":
      return {
        quota: Object.fromEntries(
          step.cells.map(({ name, when, limit }) => [name, withoutUndefined({ when, limit })]),
        ),
        full: step.full,
        ...onwards,
      };
    case "opinions":
      return withoutUndefined({
        opinions: Object.fromEntries(Object.entries(step.statements).map(([id, each]) => [id, text(each)])),
        take: step.take,
        offer: step.offer && text(step.offer),
        ...onwards,
      });
    case "end":
      return withoutUndefined({ end: step.text ? text(step.text) : true, video: step.video });
  }
}

function asked(
  { kind: _kind, next: _next, text: question, answer, retry, ...rest }: Ask,
  text: Write,
): object {
  return { ask: text(question), ...answered(answer, text), retry: retry && text(retry), ...rest };
}

function answered(answer: AnswerSpec, text: Write): object {
  switch (answer.type) {
    case "text": {
      const { type: _type, ...limits } = answer;
      return limits;
    }
    case "choice":
    case "choices": {
      const choices = answer.choices.map(({ id, label, synonyms, when, cost }) => [
        id,
        synonyms || when || cost
          ? withoutUndefined({ label: text(label), synonyms, when, cost })
          : text(label),
      ]);
      return { ...answer, choices: Object.fromEntries(choices) };
    }
    case "scale":
      return withoutUndefined({
        ...answer,
        labels:
          answer.labels &&
          Object.fromEntries(Object.entries(answer.labels).map(([point, each]) => [point, text(each)])),
      });
    default:
      return answer;
  }
}

function done(deed: Deed, text: Write): object {
  switch (deed.do) {
    case "join":
      return { join: deed.group };
    case "leave":
      return { leave: deed.group };
    case "notify":
      return { notify: deed.channel, text: text(deed.text) };
    case "hand_over":
      return { hand_over: text(deed.reason) };
  }
}

const withoutUndefined = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
