import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { MAX_CONDITION, MAX_CONDITION_NODES } from "./flow.ts";
import { compilePattern, fits, MAX_PATTERN } from "./pattern.ts";

/** What a condition may look at; only what it names is filled in. */
export interface Scope {
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly contact?: Readonly<Record<string, unknown>>;
  readonly session?: Readonly<Record<string, unknown>>;
}

export interface Condition {
  /** Names after `answers.`; "all" where it reaches in by a computed name. */
  readonly answers: ReadonlySet<string> | "all";
  /** The value, or undefined where something that it needs is not there. */
  evaluate(scope: Scope): unknown;
}

export type ConditionFault = { readonly what: string; readonly remedy: string };

const MACROS = new Set(["all", "exists", "exists_one", "map", "filter"]);
/** How many parsed conditions are remembered. */
const MAX_REMEMBERED = 2_000;
const remembered = new Map<string, Condition>();

/** An environment in which whole numbers and others mix, as authors expect: `answers.rating == 2`. */
export function environment(options: { readonly typed: boolean }): Environment {
  const env = new Environment({
    unlistedVariablesAreDyn: !options.typed,
    limits: { maxAstNodes: MAX_CONDITION_NODES, maxDepth: 20, maxListElements: 50, maxMapEntries: 10 },
  });
  const arithmetic: Record<string, (a: number, b: number) => number> = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    "%": (a, b) => a % b,
  };
  for (const [operator, work] of Object.entries(arithmetic))
    for (const sides of [`double ${operator} int`, `int ${operator} double`])
      env.registerOperator(`${sides}: double`, (a: number | bigint, b: number | bigint) =>
        work(Number(a), Number(b)),
      );
  env.registerFunction("string.fits(string): bool", fits);
  env.registerOperator("double % double: double", (a: number, b: number) => a % b);
  env.registerOperator("double == int", (a: number, b: bigint) => a === Number(b));
  env.registerOperator("int in list<double>", (a: bigint, b: readonly number[]) => b.includes(Number(a)));
  return env;
}

const loose = environment({ typed: false });

/** Whole numbers in lists become fractions, as answers are: `answers.ward in [4, 5]`. Throws what CEL throws. */
export function parseIn(env: Environment, source: string): ReturnType<Environment["parse"]> {
  const program = env.parse(source);
  const ends: number[] = [];
  const visit = (node: ASTNode): void => {
    if (node.op === "list")
      for (const item of node.args)
        if (item.op === "value" && typeof item.args === "bigint") ends.push(item.range.end);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program.ast);
  if (ends.length === 0) return program;
  const text = ends
    .toSorted((a, b) => b - a)
    .reduce((done, end) => `${done.slice(0, end)}.0${done.slice(end)}`, source);
  return env.parse(text);
}

/** Parses once. A condition that cannot be used is a fault. */
export function parseCondition(source: string): Condition | ConditionFault {
  const known = remembered.get(source);
  if (known) return known;
  if (source.length > MAX_CONDITION)
    return {
      what: "the condition is too long",
      remedy: `keep it under ${MAX_CONDITION} characters, or use set`,
    };
  try {
    const program = parseIn(loose, source);
    const fault = unbounded(program.ast, 0);
    if (fault) return fault;
    const condition: Condition = {
      answers: namesAfter("answers", program.ast),
      evaluate(scope) {
        try {
          return program(scope);
        } catch {
          // Nothing there to compare: the caller treats it as "does not hold". Types were checked at publishing.
          return undefined;
        }
      },
    };
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(source, condition);
    return condition;
  } catch (error) {
    return { what: `not a valid condition: ${summary(error)}`, remedy: "see docs/flows.md, Conditions" };
  }
}

/** The first line of what CEL says. */
export function summary(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

/** Loops inside loops, and patterns: their cost has no bound that an author would see. */
function unbounded(node: ASTNode, loops: number): ConditionFault | undefined {
  let inside = loops;
  if (node.op === "rcall" || node.op === "call") {
    const name = node.args[0];
    if (name === "matches")
      return {
        what: "matches() is not available",
        remedy: "use fits(): the whole text must fit the pattern",
      };
    if (name === "fits") {
      const [pattern] = node.op === "rcall" ? node.args[2] : [];
      if (pattern?.op !== "value" || typeof pattern.args !== "string")
        return { what: "fits() without a pattern in quotes", remedy: 'write fits("[0-9]{4}")' };
      const fault = patternFault(pattern.args);
      if (fault) return fault;
    }
    if (node.op === "rcall" && MACROS.has(name)) inside++;
    if (inside > 1)
      return { what: `${name}() inside another loop`, remedy: "use set to compute the inner one first" };
  }
  for (const child of childrenOf(node)) {
    const fault = unbounded(child, inside);
    if (fault) return fault;
  }
  return undefined;
}

/** Why a pattern cannot be used; undefined when it can. */
export function patternFault(source: string): ConditionFault | undefined {
  if (source.length > MAX_PATTERN)
    return { what: "the pattern is too long", remedy: `keep it under ${MAX_PATTERN} characters` };
  try {
    compilePattern(source);
    return undefined;
  } catch (error) {
    return {
      what: `"${source}" is no pattern: ${summary(error)}`,
      remedy: "see RE2's syntax; look-ahead, look-behind and \\1 do not exist there",
    };
  }
}

/** Names that follow `root.` or stand in `root["…"]`. */
export function namesAfter(root: string, ast: ASTNode): ReadonlySet<string> | "all" {
  const names = new Set<string>();
  let all = false;
  const visit = (node: ASTNode): void => {
    if (node.op === "." || node.op === ".?") {
      const [object, name] = node.args;
      if (object.op === "id" && object.args === root) {
        names.add(name);
        return;
      }
    }
    if (node.op === "[]" || node.op === "[?]") {
      const [object, key] = node.args;
      if (object.op === "id" && object.args === root && key.op === "value" && typeof key.args === "string") {
        names.add(key.args);
        return;
      }
    }
    if (node.op === "id" && node.args === root) all = true;
    for (const child of childrenOf(node)) visit(child);
  };
  visit(ast);
  return all ? "all" : names;
}

/** Every node under this one. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  const found: ASTNode[] = [];
  const gather = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) gather(each);
    else if (isNode(value)) found.push(value);
  };
  gather(node.args);
  return found;
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === "object" && value !== null && "op" in value && "args" in value;
