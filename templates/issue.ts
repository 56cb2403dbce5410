import { distance } from "fastest-levenshtein";
import { z } from "zod";

interface Explained {
  readonly path: readonly (string | number)[];
  readonly what: string;
  readonly remedy: string;
}

/** A custom issue carries its remedy in `params.remedy`. */
export const withRemedy = (remedy: string): { params: { remedy: string } } => ({ params: { remedy } });

/** A schema's issue in words that an author can act on. */
export function explain(issue: z.core.$ZodIssue, schema: z.ZodType): readonly Explained[] {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  const name = path.length === 0 ? "the file" : `"${path.join(".")}"`;
  const one = (what: string, remedy: string): readonly Explained[] => [{ path, what, remedy }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => {
        const near = nearest(key, keysAt(schema, path));
        return {
          path: [...path, key],
          what: `unknown key "${key}"`,
          remedy: near
            ? `did you mean "${near}"?`
            : `remove it, or use one of: ${keysAt(schema, path).join(", ")}`,
        };
      });
    case "invalid_type":
      return issue.input === undefined
        ? one(`${name} is missing`, `add it: ${article(issue.expected)}`)
        : one(`${name} is ${kindOf(issue.input)}`, `write ${article(issue.expected)}`);
    case "invalid_value":
      return one(`${name} is ${JSON.stringify(issue.input)}`, `write one of: ${issue.values.join(", ")}`);
    case "too_small":
      return one(
        `${name} is too ${sizeWord(issue.origin, "small")}`,
        `at least ${issue.minimum}${unitOf(issue.origin)}`,
      );
    case "too_big":
      return one(
        `${name} is too ${sizeWord(issue.origin, "large")}`,
        `at most ${issue.maximum}${unitOf(issue.origin)}`,
      );
    case "invalid_key":
      return issue.issues.flatMap((inner) =>
        explain(inner, schema).map(({ what, remedy }) => ({
          path,
          what: `"${path.at(-1)}": ${what.replace(/^the file: /, "")}`,
          remedy,
        })),
      );
    case "invalid_union":
      return (issue.errors[0] ?? []).length > 0 && issue.errors.length === 1
        ? (issue.errors[0] ?? []).flatMap((inner) =>
            explain({ ...inner, path: [...issue.path, ...inner.path] }, schema),
          )
        : one(
            `${name} is ${kindOf(issue.input)}, which does not fit here`,
            "see docs/flows.md for what it may be",
          );
    default: {
      const remedy: unknown = issue.code === "custom" ? issue.params?.remedy : undefined;
      return one(`${name}: ${issue.message}`, typeof remedy === "string" ? remedy : "correct it");
    }
  }
}

/** The nearest of the known names, when it is a likely slip of the hand. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const limit = name.length > 2 ? 2 : 1;
  return known
    .map((candidate) => ({ candidate, off: distance(name, candidate) }))
    .filter(({ off }) => off <= limit)
    .sort((a, b) => a.off - b.off)[0]?.candidate;
}

/** Keys of the object that a path inside a schema leads to. */
function keysAt(schema: z.ZodType, path: readonly (string | number)[]): readonly string[] {
  let at: unknown = schema;
  const unwrap = (): void => {
    while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodNullable)
      at = at.unwrap();
    if (at instanceof z.ZodPipe) at = at.in;
  };
  for (const part of path) {
    unwrap();
    if (at instanceof z.ZodObject) at = at.shape[String(part)];
    else if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else return [];
  }
  unwrap();
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a group of keys" : `${typeof value} ${JSON.stringify(value)}`;
}

function article(expected: string): string {
  const known: Record<string, string> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a group of keys",
    record: "a group of keys",
  };
  return known[expected] ?? expected;
}

const sizeWord = (origin: string, size: "small" | "large"): string =>
  origin === "string" || origin === "array" ? (size === "small" ? "short" : "long") : size;
const unitOf = (origin: string): string =>
  origin === "string" ? " characters" : origin === "array" ? " entries" : "";
