import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type AnswerSpec, type Flow, type Session, start, turn } from "#flows";
import gsm from "../sandbox/contracts/gsm0338.json" with { type: "json" };
import { type LoadedContent, loadContent } from "./content.ts";
import { ContentError } from "./fault.ts";
import { MESSAGES, type MessageKey } from "./message-keys.ts";

const own = fileURLToPath(new URL(".", import.meta.url));
const basic = new Set([...Object.values(gsm.basic), ...Object.values(gsm.extension)]);
const LANGUAGES = ["en", "zu", "xh", "af", "st"];
/** Offered without a flow of their own yet. */
const MORE_LANGUAGES = ["tn", "nso", "ts", "ss", "ve", "nr"];
/** What their spelling needs that costs an SMS more. */
const OWN_LETTERS: Readonly<Record<string, string>> = { nso: "šŠ", ve: "ḓḽṅṋṱḒḼṄṊṰ" };
let content: LoadedContent;
beforeAll(async () => {
  content = await loadContent(own);
});

describe("the templates that come with the program", () => {
  it("are there", () => {
    expect([...content.flows.keys()]).toEqual([
      "idp-comment",
      "service-satisfaction",
      "three-questions",
      "town-hall-rsvp",
      "ward-budget",
      "what-matters",
    ]);
    expect(content.deployment.languages.map(({ code }) => code)).toEqual([
      ...LANGUAGES,
      ...MORE_LANGUAGES,
      // Signed, and not written.
      "sfs",
    ]);
  });

  it("have no warning", () => expect(content.warnings).toEqual([]));

  it("stop at every word that the carriers and WASPA name", () => {
    for (const word of [
      "STOP",
      "END",
      "CANCEL",
      "UNSUBSCRIBE",
      "QUIT",
      "OPT OUT",
      "STOPALL",
      "OPTOUT",
      "REVOKE",
      "YIMA",
    ])
      expect(content.deployment.keywords.stop).toContain(word);
    expect(content.deployment.keywordLanguage).toMatchObject({
      USIZO: "zu",
      UNCEDO: "xh",
      HULP: "af",
      STOP: "en",
    });
    expect(content.deployment.keywordLanguage.YIMA).toBeUndefined();
  });

  it("page as the on-call officers were shown", () => {
    expect(
      content.say("page", "en", { crisis: "C-12", title: "Burst water main", severity: 1, code: 4821 }),
    ).toBe(
      "CRISIS C-12 Burst water main, severity 1. You are on call. Reply 4821 to acknowledge, NO 4821 if you can't.",
    );
  });

  const values = {
    title: "Water quality emergency",
    version: 2,
    text: "",
    crisis: "C-12",
    severity: 1,
    code: "4821",
    by: "Naledi Mbeki",
    reference: "E-104",
    language: "Afrikaans",
    when: "Sat 28 Nov 18:00",
    place: "Civic Centre",
    keyword: "WATER",
    people: 3,
    position: 12,
    free: 2,
    most: 10,
    number: 14,
    votes: 120,
    reason: "the hall has no power",
    answer: "in June, ward by ward",
    questions: "1. When is the water back? (12)",
  };
  it.each(
    LANGUAGES.flatMap((language) =>
      Object.keys(MESSAGES).map((key) => [language, key as MessageKey] as const),
    ),
  )("in %s, %s fits one SMS", (language, key) => {
    const text = content.say(key, language, values);
    expect(text).not.toMatch(/[{}]|undefined/);
    expect(text.length).toBeGreaterThan(10);
    expect([...text].filter((letter) => !basic.has(letter))).toEqual([]);
    // The statement's own text decides how long that one is.
    if (key !== "statement_for_media") expect(text.length).toBeLessThanOrEqual(160);
  });

  it.each(
    MORE_LANGUAGES.flatMap((language) =>
      Object.keys(MESSAGES).map((key) => [language, key as MessageKey] as const),
    ),
  )("in %s, %s is short and has no letter that could be spared", (language, key) => {
    const text = content.say(key, language, values);
    expect(text).not.toMatch(/[{}]|undefined/);
    expect(text.length).toBeGreaterThan(10);
    const allowed = OWN_LETTERS[language] ?? "";
    expect([...text].filter((letter) => !basic.has(letter) && !allowed.includes(letter))).toEqual([]);
    if (key !== "statement_for_media") expect(text.length).toBeLessThanOrEqual(160);
    // These carry what somebody else wrote, at any length: no letter of ours may double its price.
    if (["statement_for_media", "meeting_answer", "meeting_questions"].includes(key))
      expect([...text].filter((letter) => !basic.has(letter))).toEqual([]);
  });

  it.each([...LANGUAGES.filter((language) => language !== "st"), ...MORE_LANGUAGES])(
    "have every sentence in %s",
    async (language) => {
      const sentences: unknown = parse(await readFile(join(own, `messages/${language}.yaml`), "utf8"));
      expect(Object.keys(sentences as object).toSorted()).toEqual(Object.keys(MESSAGES).toSorted());
    },
  );

  it("give no sister language's word of help to one language alone", () => {
    const { keywordLanguage } = content.deployment;
    expect(keywordLanguage).toMatchObject({ MPFUNO: "ts", LUSITO: "ss", ISIZO: "nr" });
    for (const word of ["THUSO", "THOMA", "EMA"]) expect(keywordLanguage[word]).toBeUndefined();
  });

  it("fall back to the default language", () => {
    expect(content.say("liaison_acknowledged", "st", values)).toMatch(/^Thank you/);
    expect(content.say("help", "xx")).toBe(content.say("help", "en"));
  });
});

