/**
 * The tables. Read this file first.
 *
 * Glossary
 * - **Contact**: a person; has one or more **addresses** (`sms:+27…`), one language, fields, groups.
 * - **Consent ledger**: append-only opt-ins and opt-outs with their proof. `contacts.opted_out_at` is its head.
 * - **Message**: one row for either direction, one status machine. Ids are UUIDv7: the table is partitioned by
 *   month over the id.
 * - **Outbox batch**: up to 500 queued messages that are claimed together. A reply is a batch of one or a few.
 *   Batches, not messages, are claimed: see docs/decisions/0003.
 * - **Lease**: a worker's claim on a message: its row is `sending` since `status_at`; once that is too long ago, it is a doubt.
 * - **Timer**: a row with a due time, unique per (kind, ref, epoch); the database's clock decides.
 * - **Session**: one contact's run through one version of a flow; `state` is the engine's plain JSON.
 * - **Participation**: that somebody took part in an anonymous consultation; what they said stands in its **pool**, then
 *   among its responses, and nothing leads from one to the other.
 * - **Electoral roll**: who may vote in a committee's poll.
 * - **Notice**, **register entry**: where a consultation was made known, and what the municipality answers; for council.
 * - **Theme name**: what staff call open answers that resemble each other.
 * - **Offered statement**: a citizen's own, which staff let others vote on or not.
 * - **Meeting**: a town hall, with its attendees, questions and votes.
 * - **Audit chain**: each entry's hash covers the one before.
 */

import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { BegunFrom, BroadcastTemplate } from "#flows";

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "string" });
const now = sql`now()`;
const empty = sql`'{}'::jsonb`;

// ── People ──────────────────────────────────────────────────────────────────────────────────────────────

export const contacts = pgTable(
  "contacts",
  {
    id: uuid().primaryKey(),
    name: text(),
    /** BCP 47, one of the deployment's languages; null until stated or detected. */
    language: text(),
    /** Typed by templates/deployment.yaml: ward, suburb, … */
    fields: jsonb().$type<Record<string, string | number | boolean>>().notNull().default(empty),
    /** Head of the consent ledger: set by STOP, cleared by START. Checked when a message is claimed. */
    optedOutAt: at("opted_out_at"),
    /** Staff took the person over from the bot, or wrote last; until handed back, or for a day, the bot stays silent. */
    handedOverAt: at("handed_over_at"),
    createdAt: at("created_at").notNull().default(now),
  },
  (t) => [index("contacts_ward").on(sql`(${t.fields}->>'ward')`)],
);

export const addresses = pgTable(
  "addresses",
  {
    /** `sms:+27821234567` */
    address: text().primaryKey(),
    contactId: uuid("contact_id")
      .notNull()
      .references(() => contacts.id, { onDelete: "cascade" }),
    channel: text().notNull(),
    /** The lowest is tried first. */
    preference: smallint().notNull().default(0),
    /** Opens WhatsApp's service window. */
    lastInboundAt: at("last_inbound_at"),
    /** The carrier said that this address can never receive. */
    badSince: at("bad_since"),
    badReason: text("bad_reason"),
  },
  (t) => [index("addresses_contact").on(t.contactId)],
);

export const consentLedger = pgTable(
  "consent_ledger",
  {
    id: uuid().primaryKey(),
    contactId: uuid("contact_id").notNull(),
    address: text().notNull(),
    kind: text().$type<"opt_in" | "opt_out">().notNull(),
    /** How it came: `keyword STOP`, `import voters-2026.csv`, `carrier 21610`. */
    source: text().notNull(),
    /** The message that proves it. */
    messageId: uuid("message_id"),
    at: at("at").notNull().default(now),
  },
  (t) => [index("consent_contact").on(t.contactId, t.at)],
);

/**
 * Numbers of people who were erased, as keyed hashes: nobody can read them back, and a list that brings such a number
 * again is recognised. Only the person can come back, by opting in.
 */
export const erasedNumbers = pgTable("erased_numbers", {
  hash: text().primaryKey(),
  at: at("at").notNull().default(now),
});

export const groups = pgTable("groups", {
  id: uuid().primaryKey(),
  name: text().notNull().unique(),
});

export const groupMembers = pgTable(
  "group_members",
  {
    groupId: uuid("group_id")
      .notNull()
      .references(() => groups.id, { onDelete: "cascade" }),
    contactId: uuid("contact_id")
      .notNull()
      .references(() => contacts.id, { onDelete: "cascade" }),
    at: at("at").notNull().default(now),
  },
  (t) => [primaryKey({ columns: [t.groupId, t.contactId] }), index("group_members_contact").on(t.contactId)],
);

export type Role =
  | "viewer"
  | "agent"
  | "author"
  | "approver"
  | "crisis_lead"
  | "media_liaison"
  | "auditor"
  | "admin";

