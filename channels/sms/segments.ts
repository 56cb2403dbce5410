import alphabet from "./gsm-alphabet.json" with { type: "json" };

/** Septets of the GSM alphabet, or UTF-16 units, in one SMS alone and in each part of a longer one. */
const CAPACITY = { "GSM-7": { alone: 160, part: 153 }, "UCS-2": { alone: 70, part: 67 } } as const;

const basic = new Set(alphabet.basic);
const extension = new Set(alphabet.extension);
const substitutes = new Map(Object.entries(alphabet.substitutes));

/** How a text travels by SMS, and so what it costs: a municipality pays by the segment. */
export interface Segments {
  readonly encoding: "GSM-7" | "UCS-2";
  /** Septets (GSM-7; characters such as € take two) or UTF-16 units (UCS-2). */
  readonly units: number;
  readonly segments: number;
  /** Units that fit in each of these segments. */
  readonly perSegment: number;
  /** Characters outside the GSM alphabet, each once: they alone make the whole text UCS-2. */
  readonly unusual: readonly UnusualCharacter[];
}

export interface UnusualCharacter {
  readonly character: string;
  /** What a reader would understand as well and the GSM alphabet has; for staff to choose, never imposed. */
  readonly replacement?: string;
}

/**
 * Counts as carriers do: one character outside the alphabet changes the encoding of all, and neither an escaped
 * character nor a surrogate pair is split between two segments, so that dividing by the capacity undercounts.
 */
export function segmentsOf(text: string): Segments {
  const unusual = [...new Set(text)].filter((c) => !basic.has(c) && !extension.has(c));
  const encoding = unusual.length === 0 ? "GSM-7" : "UCS-2";
  const size = (c: string): number => (encoding === "UCS-2" ? c.length : extension.has(c) ? 2 : 1);
  const capacity = CAPACITY[encoding];
  let units = 0;
  let parts = text.length > 0 ? 1 : 0;
  let room: number = capacity.part;
  for (const character of text) {
    const width = size(character);
    units += width;
    if (width > room) {
      parts += 1;
      room = capacity.part;
    }
    room -= width;
  }
  const alone = units <= capacity.alone;
  return {
    encoding,
    units,
    segments: alone ? Math.min(parts, 1) : parts,
    perSegment: alone ? capacity.alone : capacity.part,
    unusual: unusual.map((character) => {
      const replacement = replacementOf(character);
      return { character, ...(replacement === undefined ? {} : { replacement }) };
    }),
  };
}

function replacementOf(character: string): string | undefined {
  const substitute = substitutes.get(character);
  if (substitute !== undefined) return substitute;
  const letter = [...character.normalize("NFD")][0];
  if (letter !== undefined && letter !== character && basic.has(letter)) return letter;
  return /^\p{Mark}$/u.test(character) ? "" : undefined;
}
