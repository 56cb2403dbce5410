import { ASKS, DEED, FLOW, STEPS } from "./flow-schema.ts";
import { table } from "./schema-table.ts";

/** The reference of everything that may stand in a flow's file, in Markdown, from the schema that reads it. */
export function flowReference(): string {
  const sections = [
    "# Fields of a flow",
    "",
    "Generated from the schema that reads the files; do not edit. [How to write a flow](flows.md) explains it.",
    "",
    ...table("The file", FLOW),
    ...Object.entries(STEPS).flatMap(([kind, schema]) => table(`Step: ${kind}`, schema)),
    ...table("One act", DEED),
    ...Object.entries(ASKS).flatMap(([type, schema]) => table(`Step: ask, type ${type}`, schema)),
  ];
  return `${sections.join("\n")}\n`;
}
