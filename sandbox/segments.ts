import { readFileSync } from "node:fs";

interface Alphabet {
  readonly basic: Readonly<Record<string, string>>;
  readonly extension: Readonly<Record<string, string>>;
}

const alphabet = JSON.parse(
  readFileSync(new URL("./contracts/gsm0338.json", import.meta.url), "utf8"),
) as Alphabet;
const ESCAPE = "\u001b";
const basic = new Set(Object.values(alphabet.basic).filter((c) => c !== ESCAPE));
const extension = new Set(Object.values(alphabet.extension).filter((c) => !basic.has(c)));

/** Septets (GSM-7) or UTF-16 units (UCS-2) in one message, and in each part of a longer one. */
const CAPACITY = { "GSM-7": { single: 160, part: 153 }, "UCS-2": { single: 70, part: 67 } } as const;

export interface Segmented {
  readonly segments: number;
  readonly encoding: "GSM-7" | "UCS-2";
}

/** How many parts a carrier bills for; escape pairs and surrogate pairs are never split over two parts. */
export function segment(body: string): Segmented {
  const characters = [...body];
  const encoding = characters.every((c) => basic.has(c) || extension.has(c)) ? "GSM-7" : "UCS-2";
  const width = (c: string) => (encoding === "UCS-2" ? c.length : extension.has(c) ? 2 : 1);
  const capacity = CAPACITY[encoding];
  const total = characters.reduce((sum, c) => sum + width(c), 0);
  if (total <= capacity.single) return { segments: 1, encoding };
  let segments = 1;
  let used = 0;
  for (const c of characters) {
    if (used + width(c) > capacity.part) {
      segments += 1;
      used = 0;
    }
    used += width(c);
  }
  return { segments, encoding };
}
