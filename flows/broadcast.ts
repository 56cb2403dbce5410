/**
 * The life of a broadcast, and what its texts must hold.
 *
 * Glossary
 * - **Broadcast**: one text per language to many people, once.
 * - **Step**: what may happen to it, by staff (submit, approve, return, pause …) or by the program (start, drawn, finish).
 * - **Drawing up**: making one message for each recipient, chunk by chunk.
 * - **Placeholder**: `{name}` or `{street|your street}`: what is known of the person, or the words after the bar.
 * - **Finding**: `block` stops the submission, `advise` is shown to author and approver.
 */
import type { Text } from "./flow.ts";
import {
  fieldsOf,
  holdsMarks,
  PLACEHOLDER_LIMITS,
  placeholdersOf,
  withoutPlaceholders,
} from "./placeholders.ts";

export const BROADCAST_LIMITS = {
  /** Characters of a title. */
  title: 100,
  /** Characters of one text: Twilio takes no more in one message. */
  text: 1_600,
  /** The count may have changed by so much since the approval; by so many people in any case. */
  drift: 0.02,
  driftPeople: 5,
  /** Segments from which on staff are advised to shorten. */
  segments: 3,
} as const;

// ── Life ────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * What kind of message it is. `emergency`: danger to people or property. `service`: about a service that its readers
 * have. `consultation`: asks them to take part. `awareness`: campaigns, which the law treats as direct marketing.
 */
export type MessageClass = "emergency" | "service" | "consultation" | "awareness";

export type BroadcastState =
  | "draft"
  | "awaiting_approval"
  | "approved"
  | "scheduled"
  | "drawing_up"
  | "sending"
  | "paused"
  | "sent"
  | "cancelled"
  | "expired";

export type BroadcastStep =
  | "edit"
  | "submit"
  | "return"
  /** Nobody decided in time. */
  | "lapse"
  | "approve"
  | "schedule"
  | "start"
  | "ask_again"
  | "drawn"
  | "pause"
  /** Everything is drawn up already. */
  | "resume"
  | "resume_drawing"
  | "finish"
  | "cancel"
  | "expire";

export const BROADCAST_STEPS: Readonly<
  Record<BroadcastState, Readonly<Partial<Record<BroadcastStep, BroadcastState>>>>
> = {
  draft: { edit: "draft", submit: "awaiting_approval", cancel: "cancelled" },
  awaiting_approval: {
    edit: "draft",
    return: "draft",
    lapse: "draft",
    approve: "approved",
    cancel: "cancelled",
    expire: "expired",
  },
  approved: {
    edit: "draft",
    schedule: "scheduled",
    start: "drawing_up",
    ask_again: "awaiting_approval",
    cancel: "cancelled",
    expire: "expired",
  },
  scheduled: {
    edit: "draft",
    start: "drawing_up",
    ask_again: "awaiting_approval",
    cancel: "cancelled",
    expire: "expired",
  },
  drawing_up: { drawn: "sending", pause: "paused", cancel: "cancelled", expire: "expired" },
  sending: { pause: "paused", finish: "sent", cancel: "cancelled", expire: "expired" },
  paused: { resume: "sending", resume_drawing: "drawing_up", cancel: "cancelled", expire: "expired" },
  sent: {},
  cancelled: {},
  expired: {},
};

export type Stepped =
  | { readonly ok: true; readonly state: BroadcastState }
  | { readonly ok: false; readonly words: string };

/** Where a step leads, or why it cannot be taken, in words for the person who tried. */
export function stepBroadcast(state: BroadcastState, taken: BroadcastStep): Stepped {
  const next = BROADCAST_STEPS[state][taken];
  return next
    ? { ok: true, state: next }
    : { ok: false, words: `${STATE_WORDS[state]} ${instead(state, taken)}`.trim() };
}

