import { patternFault } from "#flows";
import { parseXPath, type XPath, XPathFault } from "./xpath.ts";

/** What a name in the form stands for in the flow. */
export interface Meaning {
  /** `answers.age`, `vars.total` */
  readonly cel: string;
  readonly type: "number" | "text" | "one" | "many" | "any";
  /** The flow's ids of choices, by the form's. */
  readonly choices?: ReadonlyMap<string, string>;
}

export interface Scope {
  /** Undefined: there is no such name. */
  name(name: string): Meaning | undefined;
  /** What `.` is. */
  readonly self?: Meaning;
}

type Typed = {
  readonly cel: string;
  readonly type: Meaning["type"] | "bool" | "list";
  readonly from?: Meaning;
};

const COMPARE: Readonly<Record<string, string>> = {
  "=": "==",
  "!=": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};
const ARITHMETIC: Readonly<Record<string, string>> = { "+": "+", "-": "-", "*": "*", div: "/", mod: "%" };

/**
 * A form's expression in our own language (CEL). What was not answered compares as XPath's blank does: nothing is
 * equal to it, less or more. Throws {@link XPathFault} with words for the author.
 */
export function toCel(source: string, scope: Scope): string {
  return translate(parseXPath(source), scope).cel;
}

function translate(node: XPath, scope: Scope): Typed {
  switch (node.kind) {
    case "number":
      return { cel: String(node.value), type: "number" };
    case "string":
      return { cel: JSON.stringify(node.value), type: "text" };
    case "self": {
      if (!scope.self) throw new XPathFault('"." means nothing here');
      return { cel: scope.self.cel, type: scope.self.type, from: scope.self };
    }
    case "name": {
      const meaning = scope.name(node.name);
      if (!meaning) throw new XPathFault(`there is no question \${${node.name}}`);
      return { cel: meaning.cel, type: meaning.type, from: meaning };
    }
    case "minus":
      return { cel: `-${inBrackets(translate(node.of, scope))}`, type: "number" };
    case "binary":
      return binary(node, scope);
    case "call":
      return call(node.name, node.args, scope);
  }
}

const simple = /^[\w.]+(\([\w.]*\))?$|^"(?:[^"\\]|\\.)*"$/;
const inBrackets = ({ cel }: Typed): string => (simple.test(cel) ? cel : `(${cel})`);

function binary({ op, left, right }: Extract<XPath, { kind: "binary" }>, scope: Scope): Typed {
  if (op === "and" || op === "or") {
    const sign = op === "and" ? "&&" : "||";
    return { cel: `${truth(left, scope)} ${sign} ${truth(right, scope)}`, type: "bool" };
  }
  const arithmetic = ARITHMETIC[op];
  const [a, b] = [translate(left, scope), translate(right, scope)];
  if (arithmetic)
    return { cel: `${inBrackets(asNumber(a))} ${arithmetic} ${inBrackets(asNumber(b))}`, type: "number" };
  return compare(COMPARE[op] ?? op, a, b);
}

function compare(op: string, left: Typed, right: Typed): Typed {
  const [a, b] = matched(left, right);
  const blank = b.cel === '""' ? a : a.cel === '""' ? b : undefined;
  if (blank?.from && (op === "==" || op === "!="))
    return { cel: `${op === "==" ? "!" : ""}${answered(blank.from)}`, type: "bool" };
  const guards = [...new Set([a, b].flatMap(({ from }) => (from && !isSelf(from) ? [answered(from)] : [])))];
  const plain = `${inBrackets(a)} ${op === "!=" ? "==" : op} ${inBrackets(b)}`;
  const guarded = [...guards, plain].join(" && ");
  return { cel: op === "!=" ? `!(${guarded})` : guarded, type: "bool" };
}

const selves = new WeakSet<Meaning>();
/** A question's own answer is always there when its constraint is looked at. */
export const asSelf = (meaning: Meaning): Meaning => {
  const self = { ...meaning };
  selves.add(self);
  return self;
};
const isSelf = (meaning: Meaning): boolean => selves.has(meaning);
const answered = ({ cel }: Meaning): string => `has(${cel})`;

/** A choice is compared by the flow's id for it; numbers and their digits are the same to XPath. */
function matched(left: Typed, right: Typed): readonly [Typed, Typed] {
  const fitted = (one: Typed, other: Typed): Typed => {
    const literal = /^"(.*)"$|^(-?\d+(?:\.\d+)?)$/.exec(one.cel);
    if (!literal || one.from) return one;
    const text = literal[1] ?? literal[2] ?? "";
    if (other.from?.choices)
      return { cel: JSON.stringify(other.from.choices.get(text) ?? text), type: "text" };
    if (other.type === "number" && text !== "" && !Number.isNaN(Number(text)))
      return { cel: text, type: "number" };
    return other.type === "text" && one.type === "number" ? { cel: JSON.stringify(text), type: "text" } : one;
  };
  return [fitted(left, right), fitted(right, left)];
}

