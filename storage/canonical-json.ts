/** A piece of JSON that is to stand as it was written: 9007199254740993 and 1.0 must not read as something else. */
export class Literal {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/** JSON with sorted keys and no spaces: one text for one value. What is undefined is not there. */
export function canonicalJson(value: unknown): string {
  if (value instanceof Literal) return value.source;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
}
