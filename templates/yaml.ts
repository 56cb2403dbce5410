import { basename } from "node:path";
import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import type { Fault } from "./fault.ts";
import { explain } from "./issue.ts";

/** Characters of one file. */
const MAX_FILE = 500_000;

/** Keys and indexes that lead to a node. */
export type NodePath = readonly (string | number)[];

/** One YAML file that knows the line of each of its nodes. */
export interface YamlFile {
  /** Relative to the templates folder. */
  readonly path: string;
  /** The file's name without its ending. */
  readonly id: string;
  readonly value: unknown;
  /** Reports a fault at the line of this node, or of the nearest one above it that exists. */
  fault(at: NodePath, what: string, remedy: string): void;
  /** The line of this node, or of the nearest one above it that exists. */
  lineOf(at: NodePath): number;
  /** The node in the shape of the schema; else every issue is a fault and the result is undefined. */
  shape<S extends z.ZodType>(schema: S, at?: NodePath): z.output<S> | undefined;
}

/** Parses one file. Faults are pushed to `faults`; undefined when it is no YAML at all. */
export function readYaml(path: string, source: string, faults: Fault[]): YamlFile | undefined {
  if (source.length > MAX_FILE) {
    faults.push({
      file: path,
      line: 1,
      what: "the file is too large",
      remedy: `keep it under ${MAX_FILE} characters`,
    });
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    const line = lines.linePos(error.pos[0]).line;
    faults.push({
      file: path,
      line,
      what: `not valid YAML: ${error.message}`,
      remedy: "check indentation and quotes",
    });
  }
  if (document.errors.length > 0) return undefined;
  const value: unknown = document.toJS();

  const fault = (at: NodePath, what: string, remedy: string): void => {
    faults.push({ file: path, line: lineOf(at), what, remedy });
  };
  const lineOf = (at: NodePath): number => {
    for (let length = at.length; length > 0; length--) {
      const parent = length === 1 ? document.contents : document.getIn(at.slice(0, length - 1), true);
      const key = at[length - 1];
      if (isMap(parent)) {
        const pair = parent.items.find(
          (item) => isScalar(item.key) && String(item.key.value) === String(key),
        );
        if (pair && isNode(pair.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line;
      }
      const node = document.getIn(at.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  return {
    path,
    id: basename(path).replace(/\.ya?ml$/, ""),
    value,
    fault,
    lineOf,
    shape(schema, at = []) {
      const node: unknown = at.length === 0 ? value : document.getIn(at, true);
      const part: unknown = at.length === 0 ? value : isNode(node) ? node.toJS(document) : node;
      const result = schema.safeParse(part, { reportInput: true });
      if (result.success) return result.data;
      for (const issue of result.error.issues) {
        for (const { path: inside, what, remedy } of explain(issue, schema))
          fault([...at, ...inside], what, remedy);
      }
      return undefined;
    },
  };
}
