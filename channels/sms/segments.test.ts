import fc from "fast-check";
import { describe, expect, it } from "vitest";
import alphabet from "./gsm-alphabet.json" with { type: "json" };
import { segmentsOf } from "./segments.ts";

const gsm = fc.string({ unit: fc.constantFrom(...alphabet.basic), maxLength: 700 });
const gsmExtended = fc.string({
  unit: fc.constantFrom(...alphabet.basic, ...alphabet.extension),
  maxLength: 700,
});
const anything = fc.string({ unit: "binary", maxLength: 400 });

/** The slow way round: fill segments one by one and look at what lies in them. */
function fill(text: string, width: (c: string) => number, capacity: number): string[] {
  const segments: string[][] = [[]];
  for (const character of text) {
    const last = segments[segments.length - 1] ?? [];
    const used = last.reduce((sum, c) => sum + width(c), 0);
    if (used + width(character) > capacity) segments.push([character]);
    else last.push(character);
  }
  return segments.map((s) => s.join(""));
}

describe("segments of an SMS", () => {
  it.each<[string, string, "GSM-7" | "UCS-2", number, number]>([
    ["nothing", "", "GSM-7", 0, 0],
    ["a greeting", "Sawubona", "GSM-7", 8, 1],
    ["160 letters", "a".repeat(160), "GSM-7", 160, 1],
    ["161 letters", "a".repeat(161), "GSM-7", 161, 2],
    ["306 letters", "a".repeat(306), "GSM-7", 306, 2],
    ["307 letters", "a".repeat(307), "GSM-7", 307, 3],
    ["a euro sign takes two", "€".repeat(80), "GSM-7", 160, 1],
    ["81 euro signs: 76 and 5", "€".repeat(81), "GSM-7", 162, 2],
    ["an escape pair moves on whole", `${"a".repeat(152)}€${"a".repeat(152)}`, "GSM-7", 306, 3],
    ["an Afrikaans ê", "Môre almal: wêreld", "UCS-2", 18, 1],
    ["70 in UCS-2", "ê".repeat(70), "UCS-2", 70, 1],
    ["71 in UCS-2", "ê".repeat(71), "UCS-2", 71, 2],
    ["an emoji takes two", "😀".repeat(35), "UCS-2", 70, 1],
    ["36 emoji: 33 and 3", "😀".repeat(36), "UCS-2", 72, 2],
    ["a surrogate pair moves on whole", `${"ê".repeat(66)}😀${"ê".repeat(66)}`, "UCS-2", 134, 3],
    ["a Tshivenda ṱ", "ṱ".repeat(175), "UCS-2", 175, 3],
    ["Ç is in the alphabet, ç is not", "Ç", "GSM-7", 1, 1],
    ["a tab is not", "a\tb", "UCS-2", 3, 1],
    ["the escape character itself is not", "\u001b", "UCS-2", 1, 1],
    ["a newline is", "a\nb", "GSM-7", 3, 1],
  ])("%s", (_name, text, encoding, units, segments) => {
    expect(segmentsOf(text)).toMatchObject({ encoding, units, segments });
  });

  it("names each unusual character once, with what could stand for it", () => {
    expect(segmentsOf("’n Môre – môre … 😀 ṱ").unusual).toEqual([
      { character: "’", replacement: "'" },
      { character: "ô", replacement: "o" },
      { character: "–", replacement: "-" },
      { character: "…", replacement: "..." },
      { character: "😀" },
      { character: "ṱ", replacement: "t" },
    ]);
  });

  it("keeps the alphabet's 127 and 10 characters apart, and every replacement inside it", () => {
    expect(new Set(alphabet.basic).size).toBe(127);
    expect(new Set(alphabet.extension).size).toBe(10);
    for (const c of alphabet.extension) expect(alphabet.basic).not.toContain(c);
    for (const replacement of Object.values(alphabet.substitutes))
      expect(segmentsOf(replacement).encoding).toBe("GSM-7");
  });

  it("of plain GSM text is the length divided by the capacity", () => {
    fc.assert(
      fc.property(gsm, (text) => {
        const expected = text.length === 0 ? 0 : text.length <= 160 ? 1 : Math.ceil(text.length / 153);
        expect(segmentsOf(text)).toMatchObject({ encoding: "GSM-7", units: text.length, segments: expected });
      }),
    );
  });

  it("of any GSM text is what filling them one by one gives, and never fewer than the quotient", () => {
    fc.assert(
      fc.property(gsmExtended, (text) => {
        const width = (c: string): number => (alphabet.extension.includes(c) ? 2 : 1);
        const counted = segmentsOf(text);
        if (counted.units > 160) {
          expect(counted.segments).toBe(fill(text, width, 153).length);
          expect(counted.segments).toBeGreaterThanOrEqual(Math.ceil(counted.units / 153));
        } else expect(counted.segments).toBe(text === "" ? 0 : 1);
      }),
    );
  });

  it("of any text at all never splits a surrogate pair, and adds up", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const counted = segmentsOf(`ê${text}`);
        expect(counted.encoding).toBe("UCS-2");
        expect(counted.units).toBe(text.length + 1);
        const parts = fill(`ê${text}`, (c) => c.length, counted.units <= 70 ? 70 : 67);
        expect(counted.segments).toBe(parts.length);
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(67);
      }),
    );
  });

  it("becomes GSM-7 once every unusual character is replaced", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."abcôêëïšṱ’“”–…\u00a0"), maxLength: 200 }), (text) => {
        const { unusual } = segmentsOf(text);
        const replaced = unusual.reduce((t, u) => t.replaceAll(u.character, u.replacement ?? "?"), text);
        expect(segmentsOf(replaced).encoding).toBe("GSM-7");
      }),
    );
  });
});
