import { z } from "zod";

/** What may stand in one part of a file, as a Markdown table, from the schema that reads it. */
export function table(title: string, schema: z.ZodObject): readonly string[] {
  const rows = Object.entries(schema.shape).map(([key, field]) => {
    const needed = field.safeParse(undefined).success ? "" : "yes";
    return `| \`${key}\` | ${needed} | ${kindOf(field)} | ${field.description ?? describedInside(field)} |`;
  });
  return [`## ${title}`, "", "| key | needed | is | means |", "| --- | --- | --- | --- |", ...rows, ""];
}

function inside(field: z.core.$ZodType): z.core.$ZodType {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault ? inside(field.unwrap()) : field;
}

const describedInside = (field: z.core.$ZodType): string => {
  const inner = inside(field);
  return inner instanceof z.ZodType ? (inner.description ?? "") : "";
};

function kindOf(field: z.core.$ZodType): string {
  const inner = inside(field);
  if (inner instanceof z.ZodEnum) return inner.options.map((option) => `\`${option}\``).join(", ");
  if (inner instanceof z.ZodLiteral) return [...inner.values].map((value) => `\`${value}\``).join(", ");
  if (inner instanceof z.ZodArray) return "list";
  if (inner instanceof z.ZodRecord || inner instanceof z.ZodObject) return "group of keys";
  if (inner instanceof z.ZodBoolean) return "true or false";
  if (inner instanceof z.ZodNumber) return inner.format ? "whole number" : "number";
  if (inner instanceof z.ZodUnion) return [...new Set(inner.options.map(kindOf))].join(" or ");
  if (inner instanceof z.ZodNull) return "nothing";
  return "text";
}
