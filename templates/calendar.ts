import { z } from "zod";
import { SDGS } from "#flows";
import type { YamlFile } from "./yaml.ts";

/** What is planned for the year, beside what the program knows itself. */
export interface PlannedItem {
  readonly title: string;
  /** `2026-12-10` */
  readonly on: string;
  /** Last day, where there are several. */
  readonly until?: string;
  readonly note?: string;
  /** A strategic objective, in the words of calendar.yaml. */
  readonly objective?: string;
  /** Sustainable Development Goals, 1 to 17. */
  readonly sdg: readonly number[];
}

const MAX_ITEMS = 1_000;
const day = z.iso.date("not a day: write 2026-12-10");
const words = z.string().trim().min(1).max(150);

const schema = z.strictObject({
  objectives: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/, "small letters, digits and hyphens"), words)
    .default({}),
  items: z
    .array(
      z.strictObject({
        title: words,
        on: day,
        until: day.optional(),
        note: z.string().trim().min(1).max(500).optional(),
        objective: z.string().optional(),
        sdg: z.array(z.int().min(1).max(SDGS)).default([]),
      }),
    )
    .max(MAX_ITEMS)
    .default([]),
});

/** Reads calendar.yaml. */
export function readCalendar(file: YamlFile): readonly PlannedItem[] {
  const raw = file.shape(schema);
  if (!raw) return [];
  const { objectives } = raw;
  return raw.items.map(({ objective, note, until, ...item }, index) => {
    if (objective !== undefined && !Object.hasOwn(objectives, objective))
      file.fault(
        ["items", index, "objective"],
        `"${objective}" is not among the objectives`,
        Object.keys(objectives).length > 0
          ? `use one of: ${Object.keys(objectives).join(", ")}`
          : "add it under objectives",
      );
    if (until !== undefined && until < item.on)
      file.fault(["items", index, "until"], "it ends before it begins", "put the later day under until");
    return {
      ...item,
      ...(until === undefined ? {} : { until }),
      ...(note === undefined ? {} : { note }),
      ...(objective === undefined ? {} : { objective: objectives[objective] ?? objective }),
    };
  });
}
