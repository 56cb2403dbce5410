import { describe, expect, it } from "vitest";
import { checkFlow } from "./check.ts";
import type { Ask, FlowDefinition, Step } from "./flow.ts";

const ask = (answer: Ask["answer"], rest: Partial<Ask> = {}): Ask => ({
  kind: "ask",
  text: { en: "What?" },
  answer,
  next: "end",
  ...rest,
});
const end: Step = { kind: "end" };
const choices = [
  { id: "water", label: { en: "Water" } },
  { id: "roads", label: { en: "Roads" } },
];

const flow = (steps: Record<string, Step>, rest: Partial<FlowDefinition> = {}): FlowDefinition => ({
  id: "f",
  title: { en: "F" },
  keywords: ["F"],
  languages: ["en"],
  start: Object.keys(steps)[0] ?? "",
  steps,
  ...rest,
});
const branch = (when: string, question: Ask = ask({ type: "scale", from: 1, to: 5 })): FlowDefinition =>
  flow({
    q: { ...question, next: "b" },
    b: { kind: "branch", cases: [{ when, next: "end" }], otherwise: "end" },
    end,
  });
const say = (text: string): FlowDefinition =>
  flow({ q: ask({ type: "text" }, { next: "s" }), s: { kind: "say", text: { en: text }, next: "end" }, end });

const faults = (definition: FlowDefinition, others: readonly FlowDefinition[] = []): readonly string[] =>
  checkFlow(definition, { flows: new Map([definition, ...others].map((each) => [each.id, each])) }).map(
    ({ severity, at, what, remedy }) => `${severity} ${at.join(".")}: ${what} — ${remedy}`,
  );

describe("a signed language", () => {
  const V = "https://videos.example.org/v.mp4";
  const signed = (video: Readonly<Record<string, string>> | undefined, rest: Partial<FlowDefinition> = {}) =>
    flow(
      {
        q: ask({ type: "text" }, video ? { video } : {}),
        end: { kind: "end", text: { en: "Bye" }, video: { sfs: V } },
      },
      { languages: ["en", "sfs"], ...rest },
    );
  it("needs no text, and a video for everything that is said", () => {
    expect(faults(signed({ sfs: V }))).toEqual([]);
  });
  it.each<[string, FlowDefinition, readonly string[]]>([
    [
      "a video that is missing, like a translation",
      signed(undefined),
      [
        "error steps.q.video: no video in sfs — add video: { sfs: https://… }, or declare fallbacks: { sfs: [en] }",
      ],
    ],
    [
      "one that is missing where a language stands in",
      signed(undefined, { fallbacks: { sfs: ["en"] } }),
      ["warning steps.q.video: no video in sfs; people read it in en — add one"],
    ],
    [
      "an address that nobody else can fetch",
      signed({ sfs: "http://videos.example.org/v.mp4" }),
      [
        "error steps.q.video.sfs: no address from which it can be fetched — write one that begins with https://",
      ],
    ],
    [
      "what WhatsApp does not play",
      signed({ sfs: "https://videos.example.org/watch?v=1" }),
      ["error steps.q.video.sfs: not a video that WhatsApp plays — an .mp4 or .3gp file, at most 16 MB"],
    ],
    [
      "a language that is not offered",
      signed({ sfs: V, zu: V }),
      ["error steps.q.video.zu: the flow is not offered in zu — add zu to languages, or remove it"],
    ],
  ])("%s", (_what, definition, expected) => {
    expect(faults(definition)).toEqual(expected);
  });
  it("is not written", () => {
    const written = signed({ sfs: V }, { title: { en: "F", sfs: "F" } });
    expect(faults(written)).toEqual([
      "error title.sfs: sfs is signed and not written — give the step a video: { sfs: https://… }",
    ]);
  });
});

