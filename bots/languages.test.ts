import { expect, test } from "vitest";
import { detectLanguage } from "./languages.ts";

const ALL = ["en", "zu", "xh", "af", "st", "tn", "nso", "ts", "ss", "ve", "nr"];

test.each([
  ["There is no water in our street since Monday", "en"],
  ["Daar is geen water in ons straat nie", "af"],
  ["Sicela amanzi ahlanzekile emakhaya ethu", "zu"],
  ["Re kopa metsi a hlwekileng motseng wa rona", "st"],
  ["Ndi khou humbela madi a vhutshilo", "ve"],
  // isiXhosa, which is taken for isiZulu by a hair: no guess is better than a wrong one.
  ["Nceda nilungise iindlela zethu eMthatha", undefined],
  ["Sicela amanzi", undefined],
  ["", undefined],
  ["1234 5678 9012 3456", undefined],
])("%s: %s", (text, language) => {
  expect(detectLanguage(text, ALL)).toBe(language);
});

test("only languages that are offered are looked for", () => {
  expect(detectLanguage("Ndi khou humbela madi a vhutshilo", ["en", "af"])).not.toBe("ve");
});