export const staff = pgTable("staff", {
  id: uuid().primaryKey(),
  name: text().notNull(),
  /** Slack's user id; null for people who are only paged by phone. */
  slackUserId: text("slack_user_id").unique(),
  /** E.164, for pages. */
  phone: text().unique(),
  language: text().notNull().default("en"),
  roles: text().array().$type<Role[]>().notNull().default(sql`'{}'`),
  /** Named in protocols as `person:<handle>` and, with `duties`, as `duty:<name>`. */
  handle: text().notNull().unique(),
  duties: text().array().notNull().default(sql`'{}'`),
  active: boolean().notNull().default(true),
  /** Another entry of the same human being: together they decide once. */
  sameAs: uuid("same_as").references((): AnyPgColumn => staff.id),
});

/** A media liaison is a contact with an outlet. */
export const liaisons = pgTable("liaisons", {
  id: uuid().primaryKey(),
  contactId: uuid("contact_id")
    .notNull()
    .unique()
    .references(() => contacts.id),
  outlet: text().notNull(),
  beat: text(),
  active: boolean().notNull().default(true),
  registeredBy: uuid("registered_by").references(() => staff.id),
  createdAt: at("created_at").notNull().default(now),
});

// ── Conversations ───────────────────────────────────────────────────────────────────────────────────────

/** Immutable: a trigger refuses UPDATE and DELETE. */
export const flowVersions = pgTable(
  "flow_versions",
  {
    flow: text().notNull(),
    version: integer().notNull(),
    hash: text().notNull(),
    definition: jsonb().notNull(),
    publishedAt: at("published_at").notNull().default(now),
  },
  (t) => [primaryKey({ columns: [t.flow, t.version] }), unique("flow_versions_hash").on(t.flow, t.hash)],
);

/** What broadcasts were begun from: a version never changes. */
export const templateVersions = pgTable(
  "template_versions",
  {
    template: text().notNull(),
    version: integer().notNull(),
    hash: text().notNull(),
    definition: jsonb().$type<BroadcastTemplate>().notNull(),
    publishedAt: at("published_at").notNull().default(now),
  },
  (t) => [
    primaryKey({ columns: [t.template, t.version] }),
    unique("template_versions_hash").on(t.template, t.hash),
  ],
);

/**
 * `awaiting_report`: nobody can take part any more, and those who did have not been told what came of it.
 */
export type ConsultationStatus = "scheduled" | "open" | "awaiting_report" | "closed";

export const consultations = pgTable(
  "consultations",
  {
    id: uuid().primaryKey(),
    flow: text().notNull(),
    flowVersion: integer("flow_version").notNull(),
    title: text().notNull(),
    /** Join keywords, upper case; unique among open consultations (checked when one is opened). */
    keywords: text().array().notNull(),
    status: text().$type<ConsultationStatus>().notNull().default("open"),
    openedBy: uuid("opened_by").references(() => staff.id),
    openedAt: at("opened_at"),
    closesAt: at("closes_at"),
    closedBy: uuid("closed_by").references(() => staff.id),
    closedAt: at("closed_at"),
    /** Those who took part were told what came of it, or why they are not. */
    reportedAt: at("reported_at"),
    reportedBy: uuid("reported_by").references(() => staff.id),
    /** Why nobody was told. */
    reportWaived: text("report_waived"),
    /** Conversations that left no row behind, by what became of them, and places taken as `path:cell`. */
    dissolved: jsonb().$type<Record<string, number>>().notNull().default(empty),
    createdAt: at("created_at").notNull().default(now),
  },
  (t) => [index("consultations_status").on(t.status)],
);

export const sessions = pgTable(
  "sessions",
  {
    id: uuid().primaryKey(),
    contactId: uuid("contact_id")
      .notNull()
      .references(() => contacts.id, { onDelete: "cascade" }),
    /** Where the conversation takes place. */
    address: text().notNull(),
    consultationId: uuid("consultation_id").references(() => consultations.id),
    flow: text().notNull(),
    flowVersion: integer("flow_version").notNull(),
    state: jsonb().notNull(),
    status: text()
      .$type<"active" | "completed" | "screened" | "stopped" | "expired" | "failed">()
      .notNull()
      .default("active"),
    /** Goes up with each turn: compare-and-swap, and the epoch of the session's timers. */
    turn: integer().notNull().default(0),
    /** Reminders sent. */
    reminded: smallint().notNull().default(0),
    /** What was promised of its privacy, until that is kept: once it has ended. */
    promised: text().$type<"confidential" | "anonymous">(),
    /** Places taken in quotas: `path:cell`. */
    quotas: text().array().notNull().default(sql`'{}'`),
    startedAt: at("started_at").notNull().default(now),
    updatedAt: at("updated_at").notNull().default(now),
    endedAt: at("ended_at"),
  },
  (t) => [
    index("sessions_active").on(t.contactId, t.updatedAt).where(sql`status = 'active'`),
    index("sessions_consultation").on(t.consultationId, t.status),
    index("sessions_person").on(t.consultationId, t.contactId),
    index("sessions_promised").on(t.id).where(sql`promised is not null and status <> 'active'`),
  ],
);

