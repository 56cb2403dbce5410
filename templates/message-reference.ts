import { broadcastSchema, valueSchema } from "./broadcast.ts";
import { GUIDELINES } from "./guidelines.ts";
import { table } from "./schema-table.ts";

/** The reference of templates/broadcasts and templates/guidelines.yaml, in Markdown, from the schemas that read them. */
export function messageReference(): string {
  const sections = [
    "# Fields of message templates and guidelines",
    "",
    "Generated from the schemas that read the files; do not edit. [Templates](templates.md) explains them.",
    "",
    ...table("templates/broadcasts/*.yaml", broadcastSchema),
    ...table("One of its values", valueSchema),
    ...Object.entries(GUIDELINES).flatMap(([section, schema]) =>
      table(`templates/guidelines.yaml: one of ${section}`, schema),
    ),
  ];
  return `${sections.join("\n")}\n`;
}
