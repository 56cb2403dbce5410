import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BROADCAST_STEPS,
  type BroadcastDraft,
  type BroadcastState,
  type BroadcastStep,
  checkBroadcast,
  needsNewApproval,
  STATE_WORDS,
  stepBroadcast,
  textLanguage,
} from "./broadcast.ts";

const states = Object.keys(BROADCAST_STEPS) as BroadcastState[];
const steps = [...new Set(states.flatMap((state) => Object.keys(BROADCAST_STEPS[state])))] as BroadcastStep[];

describe("its life", () => {
  test("as a picture: what may happen in each state, and where it leads", () => {
    const picture = states.map((state) => {
      const allowed = Object.entries(BROADCAST_STEPS[state]).map(([taken, to]) => `${taken}→${to}`);
      return `${state}: ${allowed.join(" ") || "end"}`;
    });
    expect(picture).toEqual([
      "draft: edit→draft submit→awaiting_approval cancel→cancelled",
      "awaiting_approval: edit→draft return→draft lapse→draft approve→approved cancel→cancelled expire→expired",
      "approved: edit→draft schedule→scheduled start→drawing_up ask_again→awaiting_approval cancel→cancelled expire→expired",
      "scheduled: edit→draft start→drawing_up ask_again→awaiting_approval cancel→cancelled expire→expired",
      "drawing_up: drawn→sending pause→paused cancel→cancelled expire→expired",
      "sending: pause→paused finish→sent cancel→cancelled expire→expired",
      "paused: resume→sending resume_drawing→drawing_up cancel→cancelled expire→expired",
      "sent: end",
      "cancelled: end",
      "expired: end",
    ]);
  });

  test("whatever is tried, nothing goes out that was not approved after its last edit", () => {
    const outside: readonly BroadcastState[] = ["drawing_up", "sending", "paused", "sent"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...steps), { maxLength: 40 }), (tried) => {
        let state: BroadcastState = "draft";
        let approved = false;
        for (const taken of tried) {
          const next = stepBroadcast(state, taken);
          if (!next.ok) {
            expect(next.words).toContain(STATE_WORDS[state]);
            continue;
          }
          if (taken === "approve") approved = true;
          if (["edit", "return", "ask_again", "submit"].includes(taken)) approved = false;
          state = next.state;
          if (outside.includes(state)) expect(approved).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("every refusal is a sentence that says what to do where something can be done", () => {
    expect(stepBroadcast("sending", "edit")).toEqual({
      ok: false,
      words: "This broadcast is approved already and being sent. Cancel it and begin a new one.",
    });
    expect(stepBroadcast("draft", "approve")).toMatchObject({
      words: expect.stringContaining("submitted again"),
    });
    expect(stepBroadcast("sent", "cancel")).toEqual({ ok: false, words: STATE_WORDS.sent });
  });
});

test.each([
  [1000, 1020, false],
  [1000, 1021, true],
  [1000, 979, true],
  [10, 15, false],
  [10, 16, true],
  [5, 0, false],
  [6_000_000, 6_120_000, false],
  [6_000_000, 6_120_001, true],
])("approved for %i, counted %i: asked again %s", (approved, counted, again) => {
  expect(needsNewApproval(approved, counted)).toBe(again);
});

describe("texts", () => {
  const deployment = {
    defaultLanguage: "en",
    languages: [
      { code: "en", fallbacks: [] },
      { code: "zu", fallbacks: [] },
      { code: "ss", fallbacks: ["zu"] },
    ],
  };
  test.each([
    ["zu", { en: "E", zu: "Z" }, "zu"],
    ["ss", { en: "E", zu: "Z" }, "zu"],
    ["ss", { en: "E" }, "en"],
    ["zu", { en: "E", zu: "" }, "en"],
    ["fr", { en: "E" }, "en"],
  ])("a speaker of %s gets the text in its language or the nearest", (language, texts, gets) => {
    expect(textLanguage(texts as unknown as Record<string, string>, language, deployment)).toBe(gets);
  });
});

describe("checks", () => {
  const now = "2026-11-23T08:00:00.000Z";
  const good: BroadcastDraft = {
    title: "Water",
    texts: { en: "Water is off on 24 November from 09:00 to 12:00." },
    audience: { everyone: true },
    channels: ["sms"],
  };
  const found = (change: Partial<BroadcastDraft>) =>
    checkBroadcast({ ...good, ...change }, { defaultLanguage: "en" }, now).map(
      ({ level, part, language }) => `${level} ${part}${language ? ` ${language}` : ""}`,
    );

  test("a good draft has no finding", () => {
    expect(found({})).toEqual([]);
    expect(found({ sendAt: "2026-11-24T08:00:00Z", expiresAt: "2026-11-24T12:00:00Z" })).toEqual([]);
  });

  test.each<[string, Partial<BroadcastDraft>, readonly string[]]>([
    ["no title", { title: " " }, ["block title"]],
    ["no text in the default language", { texts: { zu: "Amanzi" } }, ["block text en"]],
    ["too long", { texts: { en: "x".repeat(1601) } }, ["block text en"]],
    ["what is no placeholder", { texts: { en: "Hi {Surname}" } }, ["block text en"]],
    ["a placeholder that is not closed", { texts: { en: "Hi {name" } }, ["block text en"]],
    ["a blank", { texts: { en: "From [date] on" } }, ["block text en"]],
    ["an identity number", { texts: { en: "ID 8001015009087" } }, ["block text en"]],
    ["a vague time", { texts: { en: "Water is back soon." } }, ["advise text en"]],
    ["a name without words in its place", { texts: { en: "Hi {name}" } }, ["advise text en"]],
    [
      "numbers that differ",
      { texts: { en: "On 24 November at 9", zu: "Ngo 25 Novemba ngo 9" } },
      ["advise text zu"],
    ],
    ["nobody", { audience: {} }, ["block audience"]],
    ["nobody chosen", { audience: { wards: [], groups: [] } }, ["block audience"]],
    ["no channel", { channels: [] }, ["block channels"]],
    ["a time that is over", { sendAt: "2026-11-23T07:00:00Z" }, ["block sendAt"]],
    ["a time just over is now", { sendAt: "2026-11-23T07:55:00Z" }, []],
    ["years ahead", { sendAt: "2028-11-23T07:00:00Z" }, ["block sendAt"]],
    [
      "expired before it is sent",
      { sendAt: "2026-11-24T08:00:00Z", expiresAt: "2026-11-24T08:00:00Z" },
      ["block expiresAt"],
    ],
  ])("%s", (_case, change, findings) => {
    expect(found(change)).toEqual(findings);
  });
});