/** Where a consultation was made known, with its proof: what council asks for first. */
export const notices = pgTable(
  "notices",
  {
    id: uuid().primaryKey(),
    consultationId: uuid("consultation_id")
      .notNull()
      .references(() => consultations.id),
    /** newspaper, radio, office, website … */
    medium: text().notNull(),
    /** Which one, and in which languages. */
    details: text().notNull(),
    /** The day on which it appeared: `2026-11-03`. */
    publishedOn: text("published_on").notNull(),
    /** A link to the page, the invoice, the photo. */
    proof: text(),
    recordedBy: uuid("recorded_by")
      .notNull()
      .references(() => staff.id),
    recordedAt: at("recorded_at").notNull().default(now),
  },
  (t) => [index("notices_consultation").on(t.consultationId)],
);

/** The response register: what people asked for, and what the municipality answers. */
export const registerEntries = pgTable(
  "register_entries",
  {
    id: uuid().primaryKey(),
    consultationId: uuid("consultation_id")
      .notNull()
      .references(() => consultations.id),
    /** In the words of those who wrote, or a summary of many. */
    asked: text().notNull(),
    decision: text().$type<"accepted" | "partly" | "rejected" | "noted">().notNull(),
    reason: text().notNull(),
    /** Who carries it out. */
    owner: text(),
    recordedBy: uuid("recorded_by")
      .notNull()
      .references(() => staff.id),
    recordedAt: at("recorded_at").notNull().default(now),
  },
  (t) => [index("register_consultation").on(t.consultationId)],
);

/** What a person calls answers that resemble each other. It belongs to their telling words: answers come and go. */
export const themeNames = pgTable(
  "theme_names",
  {
    id: uuid().primaryKey(),
    consultationId: uuid("consultation_id")
      .notNull()
      .references(() => consultations.id),
    /** Path of the step. */
    question: text().notNull(),
    language: text().notNull(),
    terms: text().array().notNull(),
    /** Themes of the same name are one. */
    name: text().notNull(),
    namedBy: uuid("named_by")
      .notNull()
      .references(() => staff.id),
    namedAt: at("named_at").notNull().default(now),
  },
  (t) => [index("theme_names_consultation").on(t.consultationId, t.question)],
);

/** `open`: from shortly before it begins until staff close it, when it is `held`. */
export type MeetingStatus = "planned" | "open" | "held" | "cancelled";

export const meetings = pgTable(
  "meetings",
  {
    id: uuid().primaryKey(),
    title: text().notNull(),
    /** What people text, upper case; no consultation that is open has it either (checked when it is planned). */
    keyword: text().notNull(),
    startsAt: at("starts_at").notNull(),
    place: text().notNull(),
    /** Seats. */
    capacity: integer().notNull(),
    status: text().$type<MeetingStatus>().notNull().default("planned"),
    /** Four digits, shown at the place: who texts them was there. */
    code: text().notNull(),
    /** People whom staff counted at the place. */
    headCount: integer("head_count"),
    /** Whoever comes is asked what they need to take part. */
    asksNeeds: boolean("asks_needs").notNull().default(false),
    plannedBy: uuid("planned_by")
      .notNull()
      .references(() => staff.id),
    plannedAt: at("planned_at").notNull().default(now),
    /** Held or cancelled. */
    endedBy: uuid("ended_by").references(() => staff.id),
    endedAt: at("ended_at"),
  },
  (t) => [
    uniqueIndex("meetings_keyword").on(t.keyword).where(sql`status in ('planned', 'open')`),
    uniqueIndex("meetings_code").on(t.code).where(sql`status in ('planned', 'open')`),
    index("meetings_named").on(t.keyword),
  ],
);

/** `asked`: has not said yet whether they come. `walked_in`: came without having said so. */
export type AttendeeStatus = "asked" | "coming" | "waiting" | "declined" | "walked_in";

export const meetingAttendees = pgTable(
  "meeting_attendees",
  {
    meetingId: uuid("meeting_id")
      .notNull()
      .references(() => meetings.id),
    contactId: uuid("contact_id")
      .notNull()
      .references(() => contacts.id, { onDelete: "cascade" }),
    status: text().$type<AttendeeStatus>().notNull(),
    /** With their guests. */
    people: integer().notNull().default(1),
    /** What they need to take part, in their words; emptied when the meeting is over. */
    needs: text(),
    /** Order of arrival on the waiting list. */
    position: integer(),
    /** They texted the code. */
    hereAt: at("here_at"),
    /** When it was last spoken of. */
    touchedAt: at("touched_at").notNull().default(now),
    /** What we said last wants an answer: whether they come, or still can. */
    prompted: boolean().notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.meetingId, t.contactId] }),
    index("meeting_attendees_contact").on(t.contactId),
  ],
);

/** `listed`: on the list to be asked at the meeting, under its number. */
export type MeetingQuestionStatus = "new" | "listed" | "answered" | "merged" | "set_aside";

