import { expect, test } from "vitest";
import { templateFor } from "./approved-template.ts";

const deployment = {
  whatsapp: { templates: { en: { name: "notice", language: "en_GB", body: "Notice: {{1}} Reply STOP." } } },
};

test("a text travels whole, on one line, between the words that were approved", () => {
  expect(templateFor("Water is off.\n\nBoil it: $& {{1}}", "en", deployment)).toEqual({
    approvedAs: { name: "notice", language: "en_GB" },
    filled: "Notice: Water is off. Boil it: $& {{1}} Reply STOP.",
  });
});

test.each([
  ["a language without one", "Amanzi", "zu"],
  ["a text too long for it", "x".repeat(1005), "en"],
])("there is none for %s", (_what, text, language) => {
  expect(templateFor(text, language, deployment)).toBeUndefined();
});

test("the longest that fits", () => {
  expect(templateFor("x".repeat(1004), "en", deployment)?.filled).toHaveLength(1024);
});
