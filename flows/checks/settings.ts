import { millisecondsOf } from "../duration.ts";
import {
  type AnswerSpec,
  type FlowDefinition,
  MAX_CALL_DEPTH,
  MAX_CHOICES,
  MAX_REMINDERS,
  MAX_TRIES,
  type Opinions,
} from "../flow.ts";
import { OFFER } from "../opinions.ts";
import { type Check, error, type FlowFault, type Surroundings, warning } from "./fault.ts";
import { suggest } from "./ways.ts";

const DURATION_REMEDY = "write 45s, 10m, 2h, 3d or 1w, up to a year";

/** Languages, keywords, durations, limits and bounds. */
export const checkSettings: Check = (flow, around) => {
  const faults: FlowFault[] = [];
  const repeated = (values: readonly string[]): readonly string[] =>
    values.filter((value, index) => values.indexOf(value) !== index);
  if (flow.languages.length === 0)
    faults.push(error(["languages"], "no language", "name at least one: [en]"));
  for (const language of repeated(flow.languages))
    faults.push(error(["languages"], `${language} is there twice`, "remove one"));
  for (const keyword of repeated(flow.keywords))
    faults.push(error(["keywords"], `${keyword} is there twice`, "remove one"));
  for (const [language, chain] of Object.entries(flow.fallbacks ?? {})) {
    for (const each of [language, ...chain])
      if (!flow.languages.includes(each) && each !== language)
        faults.push(
          error(["fallbacks", language], `the flow is not offered in ${each}`, `add it to languages`),
        );
  }
  if (flow.expires !== undefined && millisecondsOf(flow.expires) === undefined)
    faults.push(error(["expires"], `"${flow.expires}" is no duration`, DURATION_REMEDY));
  faults.push(...checkReminders(flow));
  if (flow.tries !== undefined) faults.push(...tries(["tries"], flow.tries));
  for (const [name, step] of Object.entries(flow.steps)) {
    const at = ["steps", name];
    if (step.kind === "wait" && millisecondsOf(step.duration) === undefined)
      faults.push(error([...at, "duration"], `"${step.duration}" is no duration`, DURATION_REMEDY));
    if (step.kind === "opinions") faults.push(...checkOpinions(at, step));
    if (step.kind === "call") faults.push(...checkCall(flow, around, name, step.flow));
    if (step.kind !== "ask") continue;
    if (step.expires !== undefined && millisecondsOf(step.expires) === undefined)
      faults.push(error([...at, "expires"], `"${step.expires}" is no duration`, DURATION_REMEDY));
    if (step.tries !== undefined) faults.push(...tries([...at, "tries"], step.tries));
    if (step.expired !== undefined && step.expires === undefined && flow.expires === undefined)
      faults.push(
        error([...at, "expired"], "it never expires", "add expires to the question or to the flow"),
      );
    if (step.optional && step.giveUp !== undefined)
      faults.push(
        warning(
          [...at, "giveUp"],
          "an optional question is not skipped after the last attempt",
          "remove one",
        ),
      );
    faults.push(...bounds([...at, "answer"], step.answer));
    if ((step.answer.type === "photo" || step.answer.type === "audio") && !step.optional)
      faults.push(
        warning(
          at,
          `${step.answer.type === "photo" ? "a photo" : "a voice note"} cannot be sent by SMS`,
          "make the question optional, so that it can be skipped",
        ),
      );
  }
  return faults;
};

function checkOpinions(at: FlowFault["at"], { statements, take }: Opinions): readonly FlowFault[] {
  const ids = Object.keys(statements);
  return [
    ...(ids.length < 2
      ? [error([...at, "statements"], `${ids.length} statements`, "give people at least two to vote on")]
      : []),
    ...(ids.includes(OFFER)
      ? [
          error(
            [...at, "statements", OFFER],
            `a statement called "${OFFER}"`,
            "rename it: that is the question for an own one",
          ),
        ]
      : []),
    ...(take !== undefined && (take < 1 || take > 50)
      ? [error([...at, "take"], `${take} statements for each person`, "a whole number from 1 to 50")]
      : []),
  ];
}