export const meetingQuestions = pgTable(
  "meeting_questions",
  {
    id: uuid().primaryKey(),
    meetingId: uuid("meeting_id")
      .notNull()
      .references(() => meetings.id),
    contactId: uuid("contact_id")
      .notNull()
      .references(() => contacts.id, { onDelete: "cascade" }),
    text: text().notNull(),
    language: text().notNull(),
    status: text().$type<MeetingQuestionStatus>().notNull().default("new"),
    /** On the list: what others vote by. */
    number: integer(),
    mergedInto: uuid("merged_into").references((): AnyPgColumn => meetingQuestions.id, {
      onDelete: "set null",
    }),
    answer: text(),
    decidedBy: uuid("decided_by").references(() => staff.id),
    decidedAt: at("decided_at"),
    askedAt: at("asked_at").notNull().default(now),
  },
  (t) => [
    unique("meeting_questions_number").on(t.meetingId, t.number),
    index("meeting_questions_merged").on(t.mergedInto),
  ],
);

/** One a person: those who want a question asked, with whoever asked it. */
export const meetingVotes = pgTable(
  "meeting_votes",
  {
    questionId: uuid("question_id")
      .notNull()
      .references(() => meetingQuestions.id, { onDelete: "cascade" }),
    contactId: uuid("contact_id")
      .notNull()
      .references(() => contacts.id, { onDelete: "cascade" }),
  },
  (t) => [primaryKey({ columns: [t.questionId, t.contactId] })],
);

/** Statements that citizens offer for others to vote on; staff decide which are put to everybody. */
export const offeredStatements = pgTable(
  "offered_statements",
  {
    id: uuid().primaryKey(),
    consultationId: uuid("consultation_id")
      .notNull()
      .references(() => consultations.id),
    /** Path of the step whose statements it joins. */
    step: text().notNull(),
    text: text().notNull(),
    language: text().notNull(),
    status: text().$type<"pending" | "approved" | "rejected">().notNull().default("pending"),
    decidedBy: uuid("decided_by").references(() => staff.id),
    decidedAt: at("decided_at"),
    /** A day, and no time: the same moment stands beside the message that offered it. */
    offeredOn: text("offered_on").notNull(),
  },
  (t) => [index("offered_consultation").on(t.consultationId, t.status)],
);