describe("every flow", () => {
  const ids = [
    "idp-comment",
    "service-satisfaction",
    "three-questions",
    "town-hall-rsvp",
    "ward-budget",
    "what-matters",
  ];
  const answer = (spec: AnswerSpec, low: boolean): string => {
    switch (spec.type) {
      case "yes_no":
        return low ? "2" : "1";
      case "number":
        return String(low ? (spec.min ?? 1) : (spec.max ?? 9));
      case "scale":
        return String(low ? spec.from : spec.to);
      case "choice":
        return low ? "1" : String(spec.choices.length);
      case "choices":
        return low ? "1" : "1, 2, 3";
      default:
        return "Thandi";
    }
  };

  it.each(
    ids.flatMap((id) =>
      LANGUAGES.flatMap((language) => [true, false].map((low) => [id, language, low] as const)),
    ),
  )("%s in %s comes to its end (low answers: %s)", (id, language, low) => {
    const definition = content.flows.get(id);
    if (!definition) throw new Error("not loaded");
    const flow: Flow = { ...definition, version: 1 };
    const library = { get: (name: string) => (name === id ? flow : undefined) };
    const context = { now: "2026-11-23T08:00:00.000Z", language, contact: { fields: {} } };
    let { session, effects } = start(library, id, 1, "s", context);
    const sent: string[] = [];
    for (let turns = 0; session.state === "waiting" && turns < 20; turns++) {
      const [name = "", inside] = session.at.split("/");
      const step = flow.steps[name];
      const reply =
        step?.kind === "ask"
          ? answer(step.answer, low)
          : step?.kind === "opinions"
            ? inside === "offer"
              ? "A sentence of my own"
              : String(low ? 1 : 3)
            : undefined;
      if (reply === undefined) throw new Error(`waits at ${session.at}`);
      sent.push(...effects.flatMap((effect) => (effect.kind === "send" ? [effect.text] : [])));
      const kept = JSON.parse(JSON.stringify(session)) as Session;
      ({ session, effects } = turn(library, kept, { kind: "said", text: reply }, context));
    }
    sent.push(...effects.flatMap((effect) => (effect.kind === "send" ? [effect.text] : [])));
    expect(session).toMatchObject({ state: "ended", outcome: "completed" });
    expect(session.language).toBe(flow.languages.includes(language) ? language : "en");
    for (const text of sent) {
      expect([...text].filter((letter) => !basic.has(letter))).toEqual([]);
      expect(text.length).toBeLessThanOrEqual(160);
    }
  });

  it("three-questions says what it has always said", () => {
    const definition = content.flows.get("three-questions");
    if (!definition) throw new Error("not loaded");
    expect(definition.keywords).toEqual(["JOIN"]);
    const flow: Flow = { ...definition, version: 1 };
    const library = { get: () => flow };
    const context = { now: "2026-11-23T08:00:00.000Z", language: "en", contact: { fields: {} } };
    let { session, effects } = start(library, "three-questions", 1, "s", context);
    const said: string[] = effects.flatMap((effect) => (effect.kind === "send" ? [effect.text] : []));
    for (const text of ["Nomsa", "9", "4", "All good"]) {
      ({ session, effects } = turn(library, session, { kind: "said", text }, context));
      said.push(...effects.flatMap((effect) => (effect.kind === "send" ? [effect.text] : [])));
    }
    expect(said).toEqual([
      "Welcome! What is your name?",
      "Thank you Nomsa. How do you rate the service, from 1 to 5?",
      "Sorry, please answer with a number from 1 to 5.",
      "Any comment for the municipality? Comment freely.",
      "Thank you for taking part!",
    ]);
  });
});

