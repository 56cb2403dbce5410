import { type FlowDefinition, MAX_TEXT, type Step, type Text } from "../flow.ts";
import { fold } from "../fold.ts";
import { parseSentence } from "../text.ts";
import { isSigned } from "../words/signed.ts";
import { type Check, error, type FlowFault, warning } from "./fault.ts";
import { suggest } from "./ways.ts";

/** What the narrowest list of buttons shows of a choice. */
const CHOICE_SHOWN = 24;

export interface TextAt {
  readonly text: Text;
  readonly at: readonly (string | number)[];
}

/** Every text of a flow, and where it stands. */
export function textsOf(flow: FlowDefinition): readonly TextAt[] {
  return [
    { text: flow.title, at: ["title"] },
    ...Object.entries(flow.defaults ?? {}).map(([name, text]) => ({ text, at: ["defaults", name] })),
    ...Object.entries(flow.steps).flatMap(([name, step]) =>
      textsOfStep(step).map(({ text, at }) => ({ text, at: ["steps", name, ...at] })),
    ),
  ];
}

function textsOfStep(step: Step): readonly TextAt[] {
  switch (step.kind) {
    case "say":
      return [{ text: step.text, at: ["text"] }];
    case "end":
      return step.text ? [{ text: step.text, at: ["text"] }] : [];
    case "opinions":
      return [
        ...Object.entries(step.statements).map(([id, text]) => ({ text, at: ["statements", id] })),
        ...(step.offer ? [{ text: step.offer, at: ["offer"] }] : []),
      ];
    case "act":
      return step.acts.flatMap((deed, index) =>
        deed.do === "notify"
          ? [{ text: deed.text, at: ["acts", index, "text"] }]
          : deed.do === "hand_over"
            ? [{ text: deed.reason, at: ["acts", index, "hand_over"] }]
            : [],
      );
    case "ask": {
      const { answer } = step;
      return [
        { text: step.text, at: ["text"] },
        ...(step.retry ? [{ text: step.retry, at: ["retry"] }] : []),
        ...(answer.type === "choice" || answer.type === "choices"
          ? answer.choices.map(({ id, label }) => ({ text: label, at: ["answer", "choices", id] }))
          : []),
        ...(answer.type === "scale"
          ? Object.entries(answer.labels ?? {}).map(([point, text]) => ({
              text,
              at: ["answer", "labels", point],
            }))
          : []),
      ];
    }
    default:
      return [];
  }
}

/** A text for staff needs no translation. */
const forStaff = ({ at }: TextAt): boolean => at.includes("acts");

/** Translations that are there, sentences that can be read, names that exist. */
export const checkTexts: Check = (flow) => {
  const known = namesKnown(flow);
  return textsOf(flow).flatMap((each) => [
    ...(forStaff(each) ? [] : missing(flow, each)),
    ...Object.entries(each.text).flatMap(([language, source]) =>
      checkSentence(flow, each.at, language, source, known),
    ),
  ]);
};

function missing(flow: FlowDefinition, { text, at }: TextAt): readonly FlowFault[] {
  return (
    flow.languages
      // A signed language is not written: checkVideos asks for its videos.
      .filter((language) => text[language] === undefined && !isSigned(language))
      .map((language) => {
        const chain = flow.fallbacks?.[language] ?? [];
        const standIn = chain.find((each) => text[each] !== undefined);
        return standIn
          ? warning(at, `no text in ${language}; people read it in ${standIn}`, `add ${language}`)
          : error(
              at,
              `no text in ${language}`,
              `add ${language}, or declare fallbacks: { ${language}: [${flow.languages[0]}] }`,
            );
      })
  );
}

function checkSentence(
  flow: FlowDefinition,
  at: readonly (string | number)[],
  language: string,
  source: string,
  known: ReadonlySet<string>,
): readonly FlowFault[] {
  const where = [...at, language];
  if (!flow.languages.includes(language))
    return [
      error(
        where,
        `the flow is not offered in ${language}`,
        `add ${language} to languages, or remove the text`,
      ),
    ];
  if (isSigned(language))
    return [
      error(
        where,
        `${language} is signed and not written`,
        `give the step a video: { ${language}: https://… }`,
      ),
    ];
  if (source.trim() === "") return [error(where, "the text is empty", "write it, or remove it")];
  if (source.length > MAX_TEXT)
    return [error(where, `${source.length} characters`, `at most ${MAX_TEXT}: split it into two messages`)];
  const faults: FlowFault[] = [];
  if (at.includes("choices") && source.length > CHOICE_SHOWN)
    faults.push(
      warning(where, `"${source}" is cut off in a list of buttons`, `at most ${CHOICE_SHOWN} characters`),
    );
  try {
    for (const name of parseSentence(source, language).names)
      if (!isKnown(name, known))
        faults.push(error(where, `{${name}} stands for nothing`, suggest(name, [...known])));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    faults.push(
      error(where, `not a valid message: ${what}`, "check the braces; write '{' for a brace itself"),
    );
  }
  return faults;
}

/** Questions, calls and variables of a flow, the contact's name, and the number of the response. */
function namesKnown(flow: FlowDefinition): ReadonlySet<string> {
  const names = Object.entries(flow.steps).flatMap(([name, step]) =>
    step.kind === "ask" || step.kind === "call"
      ? [name]
      : step.kind === "set"
        ? Object.keys(step.values).filter((each) => !each.startsWith("contact."))
        : [],
  );
  return new Set([...names, "name", "receipt"]);
}

function isKnown(name: string, known: ReadonlySet<string>): boolean {
  const [root = "", ...inside] = name.split(".");
  if (root === "contact" && inside.length > 0) return true;
  if (name === "session.language") return true;
  return known.has(root === "answers" || root === "vars" ? (inside[0] ?? "") : root);
}

/** Two choices that are called the same cannot be told apart when somebody writes the word. */
export const checkLabels: Check = (flow) =>
  Object.entries(flow.steps).flatMap(([name, step]) => {
    if (step.kind !== "ask" || !("choices" in step.answer)) return [];
    const taken = new Map<string, string>();
    return step.answer.choices.flatMap(({ id, label, synonyms }) => {
      const words = [id, ...Object.values(label), ...Object.values(synonyms ?? {}).flat()].map(fold);
      return [...new Set(words)].flatMap((word) => {
        const other = taken.get(word);
        taken.set(word, id);
        return other !== undefined && other !== id
          ? [
              error(
                ["steps", name, "answer", "choices", id],
                `"${word}" means both ${other} and ${id}`,
                "give each choice words of its own",
              ),
            ]
          : [];
      });
    });
  });