/** Who may vote in a poll: the members of its group when it opened, whatever becomes of the group or of them. */
export const electoralRolls = pgTable(
  "electoral_rolls",
  {
    consultationId: uuid("consultation_id")
      .notNull()
      .references(() => consultations.id),
    contactId: uuid("contact_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.consultationId, t.contactId] })],
);

/** Who took part in an anonymous consultation: without a time, so that it tells nothing of who said what. */
export const participations = pgTable(
  "participations",
  {
    consultationId: uuid("consultation_id")
      .notNull()
      .references(() => consultations.id),
    contactId: uuid("contact_id")
      .notNull()
      .references(() => contacts.id, { onDelete: "cascade" }),
  },
  (t) => [primaryKey({ columns: [t.consultationId, t.contactId] })],
);

/** What was said in an anonymous consultation: under a random id, by nobody, at no time. */
export const anonymousResponses = pgTable(
  "anonymous_responses",
  {
    id: uuid().primaryKey(),
    consultationId: uuid("consultation_id")
      .notNull()
      .references(() => consultations.id),
    answers: jsonb().$type<Record<string, unknown>>().notNull(),
  },
  (t) => [index("anonymous_consultation").on(t.consultationId, t.id)],
);

/**
 * The newest of them, in one row and in the order of their random ids: rows of their own would stand in the table in the
 * order in which people finished.
 */
export const anonymousPools = pgTable("anonymous_pools", {
  consultationId: uuid("consultation_id")
    .primaryKey()
    .references(() => consultations.id),
  responses: jsonb()
    .$type<readonly { id: string; answers: Record<string, unknown>; shown: boolean }[]>()
    .notNull(),
});

/** Conversations whose messages are emptied of their words once they need not be sent any more. */
export const unsaid = pgTable("unsaid", { sessionId: uuid("session_id").primaryKey() });

export const answers = pgTable(
  "answers",
  {
    sessionId: uuid("session_id")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    /** Step id; with a call, `call-step/step`. */
    question: text().notNull(),
    consultationId: uuid("consultation_id"),
    contactId: uuid("contact_id").notNull(),
    value: jsonb().notNull(),
    /** What the person wrote. */
    said: text().notNull(),
    language: text().notNull(),
    at: at("at").notNull().default(now),
  },
  (t) => [
    primaryKey({ columns: [t.sessionId, t.question] }),
    index("answers_consultation").on(t.consultationId, t.question),
  ],
);

// ── Messages ────────────────────────────────────────────────────────────────────────────────────────────

export const messageStatus = pgEnum("message_status", [
  "received",
  "processed",
  "queued",
  "sending",
  "sent",
  "delivered",
  "read",
  "failed",
  "undelivered",
  "cancelled",
  "expired",
]);
export type MessageStatus = (typeof messageStatus.enumValues)[number];

/** Lower is sooner. */
export const PRIORITY = { crisis: 0, reply: 1, bulk: 2 } as const;
export type Priority = (typeof PRIORITY)[keyof typeof PRIORITY];

/**
 * Partitioned by month over `id` (UUIDv7): the migration declares `PARTITION BY RANGE (id)` and
 * `storage/partitions.ts` makes the months. What the message belongs to is in `kind` and `ref`.
 */
export const messages = pgTable(
  "messages",
  {
    id: uuid().primaryKey(),
    direction: text().$type<"in" | "out">().notNull(),
    status: messageStatus().notNull(),
    channel: text().notNull(),
    address: text().notNull(),
    /** Null for Slack and for pages to staff. */
    contactId: uuid("contact_id"),
    text: text().notNull(),
    /** Everything else that the channel needs: choices, blocks, media, approvedAs, thread, replaces. */
    extras: jsonb().notNull().default(empty),
    /** reply | broadcast | page | statement | inbox | enquiry | notice | citizen (inbound) … */
    kind: text().notNull(),
    /** Id of the broadcast, session, crisis, statement version, enquiry or contact that it belongs to. */
    ref: uuid(),
    /** Outbound: the outbox batch that carries it. */
    batchId: uuid("batch_id"),
    priority: smallint().$type<Priority>(),
    /** What a doubtful hand-over does when the carrier cannot be asked. */
    onDoubt: text("on_doubt").$type<"resend" | "hold">(),
    /** Sent although the person opted out: the confirmation of STOP, pages to staff. Everything else is checked. */
    consentExempt: boolean("consent_exempt").notNull().default(false),
    providerId: text("provider_id"),
    attempts: smallint().notNull().default(0),
    /** How often it was handed over again after a doubt that nobody could settle: counted in reports. */
    possibleDuplicates: smallint("possible_duplicates").notNull().default(0),
    failure: text(),
    code: text(),
    detail: text(),
    segments: smallint(),
    /** Not sent after this moment. */
    expiresAt: at("expires_at"),
    handedOverAt: at("handed_over_at"),
    statusAt: at("status_at").notNull().default(now),
    createdAt: at("created_at").notNull().default(now),
  },
  (t) => [
    index("messages_batch").on(t.batchId).where(sql`status in ('queued', 'sending')`),
    index("messages_ref").on(t.ref, t.status),
    index("messages_address").on(t.address, t.id),
    index("messages_provider").on(t.providerId).where(sql`provider_id is not null`),
    index("messages_sending").on(t.channel, t.statusAt).where(sql`status = 'sending'`),
    index("messages_received").on(t.id).where(sql`status = 'received'`),
  ],
);

/** The once-only key of inbound messages: not partitioned, so it can be unique. */
export const inboundKeys = pgTable(
  "inbound_keys",
  {
    channel: text().notNull(),
    providerId: text("provider_id").notNull(),
    messageId: uuid("message_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.channel, t.providerId] })],
);

/** Inbound messages whose transaction failed: tried again with backoff, then set aside for staff. */
export const inboundFailures = pgTable("inbound_failures", {
  messageId: uuid("message_id").primaryKey(),
  attempts: smallint().notNull(),
  error: text().notNull(),
  retryAt: at("retry_at").notNull(),
  setAsideAt: at("set_aside_at"),
});

export const outboxBatches = pgTable(
  "outbox_batches",
  {
    id: uuid().primaryKey(),
    channel: text().notNull(),
    priority: smallint().$type<Priority>().notNull(),
    /** Broadcast id, so that pause and cancel find the batches. */
    ref: uuid(),
    paused: boolean().notNull().default(false),
    /** Waits, paused, for what becomes of the first few of its broadcast. */
    held: boolean().notNull().default(false),
    dueAt: at("due_at").notNull().default(now),
  },
  (t) => [
    index("outbox_due").on(t.channel, t.priority, t.dueAt, t.id).where(sql`not paused`),
    index("outbox_ref").on(t.ref),
  ],
);

/** Every receipt as it came, also for messages that are not known yet. */
export const receipts = pgTable(
  "receipts",
  {
    channel: text().notNull(),
    providerId: text("provider_id").notNull(),
    status: text().notNull(),
    messageId: uuid("message_id"),
    failure: text(),
    code: text(),
    detail: text(),
    receivedAt: at("received_at").notNull().default(now),
  },
  (t) => [
    primaryKey({ columns: [t.channel, t.providerId, t.status] }),
    index("receipts_early").on(t.channel, t.receivedAt).where(sql`message_id is null`),
  ],
);

// ── Broadcasts, statements, approvals ───────────────────────────────────────────────────────────────────

export type Texts = Record<string, string>;

/** Who receives: contacts that match every condition that is given. */
export interface Audience {
  readonly everyone?: true;
  /**
   * Those who took part in this consultation: they are told what came of it. Once that is sent, the consultation is
   * closed.
   */
  readonly participants?: string;
  readonly groups?: readonly string[];
  readonly wards?: readonly number[];
  readonly languages?: readonly string[];
}

export type BroadcastStatus =
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

export const broadcasts = pgTable("broadcasts", {
  id: uuid().primaryKey(),
  title: text().notNull(),
  status: text().$type<BroadcastStatus>().notNull().default("draft"),
  audience: jsonb().$type<Audience>().notNull(),
  /** Text per language; the deployment's default language must be there. */
  texts: jsonb().$type<Texts>().notNull(),
  /** Channels in order of preference. */
  channels: text().array().notNull(),
  priority: smallint().$type<Priority>().notNull(),
  /** SHA-256 of everything that an approval binds to; see flows/approval.ts. */
  contentHash: text("content_hash").notNull(),
  /** Recipients counted when approval was asked for. */
  expectedRecipients: integer("expected_recipients").notNull().default(0),
  createdBy: uuid("created_by")
    .notNull()
    .references(() => staff.id),
  messageClass: text("message_class")
    .$type<"emergency" | "service" | "consultation" | "awareness">()
    .notNull()
    .default("service"),
  /** Its author says that it is delicate. */
  sensitive: boolean().notNull().default(false),
  /** Handed over between these moments only, the later excluded; null: at any time. */
  sendsFrom: at("sends_from"),
  sendsTo: at("sends_to"),
  /** Of ten thousand recipients, how many go first; null: none, or the rest may follow. */
  canary: smallint(),
  /** Why the program itself paused it. */
  pausedBecause: text("paused_because"),
  /** The version of the template that it was begun from, and what was given for its values. */
  template: jsonb().$type<BegunFrom>(),
  sendAt: at("send_at"),
  expiresAt: at("expires_at"),
  /** Keyset position of drawing up: restartable. */
  drawnUpTo: uuid("drawn_up_to"),
  startedAt: at("started_at"),
  finishedAt: at("finished_at"),
  createdAt: at("created_at").notNull().default(now),
});

/** What became of a broadcast, counted: over a million messages that is not done with every look. */
export const broadcastReports = pgTable("broadcast_reports", {
  broadcastId: uuid("broadcast_id")
    .primaryKey()
    .references(() => broadcasts.id, { onDelete: "cascade" }),
  report: jsonb().notNull(),
  /** Milliseconds that counting took. */
  tookMs: integer("took_ms").notNull(),
  /** Nothing can change any more. */
  settled: boolean().notNull(),
  countedAt: at("counted_at").notNull().default(now),
});

/** Who was sent a broadcast on another channel because the first did not confirm it: once a person, by its key. */
export const broadcastFailovers = pgTable(
  "broadcast_failovers",
  {
    broadcastId: uuid("broadcast_id")
      .notNull()
      .references(() => broadcasts.id),
    contactId: uuid("contact_id").notNull(),
    /** The message that failed or was not confirmed, and the one that followed it. */
    messageId: uuid("message_id").notNull(),
    byId: uuid("by_id").notNull(),
    at: at("at").notNull().default(now),
  },
  (t) => [primaryKey({ columns: [t.broadcastId, t.contactId] })],
);

export const approvals = pgTable(
  "approvals",
  {
    id: uuid().primaryKey(),
    subject: text().$type<"broadcast" | "statement">().notNull(),
    subjectId: uuid("subject_id").notNull(),
    contentHash: text("content_hash").notNull(),
    decision: text().$type<"approved" | "returned">().notNull(),
    reason: text(),
    decidedBy: uuid("decided_by")
      .notNull()
      .references(() => staff.id),
    at: at("at").notNull().default(now),
  },
  (t) => [unique("approvals_once").on(t.subjectId, t.contentHash, t.decidedBy)],
);

/** What went out without the approvals that it needed: somebody else looks at it afterwards, and says what they found. */
export const reviews = pgTable("reviews", {
  id: uuid().primaryKey(),
  broadcastId: uuid("broadcast_id")
    .notNull()
    .unique()
    .references(() => broadcasts.id),
  /** Why it could not wait. */
  reason: text().notNull(),
  openedBy: uuid("opened_by")
    .notNull()
    .references(() => staff.id),
  openedAt: at("opened_at").notNull().default(now),
  finding: text(),
  closedBy: uuid("closed_by").references(() => staff.id),
  closedAt: at("closed_at"),
});

export type StatementKind = "holding" | "update" | "correction" | "retraction" | "all_clear";
export type StatementStatus =
  | "draft"
  | "awaiting_approval"
  | "approved"
  | "released"
  | "returned"
  | "superseded";

export const statements = pgTable("statements", {
  id: uuid().primaryKey(),
  crisisId: uuid("crisis_id").references((): AnyPgColumn => crises.id),
  title: text().notNull(),
  createdAt: at("created_at").notNull().default(now),
});

export const statementVersions = pgTable(
  "statement_versions",
  {
    id: uuid().primaryKey(),
    statementId: uuid("statement_id")
      .notNull()
      .references(() => statements.id),
    version: integer().notNull(),
    kind: text().$type<StatementKind>().notNull(),
    texts: jsonb().$type<Texts>().notNull(),
    /** The public that gets it, beside the liaisons. */
    audience: jsonb().$type<Audience>().notNull(),
    contentHash: text("content_hash").notNull(),
    status: text().$type<StatementStatus>().notNull().default("draft"),
    /** Nothing reaches anybody before this moment. */
    embargoUntil: at("embargo_until"),
    createdBy: uuid("created_by")
      .notNull()
      .references(() => staff.id),
    replaces: uuid(),
    releasedAt: at("released_at"),
    createdAt: at("created_at").notNull().default(now),
  },
  (t) => [unique("statement_versions_number").on(t.statementId, t.version)],
);

export const statementAcknowledgements = pgTable(
  "statement_acknowledgements",
  {
    versionId: uuid("version_id")
      .notNull()
      .references(() => statementVersions.id),
    liaisonId: uuid("liaison_id")
      .notNull()
      .references(() => liaisons.id),
    at: at("at").notNull().default(now),
  },
  (t) => [primaryKey({ columns: [t.versionId, t.liaisonId] })],
);

export const enquiries = pgTable("enquiries", {
  id: uuid().primaryKey(),
  /** Short number shown to people. */
  number: bigint({ mode: "number" }).generatedAlwaysAsIdentity(),
  liaisonId: uuid("liaison_id")
    .notNull()
    .references(() => liaisons.id),
  address: text().notNull(),
  statementVersionId: uuid("statement_version_id"),
  /** Encrypted with SECRETS_KEY: questions under embargo are confidential. */
  question: text().notNull(),
  status: text().$type<"open" | "answered">().notNull().default("open"),
  createdAt: at("created_at").notNull().default(now),
});

// ── Crises ──────────────────────────────────────────────────────────────────────────────────────────────

export type CrisisStatus = "active" | "all_clear" | "closed" | "cancelled";

export const crises = pgTable("crises", {
  id: uuid().primaryKey(),
  /** Short number shown to people: C-12. */
  number: bigint({ mode: "number" }).generatedAlwaysAsIdentity(),
  protocol: text().notNull(),
  protocolHash: text("protocol_hash").notNull(),
  /** The protocol as it was when the crisis was declared: a later edit does not change a running crisis. */
  definition: jsonb().notNull(),
  title: text().notNull(),
  severity: smallint().notNull(),
  /** Fixed at birth. */
  mode: text().$type<"live" | "drill">().notNull().default("live"),
  status: text().$type<CrisisStatus>().notNull().default("active"),
  audience: jsonb().$type<Audience>().notNull(),
  /** The escalation's plain JSON, from flows/crisis.ts. */
  state: jsonb().notNull(),
  /** Goes up with each change of state: compare-and-swap, and the epoch of the crisis's timers. */
  epoch: integer().notNull().default(0),
  /** Slack message that summarises it. */
  summaryMessageId: uuid("summary_message_id"),
  declaredBy: uuid("declared_by").references(() => staff.id),
  declaredAt: at("declared_at").notNull().default(now),
  acknowledgedAt: at("acknowledged_at"),
  endedAt: at("ended_at"),
});

export const crisisTimeline = pgTable(
  "crisis_timeline",
  {
    crisisId: uuid("crisis_id")
      .notNull()
      .references(() => crises.id),
    seq: integer().notNull(),
    at: at("at").notNull().default(now),
    actor: text().notNull(),
    kind: text().notNull(),
    /** One sentence for people. */
    words: text().notNull(),
    data: jsonb().notNull().default(empty),
  },
  (t) => [primaryKey({ columns: [t.crisisId, t.seq] })],
);

export const pages = pgTable(
  "pages",
  {
    id: uuid().primaryKey(),
    crisisId: uuid("crisis_id")
      .notNull()
      .references(() => crises.id),
    staffId: uuid("staff_id")
      .notNull()
      .references(() => staff.id),
    tier: integer().notNull(),
    round: integer().notNull(),
    /** What the paged person texts back; unique among open pages. */
    code: text().notNull(),
    status: text().$type<"open" | "acknowledged" | "declined" | "closed">().notNull().default("open"),
    at: at("at").notNull().default(now),
    settledAt: at("settled_at"),
  },
  (t) => [
    uniqueIndex("pages_code").on(t.code).where(sql`status = 'open'`),
    unique("pages_once").on(t.crisisId, t.round, t.tier, t.staffId),
    index("pages_staff").on(t.staffId, t.status),
  ],
);

// ── Machinery ───────────────────────────────────────────────────────────────────────────────────────────

export const timers = pgTable(
  "timers",
  {
    id: uuid().primaryKey(),
    kind: text().notNull(),
    ref: uuid().notNull(),
    epoch: integer().notNull(),
    dueAt: at("due_at").notNull(),
    data: jsonb().notNull().default(empty),
    attempts: smallint().notNull().default(0),
    error: text(),
    doneAt: at("done_at"),
  },
  (t) => [
    unique("timers_once").on(t.kind, t.ref, t.epoch),
    index("timers_due").on(t.dueAt).where(sql`done_at is null`),
  ],
);

/** Idempotency keys of staff's actions: Slack repeats what it was not answered in time. */
export const actions = pgTable("actions", {
  key: text().primaryKey(),
  at: at("at").notNull().default(now),
});

/** Append-only: a trigger refuses UPDATE and DELETE. */
export const auditLog = pgTable("audit_log", {
  seq: bigint({ mode: "number" }).primaryKey(),
  at: at("at").notNull(),
  /** `staff:<id>`, `contact:<id>`, `system`, `cli`. */
  actor: text().notNull(),
  /** `broadcast.approved`, `crisis.declared`, `consent.opted_out`, … */
  action: text().notNull(),
  subject: text().notNull(),
  data: jsonb().notNull().default(empty),
  previousHash: text("previous_hash").notNull(),
  hash: text().notNull(),
});

/** One-time links and sessions of the console; only hashes are kept. */
export const consoleSessions = pgTable("console_sessions", {
  tokenHash: text("token_hash").primaryKey(),
  kind: text().$type<"link" | "session">().notNull(),
  staffId: uuid("staff_id")
    .notNull()
    .references(() => staff.id, { onDelete: "cascade" }),
  expiresAt: at("expires_at").notNull(),
});

/** Keys of other departments' systems; only hashes are kept. What a key does is done in its owner's name. */
export const apiKeys = pgTable("api_keys", {
  id: uuid().primaryKey(),
  name: text().notNull(),
  /** SHA-256 of the key, which is random enough. */
  hash: text().notNull().unique(),
  /** How the key begins, to tell it from others. */
  prefix: text().notNull(),
  scopes: text().array().notNull(),
  /** A member of staff: what a key may do, they must be allowed to do, and nobody approves their own. */
  ownerId: uuid("owner_id")
    .notNull()
    .references(() => staff.id),
  perMinute: integer("per_minute").notNull(),
  expiresAt: at("expires_at"),
  revokedAt: at("revoked_at"),
  lastUsedAt: at("last_used_at"),
  /** Requests since `minuteAt`, when the running minute began. */
  minuteAt: at("minute_at").notNull().default(now),
  inMinute: integer("in_minute").notNull().default(0),
  createdAt: at("created_at").notNull().default(now),
});

/** Idempotency keys of systems, with the answer that a repetition gets. Written in the transaction of the effect. */
export const apiRequests = pgTable(
  "api_requests",
  {
    keyId: uuid("key_id")
      .notNull()
      .references(() => apiKeys.id),
    key: text().notNull(),
    /** SHA-256 of method, path and body: another request under the same key is refused. */
    request: text().notNull(),
    status: smallint(),
    body: jsonb(),
    at: at("at").notNull().default(now),
  },
  (t) => [primaryKey({ columns: [t.keyId, t.key] }), index("api_requests_at").on(t.at)],
);

/** Where other systems are told of what happened, by the Standard Webhooks scheme. */
export const webhookEndpoints = pgTable(
  "webhook_endpoints",
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    url: text().notNull(),
    events: text().array().notNull(),
    /** Encrypted with SECRETS_KEY. */
    secret: text().notNull(),
    /** Signs beside the new one for a while after a rotation. */
    oldSecret: text("old_secret"),
    oldSecretUntil: at("old_secret_until"),
    active: boolean().notNull().default(true),
    createdAt: at("created_at").notNull().default(now),
  },
  (t) => [uniqueIndex("webhook_endpoints_name").on(t.name).where(sql`active`)],
);

export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    /** UUIDv7; the receiver sees it as `webhook-id`, the same at every try. */
    id: uuid().primaryKey(),
    endpointId: uuid("endpoint_id")
      .notNull()
      .references(() => webhookEndpoints.id, { onDelete: "cascade" }),
    event: text().notNull(),
    /** What it tells of: the same is told once. */
    subject: text().notNull(),
    data: jsonb().notNull(),
    status: text().$type<"waiting" | "delivered" | "dead">().notNull().default("waiting"),
    attempts: smallint().notNull().default(0),
    dueAt: at("due_at").notNull().default(now),
    /** What came of the last try. */
    said: text(),
    createdAt: at("created_at").notNull().default(now),
    settledAt: at("settled_at"),
  },
  (t) => [
    unique("webhook_deliveries_once").on(t.endpointId, t.event, t.subject),
    index("webhook_deliveries_due").on(t.dueAt).where(sql`status = 'waiting'`),
  ],
);

/** Small facts about the deployment: example content seeded, last poll of a carrier's list. */
export const settings = pgTable("settings", {
  key: text().primaryKey(),
  value: jsonb().notNull(),
});

/** Worker processes, and when each was last heard of: the health check asks, and senders' rates are shared among them. */
export const workers = pgTable("workers", {
  id: uuid().primaryKey(),
  host: text().notNull(),
  beatAt: at("beat_at").notNull().default(now),
});
