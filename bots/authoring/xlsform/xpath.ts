/** XPath as forms use it (ODK XForms specification, "XPath expressions"): parsed, not evaluated. */
export type XPath =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  /** `${name}` */
  | { readonly kind: "name"; readonly name: string }
  /** `.` */
  | { readonly kind: "self" }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly XPath[] }
  | { readonly kind: "minus"; readonly of: XPath }
  | { readonly kind: "binary"; readonly op: string; readonly left: XPath; readonly right: XPath };

/** Words for the author: the expression cannot be used. */
export class XPathFault extends Error {}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|"([^"]*)"|'([^']*)'|\$\{\s*([^}\s]+)\s*\}|(!=|<=|>=|[=<>+\-*(),])|([A-Za-z_][\w.:-]*)|(\.\.?)|(\S))/gy;

interface Token {
  readonly kind: "number" | "string" | "name" | "op" | "word" | "self";
  readonly text: string;
}

function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const [, number, double, single, name, op, word, dot, odd] of source.matchAll(TOKEN)) {
    if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (double !== undefined || single !== undefined)
      tokens.push({ kind: "string", text: double ?? single ?? "" });
    else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (op !== undefined) tokens.push({ kind: "op", text: op });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (dot === ".") tokens.push({ kind: "self", text: dot });
    else throw new XPathFault(`"${odd ?? dot}" cannot be read`);
  }
  return tokens;
}

/** Loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ["or"],
  ["and"],
  ["=", "!="],
  ["<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "div", "mod"],
];
const MAX_DEPTH = 50;

/** Throws {@link XPathFault}. */
export function parseXPath(source: string): XPath {
  const tokens = tokensOf(source);
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const take = (text: string): boolean => {
    const token = peek();
    if (token?.text !== text || (token.kind !== "op" && token.kind !== "word")) return false;
    at++;
    return true;
  };
  const level = (n: number, depth: number): XPath => {
    if (depth > MAX_DEPTH) throw new XPathFault("too many brackets inside each other");
    const ops = LEVELS[n];
    if (!ops) return unary(depth);
    let left = level(n + 1, depth);
    for (;;) {
      const op = ops.find((each) => take(each));
      if (op === undefined) return left;
      left = { kind: "binary", op, left, right: level(n + 1, depth) };
    }
  };
  const unary = (depth: number): XPath =>
    take("-") ? { kind: "minus", of: unary(depth + 1) } : primary(depth);
  const primary = (depth: number): XPath => {
    const token = tokens[at++];
    switch (token?.kind) {
      case "number":
        return { kind: "number", value: Number(token.text) };
      case "string":
        return { kind: "string", value: token.text };
      case "name":
        return { kind: "name", name: token.text };
      case "self":
        return { kind: "self" };
      case "word": {
        if (!take("(")) throw new XPathFault(`"${token.text}" stands for nothing: write \${${token.text}}`);
        const args: XPath[] = [];
        while (!take(")")) {
          if (args.length > 0 && !take(",")) throw new XPathFault(`${token.text}() is not closed`);
          args.push(level(0, depth + 1));
        }
        return { kind: "call", name: token.text, args };
      }
      default:
        if (token?.text !== "(")
          throw new XPathFault(token ? `"${token.text}" is not expected here` : "it is not finished");
    }
    const inside = level(0, depth + 1);
    if (!take(")")) throw new XPathFault("a bracket is not closed");
    return inside;
  };
  const whole = level(0, 0);
  const rest = peek();
  if (rest) throw new XPathFault(`"${rest.text}" is not expected here`);
  return whole;
}
