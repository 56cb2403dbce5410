import type { Deed, FlowDefinition, Step, Text } from "../flow.ts";
import { parseSentence } from "../text.ts";
import { type Check, error, type FlowFault, warning } from "./fault.ts";
import { textsOf } from "./texts.ts";

/** What leads from answers to a person, in a flow that promised that nothing would. */
export const checkPrivacy: Check = (flow, around) => {
  const { privacy = "identified" } = flow;
  if (privacy === "identified") return [];
  const faults = Object.entries(flow.steps).flatMap(([name, step]) => leaks(name, step, privacy));
  if (privacy === "confidential") return faults;
  if (flow.again !== undefined && flow.again !== "refuse")
    faults.push(
      error(
        ["again"],
        `the ${flow.again} response cannot be told from others of the same person: it is anonymous`,
        "write again: refuse, or leave it out",
      ),
    );
  if (flow.late)
    faults.push(
      error(
        ["late"],
        "those who answer after the end are so few that they would not be anonymous",
        "leave out late",
      ),
    );
  for (const [name, step] of Object.entries(flow.steps))
    if (step.kind === "quota")
      faults.push(
        warning(
          ["steps", name],
          "who finds no room learns by it what others have answered, in an anonymous flow",
          "leave the quota out, or make its limits large",
        ),
      );
  for (const called of callsOf(flow)) {
    const other = around.flows?.get(called);
    if (other && other.privacy !== "anonymous")
      faults.push(
        error(
          ["privacy"],
          `it calls "${called}", which is not anonymous`,
          `write privacy: anonymous there too`,
        ),
      );
  }
  return [...faults, ...repeated(flow)];
};

const callsOf = (flow: FlowDefinition): readonly string[] =>
  Object.values(flow.steps).flatMap((step) => (step.kind === "call" ? [step.flow] : []));

function leaks(name: string, step: Step, privacy: "confidential" | "anonymous"): FlowFault[] {
  if (step.kind === "set")
    return Object.keys(step.values)
      .filter((key) => key.startsWith("contact."))
      .map((key) =>
        error(
          ["steps", name, "values", key],
          `an answer would stand beside the person, in a ${privacy} flow`,
          "keep it in a variable",
        ),
      );
  if (step.kind === "opinions" && step.offer && privacy === "anonymous")
    return [
      error(
        ["steps", name, "offer"],
        "staff see an own statement at the moment at which it is offered, in an anonymous flow",
        "leave out offer",
      ),
    ];
  if (step.kind !== "act") return [];
  return step.acts.flatMap((deed, index) =>
    harmless(deed, privacy)
      ? []
      : [
          error(
            ["steps", name, "acts", index],
            `${deed.do} shows what a person answered, in a ${privacy} flow`,
            "leave it out",
          ),
        ],
  );
}

/** A person may be handed over as such, but not because of an answer that nobody may know. */
const harmless = (deed: Deed, privacy: "confidential" | "anonymous"): boolean =>
  deed.do === "hand_over" && privacy === "confidential" && !mentions(deed.reason);

const mentions = (text: Text): boolean =>
  Object.entries(text).some(([language, source]) => {
    try {
      return parseSentence(source, language).names.length > 0;
    } catch {
      return false;
    }
  });

/** Answers repeated in messages stay at the carrier. */
function repeated(flow: FlowDefinition): readonly FlowFault[] {
  return textsOf(flow)
    .filter(({ text }) => mentions(text))
    .map(({ at }) =>
      error(at, "an answer or a name is repeated in a message of an anonymous flow", "leave out the braces"),
    );
}