/** Nobody is reminded every minute, or of what is over. */
function checkReminders({ reminders = [], expires }: FlowDefinition): readonly FlowFault[] {
  const at = ["reminders"];
  if (reminders.length > MAX_REMINDERS)
    return [error(at, `${reminders.length} reminders`, `at most ${MAX_REMINDERS}: more is a nuisance`)];
  const limit = expires === undefined ? undefined : millisecondsOf(expires);
  return reminders.flatMap((after, index) => {
    const ms = millisecondsOf(after);
    if (ms === undefined) return [error([...at, index], `"${after}" is no duration`, DURATION_REMEDY)];
    if (ms < SHORTEST_REMINDER_MS)
      return [error([...at, index], `a reminder after ${after}`, "leave people at least an hour: 1h")];
    return limit !== undefined && ms >= limit
      ? [error([...at, index], `a reminder after ${after}, when it has expired`, `remind before ${expires}`)]
      : [];
  });
}

const SHORTEST_REMINDER_MS = 3_600_000;

const tries = (at: FlowFault["at"], count: number): readonly FlowFault[] =>
  Number.isInteger(count) && count >= 1 && count <= MAX_TRIES
    ? []
    : [error(at, `${count} tries`, `a whole number from 1 to ${MAX_TRIES}`)];

function bounds(at: FlowFault["at"], spec: AnswerSpec): readonly FlowFault[] {
  const swapped = (low: number | string | undefined, high: number | string | undefined, key: string) =>
    low !== undefined && high !== undefined && low > high
      ? [error([...at, key], `from ${low} to ${high}: nothing fits`, "swap the two")]
      : [];
  switch (spec.type) {
    case "text":
      return swapped(spec.minLength, spec.maxLength, "minLength");
    case "number":
      return swapped(spec.min, spec.max, "min");
    case "scale":
      return spec.from >= spec.to || spec.to - spec.from > 100
        ? [
            error(
              [...at, "to"],
              `a scale from ${spec.from} to ${spec.to}`,
              "count upwards, at most 100 points",
            ),
          ]
        : [];
    case "date":
      return spec.min === "today" || spec.max === "today" ? [] : swapped(spec.min, spec.max, "min");
    case "choice":
    case "choices": {
      const count = spec.choices.length;
      const ids = spec.choices.map(({ id }) => id);
      const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
      return [
        ...(count < 2 || count > MAX_CHOICES
          ? [error([...at, "choices"], `${count} choices`, `from 2 to ${MAX_CHOICES}`)]
          : []),
        ...costs(at, spec),
        ...twice.map((id) => error([...at, "choices", id], `choice "${id}" is there twice`, "rename one")),
        ...(spec.type === "choices" ? swapped(spec.min, spec.max ?? count, "min") : []),
      ];
    }
    default:
      return [];
  }
}

/** A participatory budget: every project has its price, and at least one can be paid. */
function costs(at: FlowFault["at"], spec: Extract<AnswerSpec, { choices: unknown }>): readonly FlowFault[] {
  if (spec.type !== "choices" || spec.budget === undefined) {
    const priced = spec.choices.filter(({ cost }) => cost !== undefined);
    return priced.map(({ id }) =>
      error(
        [...at, "choices", id],
        `choice "${id}" has a cost, and there is no budget`,
        "add budget to the question",
      ),
    );
  }
  const { budget } = spec;
  const without = spec.choices.filter(({ cost }) => cost === undefined || cost <= 0);
  return [
    ...without.map(({ id }) =>
      error([...at, "choices", id], `choice "${id}" has no cost`, "add one: cost: 250000"),
    ),
    ...(without.length === 0 && spec.choices.every(({ cost = 0 }) => cost > budget)
      ? [
          error(
            [...at, "budget"],
            `nothing can be paid from ${budget}`,
            "raise it, or offer cheaper projects",
          ),
        ]
      : []),
  ];
}

/** The called flow exists, and does not lead back here. */
function checkCall(
  flow: FlowDefinition,
  { flows }: Surroundings,
  step: string,
  called: string,
): readonly FlowFault[] {
  if (!flows) return [];
  const at = ["steps", step, "flow"];
  if (!flows.has(called))
    return [error(at, `there is no flow "${called}"`, suggest(called, [...flows.keys()]))];
  const calls = (id: string): readonly string[] =>
    Object.values(flows.get(id)?.steps ?? {}).flatMap((each) => (each.kind === "call" ? [each.flow] : []));
  let depth = 2;
  let level = new Set([called]);
  for (; level.size > 0; depth++) {
    if (level.has(flow.id))
      return [error(at, `"${called}" leads back to "${flow.id}"`, "break the circle of calls")];
    if (depth > MAX_CALL_DEPTH)
      return [
        error(at, `more than ${MAX_CALL_DEPTH} flows inside each other`, "call fewer flows from flows"),
      ];
    level = new Set([...level].flatMap(calls));
  }
  return [];
}
