import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Contact, KeptSession, NamedConsultation, NamedMeeting, Situation, StaffMember } from "#storage";
import { DEFAULT_SENDING, type Deployment } from "#templates";
import { type Decision, decide, nearlyJoined } from "./decide.ts";

const deployment: Deployment = {
  municipality: "Umhlanzi",
  country: "ZA",
  timezone: "Africa/Johannesburg",
  defaultLanguage: "en",
  languages: [
    { code: "en", name: "English", keywords: ["ENGLISH"], fallbacks: [] },
    { code: "zu", name: "isiZulu", keywords: ["ISIZULU", "ZULU"], fallbacks: [] },
    { code: "af", name: "Afrikaans", keywords: ["AFRIKAANS"], fallbacks: [] },
  ],
  wards: 12,
  slack: { inbox: "#inbox", approvals: "#approvals", media: "#media", operations: "#ops" },
  keywords: {
    stop: ["STOP", "STOPALL", "UNSUBSCRIBE", "OPT OUT", "END", "QUIT", "CANCEL", "YIMA", "HOU OP"],
    start: ["START", "UNSTOP", "YES", "QALA"],
    help: ["HELP", "INFO", "USIZO", "HULP"],
  },
  keywordLanguage: { USIZO: "zu", HULP: "af", QALA: "zu", "HOU OP": "af" },
  costs: { currency: "ZAR", sms: 0.3, whatsapp: 0.2 },
  quietHours: { from: "20:00", to: "08:00" },
  approval: {
    days: 30,
    remindHours: 4,
    risk: {
      people: [],
      cost: [],
      classes: {},
      sensitive: 0,
      night: 0,
      firstUse: 0,
      links: 0,
      approvals: [{ from: 0, by: ["approver"] }],
    },
  },
  sending: DEFAULT_SENDING,
  whatsapp: { templates: {} },
  contactLine: "012 345 6789",
};

const somebody: Contact = {
  id: "c",
  name: null,
  language: null,
  fields: {},
  optedOut: false,
  handedOver: false,
};
const idp: NamedConsultation = {
  id: "idp",
  title: "IDP",
  flow: "idp",
  flowVersion: 1,
  keywords: ["IDP", "PLAN"],
  open: true,
};
const old: NamedConsultation = {
  ...idp,
  id: "old",
  title: "Last year",
  keywords: ["BUDGET"],
  open: false,
};
const hall: NamedMeeting = {
  id: "hall",
  title: "River talk",
  keyword: "RIVER",
  status: "planned",
  part: "asked",
  waits: true,
  coded: false,
};
const waiting = { id: "s", consultationId: "other" } as KeptSession;
const naledi = { id: "n", roles: ["crisis_lead"], active: true } as unknown as StaffMember;

const empty: Situation = {
  staffSilent: false,
  addressKnown: true,
  sessions: [],
  consultations: [],
  meetings: [],
  openPages: 0,
  earlier: [],
};
const known: Situation = { ...empty, contact: somebody };
const inSession: Situation = { ...known, sessions: [waiting] };
const stopped: Situation = { ...known, contact: { ...somebody, optedOut: true } };
const withStaff: Situation = { ...known, contact: { ...somebody, handedOver: true } };
const open = (situation: Situation, ...consultations: NamedConsultation[]): Situation => ({
  ...situation,
  consultations,
});

const hear = (situation: Situation, text: string, from = "sms:+27821234567"): Decision =>
  decide(situation, { address: from, text }, deployment);