/** A fraction, as every number of XPath is: whole numbers would be divided without their rest. */
function asNumber(of: Typed): Typed {
  if (of.type === "text" || of.type === "one" || of.cel.startsWith("size("))
    return { cel: `double(${of.cel})`, type: "number" };
  return /^\d+$/.test(of.cel) ? { ...of, cel: `${of.cel}.0` } : of;
}

/** An expression as a condition: a name alone means that it was answered. */
function truth(node: XPath, scope: Scope): string {
  const value = translate(node, scope);
  if (value.type === "bool") return inBrackets(value);
  if (value.from) return answered(value.from);
  return inBrackets(value);
}

type Translate = (args: readonly Typed[], nodes: readonly XPath[], scope: Scope) => Typed;
const number = (cel: string): Typed => ({ cel, type: "number" });
const text = (cel: string): Typed => ({ cel, type: "text" });
const bool = (cel: string): Typed => ({ cel, type: "bool" });
const at = (args: readonly Typed[], i: number): Typed => {
  const found = args[i];
  if (!found) throw new XPathFault("something is missing between the brackets");
  return found;
};
const inWords = (value: Typed): string =>
  value.type === "text" ? inBrackets(value) : `string(${value.cel})`;

const FUNCTIONS: Readonly<Record<string, Translate>> = {
  true: () => bool("true"),
  false: () => bool("false"),
  not: (_args, nodes, scope) => bool(`!(${truth(nodes[0] ?? { kind: "string", value: "" }, scope)})`),
  selected: (args) => {
    const [of, value] = [at(args, 0), at(args, 1)];
    if (!of.from?.choices) throw new XPathFault("selected() needs a question with choices");
    const id = JSON.stringify(of.from.choices.get(JSON.parse(value.cel) as string) ?? JSON.parse(value.cel));
    const plain = of.type === "many" ? `${id} in ${of.cel}` : `${of.cel} == ${id}`;
    return bool(isSelf(of.from) ? plain : `${answered(of.from)} && ${plain}`);
  },
  "count-selected": (args) => number(`size(${at(args, 0).cel})`),
  "string-length": (args) => number(`size(${at(args, 0).cel})`),
  if: (args, nodes, scope) => {
    const [yes, no] = [at(args, 1), at(args, 2)];
    return {
      cel: `${truth(nodes[0] as XPath, scope)} ? ${inBrackets(yes)} : ${inBrackets(no)}`,
      type: yes.type,
    };
  },
  coalesce: (args) => {
    const [first, second] = [at(args, 0), at(args, 1)];
    if (!first.from) return first;
    return { cel: `${answered(first.from)} ? ${first.cel} : ${inBrackets(second)}`, type: first.type };
  },
  concat: (args) => text(args.map(inWords).join(" + ")),
  contains: (args) => bool(`${inBrackets(at(args, 0))}.contains(${at(args, 1).cel})`),
  "starts-with": (args) => bool(`${inBrackets(at(args, 0))}.startsWith(${at(args, 1).cel})`),
  "ends-with": (args) => bool(`${inBrackets(at(args, 0))}.endsWith(${at(args, 1).cel})`),
  regex: (args) => {
    const [of, pattern] = [at(args, 0), at(args, 1)];
    const source: unknown = pattern.cel.startsWith('"') ? JSON.parse(pattern.cel) : undefined;
    if (typeof source !== "string") throw new XPathFault("regex() needs a pattern in quotes");
    const fault = patternFault(source);
    if (fault) throw new XPathFault(`regex(): ${fault.what}; ${fault.remedy}`);
    const plain = `${of.type === "text" || of.type === "one" ? of.cel : `string(${of.cel})`}.fits(${JSON.stringify(source)})`;
    return bool(of.from && !isSelf(of.from) ? `${answered(of.from)} && ${plain}` : plain);
  },
  today: () => text("session.today"),
  date: (args) => text(at(args, 0).cel),
  number: (args) => number(`double(${at(args, 0).cel})`),
  int: (args) => number(`int(${at(args, 0).cel})`),
  string: (args) => text(inWords(at(args, 0))),
  min: (args) => least(args, "<"),
  max: (args) => least(args, ">"),
};

function least(args: readonly Typed[], sign: string): Typed {
  const [a, b] = [at(args, 0), at(args, 1)];
  if (args.length > 2) throw new XPathFault("min() and max() take two values here");
  return number(`${inBrackets(a)} ${sign} ${inBrackets(b)} ? ${inBrackets(a)} : ${inBrackets(b)}`);
}

function call(name: string, nodes: readonly XPath[], scope: Scope): Typed {
  const known = FUNCTIONS[name];
  if (!known)
    throw new XPathFault(`${name}() is not available; there are ${Object.keys(FUNCTIONS).join(", ")}`);
  return known(
    nodes.map((node) => translate(node, scope)),
    nodes,
    scope,
  );
}
