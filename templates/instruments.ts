import { z } from "zod";
import type { Instrument } from "#flows";
import type { YamlFile } from "./yaml.ts";

/** Laws under which people comment, and the days on which no such period ends. */
export interface Instruments {
  readonly byId: ReadonlyMap<string, Instrument>;
  /** `2026-12-25` */
  readonly publicHolidays: ReadonlySet<string>;
}

const day = z.iso.date("not a day: write 2026-12-25");

const schema = z.strictObject({
  instruments: z.record(
    z.string().regex(/^[a-z][a-z0-9-]*$/, "not a name: small letters, digits and hyphens"),
    z.strictObject({ title: z.string().min(1), days: z.int().min(0).max(730), source: z.string().min(1) }),
  ),
  publicHolidays: z.array(day).default([]),
});

export const NO_INSTRUMENTS: Instruments = { byId: new Map(), publicHolidays: new Set() };

/** Reads instruments.yaml. */
export function readInstruments(file: YamlFile): Instruments | undefined {
  const raw = file.shape(schema);
  return (
    raw && {
      byId: new Map(Object.entries(raw.instruments).map(([id, rest]) => [id, { id, ...rest }])),
      publicHolidays: new Set(raw.publicHolidays),
    }
  );
}
