import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadContent } from "#templates";
import { joinWords, keywordOf } from "./keywords.ts";

const content = await loadContent(fileURLToPath(new URL("../../templates", import.meta.url)));
const { deployment } = content;

test("every keyword that the templates name means what it should, however it is written", () => {
  for (const kind of ["stop", "start", "help"] as const)
    for (const word of deployment.keywords[kind])
      for (const written of [word, word.toLowerCase(), ` ${word}. `, `${word}!`])
        expect(keywordOf(deployment, written)?.kind, written).toBe(kind);
  for (const { code, keywords } of deployment.languages)
    for (const word of keywords)
      expect(keywordOf(deployment, word)).toEqual({ kind: "language", language: code });
});

test("what the law lists is there", () => {
  for (const word of ["STOP", "END", "CANCEL", "UNSUBSCRIBE", "QUIT", "OPT OUT", "OPTOUT", "STOPALL"])
    expect(keywordOf(deployment, word)?.kind, word).toBe("stop");
  for (const word of ["START", "UNSTOP"]) expect(keywordOf(deployment, word)?.kind, word).toBe("start");
  for (const word of ["HELP", "INFO"]) expect(keywordOf(deployment, word)?.kind, word).toBe("help");
});

test("numbers, yes and no are never keywords in mid-conversation", () => {
  for (const answer of ["1", "2", "5", "no", "nee", "cha", "hayi", "ok", "good", "", "🙏"])
    expect(keywordOf(deployment, answer), answer).toBeUndefined();
  for (const answer of ["yes", "ja", "yebo", "ewe"]) {
    const keyword = keywordOf(deployment, answer);
    if (keyword) expect(keyword).toMatchObject({ kind: "start", affirmative: true });
  }
});

test("in every language the three legal sentences are there, and tell what they have to", () => {
  for (const { code } of deployment.languages) {
    const help = content.say("help", code);
    expect(help).toContain(deployment.municipality);
    expect(help).toContain(deployment.contactLine);
    const stopWords = deployment.keywords.stop.filter((word) => help.toUpperCase().includes(word));
    expect(stopWords, code).not.toEqual([]);
    for (const key of ["stop_confirmed", "start_confirmed", "fallback"] as const)
      expect(content.say(key, code).length, `${key} ${code}`).toBeGreaterThan(10);
  }
});

test("words that may be a consultation's keyword", () => {
  expect(joinWords("  Join, please! ")).toEqual(["JOIN", "JOIN PLEASE"]);
  expect(joinWords("")).toEqual(["", ""]);
});
