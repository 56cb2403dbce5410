import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadContent, loadFlowFile } from "#templates";
import { drawFlow, openConversation, reportTexts, toYaml } from "./index.ts";

const content = await loadContent(fileURLToPath(new URL("../../templates", import.meta.url)));
const { flows } = content;
const flow = (id: string) => {
  const found = flows.get(id);
  if (!found) throw new Error(`no flow ${id}`);
  return found;
};

describe("texts by SMS", () => {
  it("count the list of choices below a question, and a letter outside the GSM alphabet", () => {
    const { texts, longest } = reportTexts(flow("idp-comment"));
    const priorities = texts.find(({ step, language }) => step === "priorities" && language === "en");
    expect(priorities?.text).toMatch(/\n1\. Water/);
    expect(priorities?.segments.segments).toBe(2);
    const three = { ...flow("three-questions"), title: { en: "T" } };
    const name = three.steps.name;
    if (name?.kind !== "ask") throw new Error("no question");
    const polished = reportTexts({
      ...three,
      steps: { ...three.steps, name: { ...name, text: { en: "Imię?" } } },
    });
    expect(polished.texts.find(({ step }) => step === "name")?.segments.encoding).toBe("UCS-2");
    expect(longest.en).toBe(
      texts.filter((t) => t.language === "en").reduce((n, t) => n + t.segments.segments, 0),
    );
  });

  it("the longest way is one way, not all of them", () => {
    const { texts, longest } = reportTexts(flow("town-hall-rsvp"));
    const all = texts.filter((t) => t.language === "en").reduce((n, t) => n + t.segments.segments, 0);
    expect(longest.en).toBeLessThan(all);
    expect(longest.en).toBeGreaterThan(1);
  });
});

describe("a conversation with a draft", () => {
  const open = (id: string) =>
    openConversation(flow(id), flows, new Date("2026-11-23T08:00:00Z"), "Africa/Johannesburg");

  it("goes from the first question to the end, and shows what was understood", () => {
    const talk = open("three-questions");
    expect(talk.restart()).toEqual(["  Welcome! What is your name?", "  (1 SMS segment)"]);
    expect(talk.say("Thandi")[0]).toBe('· understood: name = "Thandi"');
    expect(talk.say("9")[0]).toMatch(/^ {2}Sorry/);
    talk.say("4");
    expect(talk.say("Fix it")).toContain("· the end: completed");
    expect(talk.ended).toBe(true);
    expect(talk.answers()).toEqual({ name: "Thandi", rating: 4, comment: "Fix it" });
  });

  it("keeps the clock: what expires on the way ends it, what is no time is said", () => {
    const talk = open("idp-comment");
    talk.restart("zu");
    expect(talk.pass("soon")).toEqual([expect.stringContaining('"soon" is no time')]);
    expect(talk.pass("1h")).toEqual(["· it is 2026-11-23 09:00 UTC"]);
    expect(talk.ended).toBe(false);
    const aDay = talk.pass("1d");
    expect(aDay[0]).toBe("· silent for 1d: a reminder goes out, with the open question");
    expect(aDay[1]).toContain("1/5");
    expect(talk.pass("1d")).toHaveLength(1);
    expect(talk.pass("5w")).toContain("· the end: expired");
  });
});

it.each([...flows.keys()])("%s is the same flow when it is written and read again", async (id) => {
  const folder = await mkdtemp(join(tmpdir(), "saypro-yaml-"));
  const path = join(folder, `${id}.yaml`);
  await writeFile(path, toYaml(flow(id)));
  const { flow: again } = await loadFlowFile(path, content);
  await rm(folder, { recursive: true });
  expect(again).toEqual(flow(id));
});

describe("the picture", () => {
  it.each([...flows.keys()])("of %s has every step and every way", async (id) => {
    const svg = await drawFlow(flow(id), "en");
    expect(svg).toMatch(/<svg[\s\S]*<\/svg>/);
    for (const step of Object.keys(flow(id).steps)) expect(svg).toContain(`<title>${step}</title>`);
  });

  it("takes words that mean something in a picture's source", async () => {
    const three = flow("three-questions");
    const thanks = { kind: "end", text: { en: '<b>"\\N" & ' + "'{'x'}'" } } as const;
    const svg = await drawFlow({ ...three, steps: { ...three.steps, thanks } }, "en");
    expect(svg).toContain("&lt;b&gt;");
    expect(svg).not.toContain("<b>");
  });
});