describe("a definition without fault", () => {
  it.each([
    ["a question", flow({ q: ask({ type: "text" }), end })],
    ["a condition over whole numbers", branch("answers.q == 2 && answers.q in [1, 2] && answers.q + 1 > 2")],
    ["has", branch("has(answers.q) && answers.q >= 3")],
    ["a choice that exists", branch("answers.q == 'water'", ask({ type: "choice", choices }))],
    ["a choice in a list", branch("answers.q in ['water', 'roads']", ask({ type: "choice", choices }))],
    [
      "one of several choices",
      branch("'water' in answers.q && size(answers.q) < 2", ask({ type: "choices", choices })),
    ],
    ["yes or no", branch("answers.q", ask({ type: "yes_no" }))],
    ["a date", branch("answers.q < session.today", ask({ type: "date" }))],
    ["the contact", branch("contact.ward == 3 && contact.name != ''")],
    ["names in a text", say("Hi {q} {name} {contact.ward} {answers.q} {session.language}")],
    [
      "a loop with a question in it",
      flow({
        q: ask({ type: "text" }, { next: "s" }),
        s: { kind: "branch", cases: [{ when: "answers.q == 'x'", next: "q" }], otherwise: "end" },
        end,
      }),
    ],
  ])("%s", (_name, definition) => expect(faults(definition)).toEqual([]));
});