/** How it stands, as a sentence. */
export const STATE_WORDS: Readonly<Record<BroadcastState, string>> = {
  draft: "This broadcast is a draft.",
  awaiting_approval: "This broadcast awaits approval.",
  approved: "This broadcast is approved already and about to start.",
  scheduled: "This broadcast is approved already and waits for its time.",
  drawing_up: "This broadcast is approved already and being sent.",
  sending: "This broadcast is approved already and being sent.",
  paused: "This broadcast is paused.",
  sent: "This broadcast has been sent already.",
  cancelled: "This broadcast was cancelled.",
  expired: "This broadcast has expired: its time was over before it could be sent.",
};

const RUNNING: readonly BroadcastState[] = ["drawing_up", "sending", "paused"];

function instead(state: BroadcastState, taken: BroadcastStep): string {
  if (state === "draft" && (taken === "approve" || taken === "return"))
    return "Its author has taken it back or it was returned; it has to be submitted again.";
  if (RUNNING.includes(state) && taken === "edit") return "Cancel it and begin a new one.";
  if (state === "paused" && taken === "pause") return "Resume or cancel it.";
  if (taken === "resume" && state !== "paused") return "It is not paused.";
  return "";
}

/** Whether so many more or fewer people than were approved need a new approval. */
export function needsNewApproval(approved: number, counted: number): boolean {
  const tolerated = Math.max(BROADCAST_LIMITS.driftPeople, approved * BROADCAST_LIMITS.drift);
  return Math.abs(counted - approved) > tolerated;
}

// ── Texts ───────────────────────────────────────────────────────────────────────────────────────────────

export interface Fallbacks {
  readonly defaultLanguage: string;
  /** Each of the deployment's languages, with those that stand in for it. */
  readonly languages: readonly { readonly code: string; readonly fallbacks: readonly string[] }[];
}

/** The language whose text a speaker of `language` gets. */
export function textLanguage(
  texts: Text,
  language: string,
  { defaultLanguage, languages }: Fallbacks,
): string {
  const fallbacks = languages.find(({ code }) => code === language)?.fallbacks ?? [];
  return [language, ...fallbacks].find((code) => texts[code]) ?? defaultLanguage;
}

export interface BroadcastDraft {
  readonly title: string;
  readonly texts: Text;
  readonly audience: {
    readonly everyone?: true;
    readonly participants?: string;
    readonly groups?: readonly string[];
    readonly wards?: readonly number[];
    readonly languages?: readonly string[];
  };
  /** In order of preference. */
  readonly channels: readonly string[];
  /** ISO 8601; absent: as soon as it is approved. */
  readonly sendAt?: string;
  /** Not sent after this moment. */
  readonly expiresAt?: string;
  /** Absent: `service`. */
  readonly messageClass?: MessageClass;
  /** Its author says that it is delicate: more people look at it. */
  readonly sensitive?: boolean;
  /** The template that it was begun from, and what was given for its values. */
  readonly template?: { readonly id: string; readonly values: Readonly<Record<string, string>> };
}

export type BroadcastPart = "title" | "text" | "value" | "audience" | "channels" | "sendAt" | "expiresAt";

export interface BroadcastFinding {
  readonly level: "block" | "advise";
  readonly part: BroadcastPart;
  readonly language?: string;
  /** Of the template, by its name. */
  readonly value?: string;
  /** The rule that it comes from: one of the program's, or the municipality's own from guidelines.yaml. */
  readonly rule?: string;
  /** What is wrong and what to do, in words for its author. */
  readonly words: string;
}

/** How far ahead a broadcast may be planned. */
const MAX_AHEAD_MS = 366 * 24 * 3600_000;
/** A time that passed while the form was being filled in counts as now. */
const LATE_MS = 10 * 60_000;