describe("faults", () => {
  const DEPLOYMENT = `municipality: Test
country: ZA
defaultLanguage: en
languages:
  - { code: en, name: English, keywords: [ENGLISH] }
wards: 3
slack: { inbox: "#inbox", approvals: "#approvals", media: "#media", operations: "#operations" }
keywords:
  stop: { en: [STOP] }
  start: { en: [START] }
  help: { en: [HELP] }
costs: { currency: ZAR, sms: 0.3, whatsapp: 0.4 }
contactLine: Call us
`;
  const MESSAGES_EN = Object.keys(MESSAGES)
    .map((key) => `${key}: "${key}"`)
    .join("\n");

  async function faultsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const folder = await mkdtemp(join(tmpdir(), "templates-"));
    const all = { "deployment.yaml": DEPLOYMENT, "messages/en.yaml": MESSAGES_EN, ...files };
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    try {
      await loadContent(folder);
      return [];
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      expect(error.message.split("\n")).toHaveLength(error.faults.length + 1);
      return error.faults.map(({ file, line, what, remedy }) => `${file}:${line}: ${what} — ${remedy}`);
    }
  }

  const FLOW = `title: Test
keywords: [test]
languages: [en]
steps:
  q:
    ask: What?
  end:
    end: Bye
`;

  it("none in a small folder", async () => {
    expect(await faultsOf({ "flows/test.yaml": FLOW })).toEqual([]);
  });

  it("no deployment", async () => {
    expect(await faultsOf({ "deployment.yaml": "a: [" })).toEqual([
      expect.stringMatching(/^deployment\.yaml:1: not valid YAML: .* — check indentation and quotes$/),
    ]);
  });

  it("in the deployment", async () => {
    const text = DEPLOYMENT.replace("wards: 3", "wards: three")
      .replace("country: ZA", "country: NA\ncountri: x")
      .replace('"#inbox"', "inbox");
    expect(await faultsOf({ "deployment.yaml": text })).toEqual([
      'deployment.yaml:2: "country" is "NA" — write one of: ZA',
      'deployment.yaml:7: "wards" is string "three" — write a number',
      'deployment.yaml:8: "slack.inbox": not the name of a Slack channel — correct it',
      'deployment.yaml:3: unknown key "countri" — did you mean "country"?',
    ]);
  });

  it("in what the deployment means", async () => {
    const text = DEPLOYMENT.replace("[STOP]", "[HALT, HELP]").replace("help: { en", "help: { zu");
    expect(await faultsOf({ "deployment.yaml": text })).toEqual([
      "deployment.yaml:9: STOP is missing — add STOP: the law requires it",
      'deployment.yaml:11: "zu" is not among the languages — use one of: en',
      "deployment.yaml:11: HELP means both stop and help — a keyword has one meaning",
    ]);
  });

  it("in how broadcasts are approved", async () => {
    const approvals = (levels: string): string =>
      `${DEPLOYMENT}approval:\n  risk:\n    approvals: [${levels}]\n`;
    expect(await faultsOf({ "deployment.yaml": approvals("{ from: 0, by: [approver] }") })).toEqual([]);
    expect(await faultsOf({ "deployment.yaml": approvals("{ from: 2, by: [approver] }") })).toEqual([
      "deployment.yaml:16: there is no level from 0 on — add one: - { from: 0, by: [approver] }",
    ]);
    const falling = "{ from: 0, by: [approver, approver] }, { from: 4, by: [crisis_lead] }";
    expect(await faultsOf({ "deployment.yaml": approvals(falling) })).toEqual([
      "deployment.yaml:16: from 4 points on fewer people approve than from 0 on — name at least as many",
    ]);
    expect(await faultsOf({ "deployment.yaml": approvals("{ from: 0, by: [admin] }") })).toHaveLength(1);
  });

  it("in a template of WhatsApp's", async () => {
    const text = `${DEPLOYMENT}
whatsapp:
  templates:
    en: { name: Notice!, body: "{{1}} Reply STOP." }
    zu: { name: notice, body: "Isaziso: {{1}} {{1}} STOP" }`;
    const faults = await faultsOf({ "deployment.yaml": text });
    expect(faults.map((fault) => fault.replace(/^deployment\.yaml:\d+: /, ""))).toEqual([
      '"whatsapp.templates.en.name": no name of a template and no ContentSid — correct it',
      '"whatsapp.templates.en.body": needs exactly one {{1}}, with words before and after it — correct it',
      '"whatsapp.templates.zu.body": needs exactly one {{1}}, with words before and after it — correct it',
    ]);
    const other = text
      .replace("Notice!", "notice")
      .replace('"{{1}}', '"Notice: {{1}}')
      .replace("{{1}} {{1}}", "{{1}}");
    expect(await faultsOf({ "deployment.yaml": other })).toEqual([
      expect.stringContaining('"zu" is not among the languages'),
    ]);
  });

  it("in messages", async () => {
    const text = MESSAGES_EN.replace('help: "help"', 'hepl: "help"')
      .replace('"fallback"', '"{nobody"')
      .replace('"page_declined"', '"{code} {crisis}"');
    expect(await faultsOf({ "messages/en.yaml": text, "messages/zu.yaml": "help: x" })).toEqual([
      "messages/en.yaml:1: the default language lacks: help, fallback — add them: every other language falls back to this one",
      'messages/en.yaml:3: unknown message "hepl" — did you mean "help"?',
      "messages/en.yaml:4: not a valid message: EXPECT_ARGUMENT_CLOSING_BRACE — check the braces; write '{' for a brace itself",
      "messages/en.yaml:20: {code} has no value in this message — use: {crisis}, {municipality}, {contact}",
      'messages/zu.yaml:1: "zu" is not a language of this deployment — name the file after one of: en; or add the language to deployment.yaml',
    ]);
  });

  it("in the shape of a flow", async () => {
    const text = `id: other
title: Test
keywords: [test, HELP]
languages: [en, zz]
steps:
  a:
    ask: What?
    type: nubmer
  b:
    ask: What?
    tpye: number
  c:
    sya: Hello
  d:
    say: Hello
    end: true
  E:
    end: true
  f:
    ask: Which?
    type: choice
    choices:
      x: { labl: X }
      y: Y
  g:
    act: { notify: "#inbox" }
  h:
    wait: [2d]
`;
    expect(await faultsOf({ "flows/test.yaml": text })).toEqual([
      'flows/test.yaml:17: "E": not a name — small letters, digits and single underscores, beginning with a letter',
    ]);
    const named = text.replace("  E:", "  e:");
    expect(await faultsOf({ "flows/test.yaml": named })).toEqual([
      'flows/test.yaml:1: the id is "other" in a file called test — make them the same, or remove id',
      "flows/test.yaml:4: zz is no language of this deployment — add it to deployment.yaml",
      'flows/test.yaml:8: unknown type "nubmer" — did you mean "number"?',
      'flows/test.yaml:11: unknown key "tpye" — did you mean "type"?',
      'flows/test.yaml:12: step "c" does nothing — did you mean "say"?',
      'flows/test.yaml:14: step "d" does several things: say, end — make a step of each',
      'flows/test.yaml:23: choice "x" has no label — write id: label, or id: { label: …, synonyms: … }',
      "flows/test.yaml:26: notify without a text — add text: what the channel is told",
      'flows/test.yaml:28: "wait" is a list — write text',
    ]);
  });

  it("in the meaning of a flow, at the line of the text or condition", async () => {
    const text = `title: Test
keywords: [test]
languages: [en]
steps:
  q:
    ask: What, {nmae}?
    type: choice
    choices:
      water: Water
      roads: { label: Roads, synonyms: { en: [water] } }
  b:
    branch:
      - when: answers.q == 'water'
        next: end
      - when: answers.q > 2
        next: end
    otherwise: gone
  end:
    end: Bye
`;
    expect(await faultsOf({ "flows/test.yaml": text })).toEqual([
      'flows/test.yaml:6: {nmae} stands for nothing — did you mean "name"?',
      'flows/test.yaml:10: "water" means both water and roads — give each choice words of its own',
      "flows/test.yaml:15: answers.q > 2: no such overload: string > int — compare like with like: text in quotes, numbers without",
      'flows/test.yaml:17: there is no step "gone" — use one of: q, b, end',
    ]);
  });

  it("between flows", async () => {
    const call = FLOW.replace("ask: What?", "call: nowhere").replace("[test]", "[TEST, STOP]");
    expect(await faultsOf({ "flows/a.yaml": FLOW, "flows/b.yaml": call })).toEqual([
      "flows/b.yaml:2: TEST is already a keyword of flow a — choose another word",
      "flows/b.yaml:2: STOP is already a keyword of the deployment — choose another word",
      'flows/b.yaml:6: there is no flow "nowhere" — use one of: a, b',
    ]);
  });
});
