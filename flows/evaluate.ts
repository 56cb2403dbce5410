import { dayOf } from "./answers/calendar.ts";
import { BrokenFlow } from "./broken.ts";
import { parseCondition } from "./condition.ts";
import type { AnswerValue } from "./flow.ts";
import { isSkipped, own, type Place, type Run } from "./run.ts";

/** The value of an expression at this place; undefined where something that it needs is not there. */
export function evaluate(run: Run, place: Place, source: string): unknown {
  const condition = parseCondition(source);
  if ("what" in condition) throw new BrokenFlow(`"${place.path}": ${condition.what}`);
  const { name, fields } = run.context.contact;
  const contact = { ...fields, ...run.fields };
  return condition.evaluate({
    answers: answersFor(run, place, condition.answers),
    vars: run.variables,
    contact: { ...(name === undefined ? {} : { name }), ...contact, fields: contact },
    session: {
      language: run.language,
      today: dayOf(run.context.now, run.context.timezone ?? "Africa/Johannesburg"),
    },
  });
}

/** Answers of this flow by name; those given inside a called flow stand in an object named after the call step. */
function answersFor(run: Run, place: Place, names: ReadonlySet<string> | "all"): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const add = (path: string, value: AnswerValue): void => {
    if (isSkipped(value)) return;
    const parts = path.slice(place.prefix.length).split("/");
    const last = parts.pop() ?? "";
    let into = found;
    for (const part of parts) {
      const next = own(into, part) ?? {};
      into[part] = next;
      into = next as Record<string, unknown>;
    }
    into[last] = value;
  };
  for (const name of names === "all" ? [""] : names) {
    const exact = own(run.answers, `${place.prefix}${name}`);
    if (exact !== undefined) {
      add(`${place.prefix}${name}`, exact);
      continue;
    }
    const inside = name === "" ? place.prefix : `${place.prefix}${name}/`;
    for (const [path, value] of Object.entries(run.answers)) if (path.startsWith(inside)) add(path, value);
  }
  return found;
}
