import type { ASTNode, Environment } from "@marcbachmann/cel-js";
import { childrenOf, environment, parseCondition, parseIn, summary } from "../condition.ts";
import type { AnswerSpec, Ask, Choice, FlowDefinition } from "../flow.ts";
import { type Check, error, type FlowFault } from "./fault.ts";
import { suggest } from "./ways.ts";

const TYPES: Readonly<Record<AnswerSpec["type"], string>> = {
  text: "string",
  number: "double",
  yes_no: "bool",
  choice: "string",
  choices: "list<string>",
  scale: "double",
  date: "string",
  location: "dyn",
  photo: "dyn",
  audio: "dyn",
};

/** Types of every condition and every computed value, and choices that exist. */
export const checkConditions: Check = (flow) => {
  const env = typed(flow);
  return Object.entries(flow.steps).flatMap(([name, step]) => {
    if (step.kind === "branch")
      return step.cases.flatMap(({ when }, index) =>
        check(flow, env, ["steps", name, "cases", index, "when"], when, true),
      );
    if (step.kind === "quota")
      return step.cells.flatMap(({ name: cell, when }) =>
        when === undefined ? [] : check(flow, env, ["steps", name, "cells", cell], when, true),
      );
    if (step.kind === "ask") return checkAsk(flow, env, name, step);
    if (step.kind === "set")
      return Object.entries(step.values).flatMap(([variable, source]) =>
        check(flow, env, ["steps", name, "values", variable], source, false),
      );
    return [];
  });
};

function checkAsk(flow: FlowDefinition, env: Environment, name: string, step: Ask): readonly FlowFault[] {
  const at = ["steps", name];
  const { answer } = step;
  const choices = "choices" in answer ? answer.choices : [];
  const faults = choices.flatMap(({ id, when }) =>
    when === undefined ? [] : check(flow, env, [...at, "answer", "choices", id], when, true),
  );
  if (step.check !== undefined) {
    faults.push(...check(flow, env, [...at, "check"], step.check, true));
    if (step.retry === undefined)
      faults.push(error([...at, "check"], "a check without a retry", "say in retry what is accepted"));
  }
  if (step.default !== undefined) faults.push(...checkDefault(step, [...at, "default"], choices));
  return faults;
}

function checkDefault(step: Ask, at: FlowFault["at"], choices: readonly Choice[]): readonly FlowFault[] {
  if (!step.optional)
    return [error(at, "a default for a question that cannot be skipped", "add optional: true")];
  const given = [step.default].flat();
  if (choices.length > 0) {
    const strange = given.find((id) => !choices.some((choice) => choice.id === id));
    const several = step.answer.type === "choices";
    if (strange !== undefined)
      return [
        error(
          at,
          `"${strange}" is no choice of this question`,
          suggest(
            String(strange),
            choices.map(({ id }) => id),
          ),
        ),
      ];
    return Array.isArray(step.default) === several
      ? []
      : [
          error(
            at,
            `a default of type ${step.answer.type}`,
            several ? "write a list: [a, b]" : "write one id",
          ),
        ];
  }
  const wanted = { number: "number", scale: "number", yes_no: "boolean", text: "string", date: "string" };
  const type = wanted[step.answer.type as keyof typeof wanted];
  return typeof step.default === type
    ? []
    : [
        error(
          at,
          `${JSON.stringify(step.default)} is no answer to this question`,
          `write a ${type ?? "question without a default"}`,
        ),
      ];
}

function typed(flow: FlowDefinition): Environment {
  const env = environment({ typed: true });
  const answers: Record<string, string> = {};
  const vars: Record<string, string> = {};
  for (const [name, step] of Object.entries(flow.steps)) {
    if (step.kind === "ask") answers[name] = TYPES[step.answer.type];
    if (step.kind === "call" || step.kind === "opinions") answers[name] = "dyn";
    if (step.kind === "set") for (const variable of Object.keys(step.values)) vars[variable] = "dyn";
  }
  env.registerVariable({ name: "answers", schema: answers });
  env.registerVariable({ name: "vars", schema: vars });
  env.registerVariable("contact", "map<string, dyn>");
  env.registerVariable({ name: "session", schema: { language: "string", today: "string" } });
  return env;
}

function check(
  flow: FlowDefinition,
  env: Environment,
  at: FlowFault["at"],
  source: string,
  mustDecide: boolean,
): readonly FlowFault[] {
  const parsed = parseCondition(source);
  if ("what" in parsed) return [error(at, parsed.what, parsed.remedy)];
  const program = parseIn(env, source);
  const { valid, type, error: fault } = program.check();
  if (!valid) return [error(at, `${source}: ${summary(fault)}`, remedyFor(flow, summary(fault)))];
  if (mustDecide && type !== "bool" && type !== "dyn")
    return [error(at, `${source} is ${type}, not true or false`, "compare it with something: ==, <, in")];
  return unknownChoices(flow, program.ast, at);
}

function remedyFor(flow: FlowDefinition, what: string): string {
  const missing = /No such key: (\S+)/.exec(what)?.[1];
  if (missing === undefined) return "compare like with like: text in quotes, numbers without";
  const names = Object.entries(flow.steps).flatMap(([name, step]) =>
    step.kind === "ask" || step.kind === "call"
      ? [name]
      : step.kind === "set"
        ? Object.keys(step.values)
        : [],
  );
  return suggest(missing, names);
}

/** `answers.priority == "watr"`: a choice that does not exist. */
function unknownChoices(flow: FlowDefinition, node: ASTNode, at: FlowFault["at"]): readonly FlowFault[] {
  const found: FlowFault[] = [];
  if (node.op === "==" || node.op === "!=" || node.op === "in") {
    const [left, right] = node.args;
    for (const [name, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const ids = choiceIds(flow, name);
      if (!ids) continue;
      const literals = other.op === "list" ? other.args : [other];
      for (const literal of literals)
        if (literal.op === "value" && typeof literal.args === "string" && !ids.includes(literal.args))
          found.push(
            error(at, `"${literal.args}" is no choice of that question`, suggest(literal.args, ids)),
          );
    }
  }
  return [...found, ...childrenOf(node).flatMap((child) => unknownChoices(flow, child, at))];
}

function choiceIds(flow: FlowDefinition, node: ASTNode): readonly string[] | undefined {
  if (node.op !== ".") return undefined;
  const [object, name] = node.args;
  if (object.op !== "id" || object.args !== "answers") return undefined;
  const step = flow.steps[name];
  return step?.kind === "ask" && "choices" in step.answer
    ? step.answer.choices.map(({ id }) => id)
    : undefined;
}