describe("what is wrong is said with its remedy", () => {
  it.each<[string, FlowDefinition, string]>([
    [
      "a start that is not there",
      flow({ q: ask({ type: "text" }), end }, { start: "qq" }),
      'error start: there is no step "qq" — did you mean "q"?',
    ],
    [
      "a next that is not there",
      flow({ q: ask({ type: "text" }, { next: "ende" }), end }),
      'error steps.q.next: there is no step "ende" — did you mean "end"?',
    ],
    [
      "nowhere to go",
      flow({ q: ask({ type: "text" }, { next: "" }) }),
      'error steps.q.next: step "q" leads nowhere — add next, or an end step after it',
    ],
    [
      "out of reach",
      flow({ q: ask({ type: "text" }), x: { kind: "say", text: { en: "x" }, next: "end" }, end }),
      'error steps.x: nothing leads to step "x" — lead a next to it, or remove it',
    ],
    [
      "no end",
      flow({ q: ask({ type: "text" }, { next: "q" }) }),
      'error steps.q: no way leads from step "q" to an end — add an end step on its way',
    ],
    [
      "a loop without a wait",
      flow({
        a: { kind: "say", text: { en: "a" }, next: "b" },
        b: { kind: "branch", cases: [{ when: "contact.ward == 1", next: "a" }], otherwise: "end" },
        end,
      }),
      "error steps.a: a loop without a wait: a, b — put an ask or a wait into it",
    ],
    [
      "a missing language",
      flow({ q: ask({ type: "text" }), end }, { title: { en: "F", zu: "F" }, languages: ["en", "zu"] }),
      "error steps.q.text: no text in zu — add zu, or declare fallbacks: { zu: [en] }",
    ],
    [
      "a declared fallback",
      flow(
        { q: ask({ type: "text" }), end },
        { title: { en: "F", zu: "F" }, languages: ["en", "zu"], fallbacks: { zu: ["en"] } },
      ),
      "warning steps.q.text: no text in zu; people read it in en — add zu",
    ],
    ["a language too many", say("x"), ""],
    [
      "a name in a text",
      say("Hi {nmae}"),
      'error steps.s.text.en: {nmae} stands for nothing — did you mean "name"?',
    ],
    [
      "braces",
      say("Hi {q"),
      "error steps.s.text.en: not a valid message: EXPECT_ARGUMENT_CLOSING_BRACE — check the braces; write '{' for a brace itself",
    ],
    ["an empty text", say(" "), "error steps.s.text.en: the text is empty — write it, or remove it"],
    [
      "an answer in a condition",
      branch("answers.z > 1"),
      'error steps.b.cases.0.when: answers.z > 1: No such key: z — did you mean "q"?',
    ],
    [
      "types in a condition",
      branch("answers.q == 'two'"),
      "error steps.b.cases.0.when: answers.q == 'two': no such overload: double == string — compare like with like: text in quotes, numbers without",
    ],
    [
      "a condition that decides nothing",
      branch("answers.q + 1"),
      "error steps.b.cases.0.when: answers.q + 1 is double, not true or false — compare it with something: ==, <, in",
    ],
    [
      "a condition that is none",
      branch("answers.q >"),
      "error steps.b.cases.0.when: not a valid condition: Unexpected token: EOF — see docs/flows.md, Conditions",
    ],
    [
      "an unknown root",
      branch("answer.q > 1"),
      "error steps.b.cases.0.when: answer.q > 1: Unknown variable: answer — compare like with like: text in quotes, numbers without",
    ],
    [
      "a choice in a condition",
      branch("answers.q == 'watr'", ask({ type: "choice", choices })),
      'error steps.b.cases.0.when: "watr" is no choice of that question — did you mean "water"?',
    ],
    [
      "a pattern",
      branch("answers.q.matches('(a+)+')", ask({ type: "text" })),
      "error steps.b.cases.0.when: matches() is not available — use fits(): the whole text must fit the pattern",
    ],
    ["a pattern that the text must fit", branch("answers.q.fits('[0-9]{4}')", ask({ type: "text" })), ""],
    [
      "a pattern that is none",
      branch("answers.q.fits('(?=x)')", ask({ type: "text" })),
      'error steps.b.cases.0.when: "(?=x)" is no pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=` — see RE2\'s syntax; look-ahead, look-behind and \\1 do not exist there',
    ],
    [
      "a pattern out of an answer",
      branch("answers.q.fits(answers.q)", ask({ type: "text" })),
      'error steps.b.cases.0.when: fits() without a pattern in quotes — write fits("[0-9]{4}")',
    ],
    [
      "loops inside loops",
      branch("answers.q.all(a, answers.q.all(b, a == b))", ask({ type: "choices", choices })),
      "error steps.b.cases.0.when: all() inside another loop — use set to compute the inner one first",
    ],
    [
      "a duration",
      flow({ q: ask({ type: "text" }, { expires: "2 days" }), end }),
      'error steps.q.expires: "2 days" is no duration — write 45s, 10m, 2h, 3d or 1w, up to a year',
    ],
    [
      "tries",
      flow({ q: ask({ type: "text" }, { tries: 50 }), end }),
      "error steps.q.tries: 50 tries — a whole number from 1 to 10",
    ],
    [
      "a step that never expires",
      flow({ q: ask({ type: "text" }, { expired: "end" }), end }),
      "error steps.q.expired: it never expires — add expires to the question or to the flow",
    ],
    [
      "bounds",
      flow({ q: ask({ type: "number", min: 5, max: 1 }), end }),
      "error steps.q.answer.min: from 5 to 1: nothing fits — swap the two",
    ],
    [
      "one choice",
      flow({ q: ask({ type: "choice", choices: choices.slice(0, 1) }), end }),
      "error steps.q.answer.choices: 1 choices — from 2 to 26",
    ],
    [
      "two choices of one name",
      flow({ q: ask({ type: "choice", choices: [...choices, { id: "x", label: { en: "WATER" } }] }), end }),
      'error steps.q.answer.choices.x: "water" means both water and x — give each choice words of its own',
    ],
    [
      "a label that a button cuts off",
      flow({
        q: ask({
          type: "choice",
          choices: [...choices, { id: "x", label: { en: "A label that is much too long" } }],
        }),
        end,
      }),
      'warning steps.q.answer.choices.x.en: "A label that is much too long" is cut off in a list of buttons — at most 24 characters',
    ],
    [
      "a photo by SMS",
      flow({ q: ask({ type: "photo" }), end }),
      "warning steps.q: a photo cannot be sent by SMS — make the question optional, so that it can be skipped",
    ],
    [
      "a flow that is not there",
      flow({ c: { kind: "call", flow: "g", next: "end" }, end }),
      'error steps.c.flow: there is no flow "g" — did you mean "f"?',
    ],
    [
      "a flow that calls itself",
      flow({ c: { kind: "call", flow: "f", next: "end" }, end }),
      'error steps.c.flow: "f" leads back to "f" — break the circle of calls',
    ],
  ])("%s", (_name, definition, fault) => {
    expect(faults(definition)).toEqual(fault === "" ? [] : [fault]);
  });

  it("all at once", () => {
    const both = flow(
      { q: ask({ type: "number", min: 5, max: 1 }, { text: { en: "{x}", zu: "x" } }), end },
      { keywords: ["A", "A"] },
    );
    expect(faults(both)).toEqual([
      "error keywords: A is there twice — remove one",
      "error steps.q.answer.min: from 5 to 1: nothing fits — swap the two",
      'error steps.q.text.en: {x} stands for nothing — did you mean "q"?',
      "error steps.q.text.zu: the flow is not offered in zu — add zu to languages, or remove the text",
    ]);
  });

  it("a circle over another flow", () => {
    const other = flow({ c: { kind: "call", flow: "f", next: "end" }, end }, { id: "g" });
    const first = flow({ c: { kind: "call", flow: "g", next: "end" }, end });
    expect(faults(first, [other])).toEqual([
      'error steps.c.flow: "g" leads back to "f" — break the circle of calls',
    ]);
  });
});