describe("what a message means", () => {
  const cases: readonly (readonly [what: string, Situation, text: string, Decision["kind"]])[] = [
    // STOP wins over everything
    ["STOP from nobody we know", empty, "STOP", "stop"],
    ["STOP in a conversation", inSession, "stop", "stop"],
    ["STOP with a full stop and spaces", inSession, "  Stop. ", "stop"],
    ["STOP ALL written apart", inSession, "stop all!", "stop"],
    ["opt-out with a hyphen", inSession, "Opt-out", "stop"],
    ["STOP with an accent", inSession, "stóp", "stop"],
    ["STOP in wide letters", inSession, "ＳＴＯＰ", "stop"],
    ["CANCEL although a question waits", inSession, "Cancel", "stop"],
    ["STOP in another language", inSession, "yima", "stop"],
    ["STOP of two words", inSession, "Hou op", "stop"],
    ["STOP while staff hold the person", withStaff, "STOP", "stop"],
    ["STOP said again", stopped, "STOP", "stop"],
    ["STOP from staff", { ...known, staff: naledi, openPages: 1 }, "STOP", "stop"],
    ["STOP from a liaison", { ...known, liaisonId: "l" }, "STOP", "stop"],
    [
      "STOP although a consultation has that keyword",
      open(known, { ...idp, keywords: ["STOP"] }),
      "STOP",
      "stop",
    ],
    ["STOP in a sentence is a sentence", inSession, "please stop the sewage", "answer"],
    ["STOP PLEASE is not the whole word", known, "STOP PLEASE", "fallback"],
    // START
    ["START after STOP", stopped, "start", "start"],
    ["START in a conversation", inSession, "START", "start"],
    ["START in another language", stopped, "Qala", "start"],
    ["YES after STOP", stopped, "Yes", "start"],
    ["YES to a question", inSession, "YES", "answer"],
    ["YES out of the blue", known, "yes", "fallback"],
    // HELP
    ["HELP in a conversation", inSession, "help", "help"],
    ["HELP after STOP", stopped, "HELP?", "help"],
    ["HELP in isiZulu", known, "usizo", "help"],
    ["HELP while staff hold the person", withStaff, "INFO", "help"],
    // after STOP nothing else is answered
    ["a keyword after STOP", open(stopped, idp), "IDP", "inbox"],
    ["anything after STOP", stopped, "hello?", "inbox"],
    ["a language after STOP", stopped, "isizulu", "inbox"],
    ["a liaison after STOP", { ...stopped, liaisonId: "l" }, "question", "inbox"],
    // staff and liaisons
    ["a page's code", { ...known, staff: naledi, openPages: 1 }, "4711", "staff"],
    [
      "a page's code from staff that said STOP as a citizen",
      { ...stopped, staff: naledi, openPages: 1 },
      "4711",
      "staff",
    ],
    ["a liaison's enquiry", { ...known, liaisonId: "l" }, "Is it safe?", "liaison"],
    [
      "a liaison's enquiry that begins with a keyword",
      open({ ...known, liaisonId: "l" }, idp),
      "IDP",
      "liaison",
    ],
    // handed over
    ["handed over", withStaff, "thank you", "inbox"],
    ["a keyword when handed over", open(withStaff, idp), "IDP", "inbox"],
    [
      "a keyword when staff were silent for a day",
      open({ ...withStaff, staffSilent: true }, idp),
      "IDP",
      "join",
    ],
    ["other words when staff were silent", open({ ...withStaff, staffSilent: true }, idp), "hello", "inbox"],
    ["an answer when handed over", { ...withStaff, sessions: [waiting] }, "3", "inbox"],
    // keywords
    ["a keyword", open(empty, idp), "idp", "join"],
    ["a keyword with more words", open(known, idp), "Plan, please", "join"],
    ["a keyword in a conversation", open(inSession, idp), "PLAN", "join"],
    ["a keyword and a language in a conversation", open(inSession, idp), "plan isizulu", "join"],
    ["an answer that begins with a keyword", open(inSession, idp), "Plan the roads first", "answer"],
    ["a keyword of what is over", open(known, old), "budget", "closed"],
    ["an answer that is a keyword of what is over", open(inSession, old), "budget", "answer"],
    ["of two the open one", open(known, idp, { ...old, keywords: ["IDP"] }), "IDP", "join"],
    // meetings
    [
      "a meeting's keyword",
      { ...empty, meetings: [{ ...hall, part: null, waits: false }] },
      "river",
      "meeting",
    ],
    ["YES to a meeting", { ...known, meetings: [hall] }, "YES 3", "meeting"],
    ["YES to nobody is a start word alone", { ...known, meetings: [] }, "YES", "fallback"],
    ["STOP to a meeting", { ...known, meetings: [hall] }, "STOP", "stop"],
    ["NO after the meeting asked last", { ...inSession, meetings: [hall] }, "no", "meeting"],
    [
      "NO after a conversation asked last",
      { ...inSession, meetings: [{ ...hall, waits: false }] },
      "no",
      "answer",
    ],
    [
      "the keyword in a conversation",
      { ...inSession, meetings: [{ ...hall, waits: false }] },
      "RIVER no",
      "meeting",
    ],
    [
      "an answer that begins with the keyword",
      { ...inSession, meetings: [{ ...hall, waits: false }] },
      "River water is brown",
      "answer",
    ],
    ["a vote in a conversation", { ...inSession, meetings: [{ ...hall, waits: false }] }, "UP 3", "meeting"],
    [
      "the code of a stranger",
      { ...empty, meetings: [{ ...hall, part: null, coded: true }] },
      "here 4821",
      "meeting",
    ],
    [
      "a keyword that a consultation had before",
      { ...open(known, { ...old, keywords: ["RIVER"] }), meetings: [hall] },
      "river",
      "meeting",
    ],
    [
      "a consultation before a meeting",
      { ...open(known, { ...idp, keywords: ["RIVER"] }), meetings: [hall] },
      "river",
      "join",
    ],
    [
      "what is over, of two",
      { ...open(known, { ...old, keywords: ["RIVER"] }), meetings: [{ ...hall, status: "held" }] },
      "river",
      "closed",
    ],
    ["a meeting when opted out", { ...stopped, meetings: [hall] }, "YES 3", "inbox"],
    ["a meeting when handed over", { ...withStaff, meetings: [hall] }, "YES 3", "inbox"],
    [
      "words that only begin like an answer",
      { ...known, meetings: [hall] },
      "no water since Monday",
      "fallback",
    ],
    // the rest
    ["an answer", inSession, "3", "answer"],
    ["a language in a conversation is the conversation's", inSession, "isiZulu", "answer"],
    ["a language", known, "Zulu", "language"],
    ["nothing that is known", known, "hello", "fallback"],
    ["an empty message", known, "", "fallback"],
    ["the first word of a stranger", empty, "hello", "fallback"],
  ];
  test.each(cases)("%s", (_what, situation, text, kind) => {
    expect(hear(situation, text).kind).toBe(kind);
  });

  test("the language of a keyword is told", () => {
    expect(hear(known, "Usizo")).toEqual({ kind: "help", language: "zu" });
    expect(hear(stopped, "qala")).toEqual({ kind: "start", language: "zu" });
    expect(hear(known, "hou op")).toEqual({ kind: "stop", language: "af" });
    expect(hear(open(known, idp), "IDP Zulu")).toEqual({ kind: "join", consultation: idp, language: "zu" });
    expect(hear(open(known, idp), "IDP tomorrow")).toEqual({ kind: "join", consultation: idp });
  });

  test("short codes and senders with names are not answered, whatever they say", () => {
    for (const from of ["sms:10177", "sms:VODACOM", "sms:", "whatsapp:abc"])
      for (const text of ["STOP", "IDP", "hello"])
        expect(hear(open(known, idp), text, from)).toEqual({ kind: "no_reply" });
  });

  test("a meaning that was refused gives way to the next", () => {
    const situation = open({ ...known, staff: naledi, openPages: 0, liaisonId: "l" }, idp);
    const message = { address: "sms:+27821234567", text: "IDP" };
    expect(decide(situation, message, deployment, new Set(["staff"])).kind).toBe("liaison");
    expect(decide(situation, message, deployment, new Set(["staff", "liaison"])).kind).toBe("join");
  });

  test("no situation keeps STOP from being heard", () => {
    const flag = fc.boolean();
    const situations = fc.record({
      staff: flag,
      liaison: flag,
      optedOut: flag,
      handedOver: flag,
      session: flag,
      join: flag,
    });
    const decorated = fc.tuple(
      fc.constantFrom("STOP", "stop", "Opt Out", "QUIT", "yima", "hou op"),
      fc.constantFrom("", " ", "!", "...", "\n", " 🙏"),
    );
    fc.assert(
      fc.property(situations, decorated, (is, [word, tail]) => {
        const situation: Situation = {
          ...empty,
          contact: { ...somebody, optedOut: is.optedOut, handedOver: is.handedOver },
          sessions: is.session ? [waiting] : [],
          consultations: is.join ? [{ ...idp, keywords: ["STOP", "QUIT"] }] : [],
          ...(is.staff ? { staff: naledi, openPages: 1 } : {}),
          ...(is.liaison ? { liaisonId: "l" } : {}),
        };
        expect(hear(situation, word + tail).kind).toBe("stop");
      }),
    );
  });
});

describe("a slip of a keyword", () => {
  const water = { ...idp, id: "water", keywords: ["WATER"] };
  const later = { ...idp, id: "later", keywords: ["LATER"] };
  test.each([
    ["WATRE", "water"],
    ["watr", "water"],
    ["waterr", "water"],
    ["wqter", "water"],
    ["Water!", "water"],
    ["layer", undefined],
    ["wa", undefined],
    ["weather", undefined],
    ["water please", undefined],
  ])("%s", (said, meant) => {
    expect(nearlyJoined(said, [water])?.id).toBe(meant);
  });

  test("between two it is not guessed", () => {
    expect(nearlyJoined("kater", [water, later])).toBeUndefined();
    expect(nearlyJoined("wate", [water, later])?.id).toBe("water");
  });

  test("short keywords have no slips", () => {
    expect(nearlyJoined("idq", [idp])).toBeUndefined();
  });
});