/** Checks a draft. `now`: ISO 8601. */
export function checkBroadcast(
  draft: BroadcastDraft,
  { defaultLanguage }: Pick<Fallbacks, "defaultLanguage">,
  now: string,
): readonly BroadcastFinding[] {
  const findings: BroadcastFinding[] = [];
  const block = (part: BroadcastPart, words: string, language?: string) =>
    findings.push({ level: "block", part, words, ...(language ? { language } : {}) });
  const advise = (part: BroadcastPart, words: string, language?: string) =>
    findings.push({ level: "advise", part, words, ...(language ? { language } : {}) });

  if (fieldsOf(draft.texts).length > PLACEHOLDER_LIMITS.fields)
    block(
      "text",
      `Use at most ${PLACEHOLDER_LIMITS.fields} different placeholders: ${fieldsOf(draft.texts)
        .map((field) => `{${field}}`)
        .join(", ")} are too many.`,
      defaultLanguage,
    );
  const { title, texts, audience, channels, sendAt, expiresAt } = draft;
  if (title.trim() === "") block("title", "Give it a title, so that people can tell it from others.");
  if (title.length > BROADCAST_LIMITS.title)
    block("title", `Use at most ${BROADCAST_LIMITS.title} characters.`);
  if (!texts[defaultLanguage]?.trim())
    block("text", "Write this text: everybody without one in their language gets it.", defaultLanguage);
  for (const [language, text] of Object.entries(texts)) checkText(text, language, block, advise);
  checkDigits(texts, defaultLanguage, advise);
  const chosen = [audience.groups, audience.wards, audience.languages].some((part) => part?.length);
  if (!audience.everyone && !audience.participants && !chosen) block("audience", "Choose who receives it.");
  if (channels.length === 0) block("channels", "Choose at least one channel.");

  const start = sendAt === undefined ? Date.parse(now) : Date.parse(sendAt);
  if (start < Date.parse(now) - LATE_MS)
    block("sendAt", "This time is over. Choose a later one, or none to send as soon as it is approved.");
  if (start > Date.parse(now) + MAX_AHEAD_MS) block("sendAt", "At most a year ahead.");
  if (expiresAt !== undefined && Date.parse(expiresAt) <= start)
    block("expiresAt", "It would expire before it is sent. Choose a later time, or none.");
  return findings;
}

type Note = (part: BroadcastPart, words: string, language?: string) => void;

const VAGUE_WORDS = /\b(?:soon|shortly|in due course)\b/i;

function checkText(text: string, language: string, block: Note, advise: Note): void {
  if (text.length > BROADCAST_LIMITS.text)
    block(
      "text",
      `This has ${text.length} characters; at most ${BROADCAST_LIMITS.text} can be sent.`,
      language,
    );
  const left = /\{[^{}]*\}?|\}/.exec(withoutPlaceholders(text));
  if (left)
    block(
      "text",
      `${left[0]} would be sent as it stands. Only what looks like {name} or {name|words for people without one} is filled in.`,
      language,
    );
  if (holdsMarks(text)) block("text", "It holds control characters: type it anew.", language);
  const blank = /\[[^\][]+\]/.exec(text);
  if (blank) block("text", `Fill in ${blank[0]}.`, language);
  if (/\b\d{13}\b/.test(text)) block("text", "This looks like an identity number. Do not send it.", language);
  if (language === "en" && VAGUE_WORDS.test(text))
    advise("text", '"Soon" helps nobody: name a time.', language);
  if (placeholdersOf(text).some(({ field, fallback }) => field === "name" && fallback === undefined))
    advise(
      "text",
      "For people whose name is not known {name} is left out; {name|neighbour} gives them a word of their own.",
      language,
    );
}

/** Numbers and times must be the same in all languages: a cheap check that finds most mistakes of copying. */
function checkDigits(texts: Text, defaultLanguage: string, advise: Note): void {
  const digits = (text: string): string =>
    [...text.matchAll(/\d+/g)]
      .map(([number]) => number)
      .sort()
      .join(" ");
  const wanted = texts[defaultLanguage];
  if (!wanted) return;
  for (const [language, text] of Object.entries(texts))
    if (text.trim() && digits(text) !== digits(wanted))
      advise(
        "text",
        "The numbers are not the same as in the default language: check dates, times and amounts.",
        language,
      );
}
