import { sql } from "drizzle-orm";
import { pino } from "pino";
import { v7 } from "uuid";
import type { Channel, ChannelName, InboundMessage } from "#channels";
import { type FlowDefinition, NO_GUIDELINES } from "#flows";
import { type Database, openSecrets, publishFlow, rows } from "#storage";
import { type Content, DEFAULT_SENDING, type Deployment, type MessageKey } from "#templates";
import type { App } from "../../bots/app.ts";
import { handleArrival } from "../../bots/inbound.ts";
import { openReceipts } from "../../bots/receipts.ts";

/** The survey of the design, as data. */
export const THREE_QUESTIONS: FlowDefinition = {
  id: "three-questions",
  title: { en: "Three questions" },
  keywords: ["JOIN"],
  languages: ["en"],
  giveUp: "hand_over",
  start: "name",
  steps: {
    name: {
      kind: "ask",
      text: { en: "Welcome! What is your name?" },
      answer: { type: "text" },
      literal: true,
      next: "rating",
    },
    rating: {
      kind: "ask",
      text: { en: "Thank you {name}. How do you rate the service, from 1 to 5?" },
      answer: { type: "scale", from: 1, to: 5 },
      retry: { en: "Sorry, please answer with a number from 1 to 5." },
      next: "comment",
    },
    comment: {
      kind: "ask",
      text: { en: "Any comment for the municipality? Comment freely." },
      answer: { type: "text" },
      literal: true,
      next: "thanks",
    },
    thanks: { kind: "end", text: { en: "Thank you for taking part!" } },
  },
};

const language = (code: string, name: string, ...keywords: string[]) => ({
  code,
  name,
  keywords,
  fallbacks: [],
});

export const DEPLOYMENT: Deployment = {
  municipality: "Umhlanzi",
  country: "ZA",
  timezone: "Africa/Johannesburg",
  defaultLanguage: "en",
  languages: [
    language("en", "English", "ENGLISH"),
    language("zu", "isiZulu", "ISIZULU"),
    language("xh", "isiXhosa", "ISIXHOSA"),
    language("af", "Afrikaans", "AFRIKAANS"),
    language("sfs", "South African Sign Language", "SASL"),
  ],
  wards: 12,
  slack: { inbox: "#inbox", approvals: "#approvals", media: "#media-desk", operations: "#operations" },
  keywords: {
    stop: ["STOP", "OPT OUT", "CANCEL", "YIMA", "YEKA", "HOU OP"],
    start: ["START", "UNSTOP", "YES", "QALA", "BEGIN"],
    help: ["HELP", "INFO", "USIZO", "UNCEDO", "HULP"],
  },
  keywordLanguage: { USIZO: "zu", UNCEDO: "xh", HULP: "af", "HOU OP": "af", YEKA: "xh" },
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

/** System sentences that name themselves: `help/zu`, `consultation_closed/en {"title":"Plan"}`. */
const say = (key: MessageKey, lang: string, values?: object): string =>
  `${key}/${lang}${values ? ` ${JSON.stringify(values)}` : ""}`;

export interface Said {
  readonly channel: string;
  readonly text: string;
  readonly kind: string;
  readonly status: string;
  readonly exempt: boolean;
  readonly thread: string | null;
  readonly id: string;
  readonly choices: unknown;
}

export interface CitizenApp {
  readonly app: App;
  /** Moves the clock that the product reads. */
  pass(milliseconds: number): void;
  /** A message comes in, as a carrier would bring it. */
  write(from: string, text: string, more?: Partial<InboundMessage>): Promise<void>;
  /** Everything that was put out for an address, oldest first. */
  said(address: string): Promise<readonly Said[]>;
  /** The texts that came since the last call. */
  heard(address: string): Promise<readonly string[]>;
  openConsultation(flow: FlowDefinition, keywords?: readonly string[], title?: string): Promise<string>;
  nextNumber(): string;
}

/**
 * The product around one database, with channels that only receive; nothing is sent, all can be read. `ahead`: how far
 * its clock is ahead of the machine's, in milliseconds.
 */
export function openCitizenApp(
  database: Database,
  channels: readonly ChannelName[] = ["sms", "whatsapp", "slack"],
  ahead = 0,
): CitizenApp {
  let numbers = 0;
  const read = new Map<string, number>();
  const log = pino({ level: "silent" });
  const app = {
    config: {} as App["config"],
    database,
    receipts: openReceipts(database, log),
    bell: { ring: async () => {}, answer: () => {}, ping: async () => {}, close: async () => {} },
    content: {
      folder: "",
      deployment: DEPLOYMENT,
      flows: new Map(),
      protocols: new Map(),
      instruments: { byId: new Map(), publicHolidays: new Set() },
      guidelines: NO_GUIDELINES,
      calendar: [],
      broadcasts: new Map(),
      say,
    } as Content,
    channels: new Map(
      channels.map((name) => [
        name,
        {
          name,
          carrier: "memory",
          limits: { textLength: 1_600, choices: 0, perSecond: 100 },
          webhooks: [],
          send: async () => ({ status: "sent" }),
        } satisfies Channel,
      ]),
    ),
    secrets: openSecrets("0".repeat(64)),
    log,
    clock: () => new Date(Date.now() + ahead),
    newId: () => v7(),
  } as App;
  const said = (address: string) =>
    rows<Said>(
      database.db,
      sql`select id, channel, text, kind, status, consent_exempt as exempt, extras->>'thread' as thread,
                 extras->'choices' as choices
          from messages where direction = 'out' and address = ${address} order by id`,
    );
  return {
    app,
    pass: (milliseconds) => {
      ahead += milliseconds;
    },
    write: (from, text, more = {}) => {
      const channel = from.slice(0, from.indexOf(":")) as ChannelName;
      const message = {
        providerId: `SM${v7()}`,
        from: from as InboundMessage["from"],
        to: `${channel}:+27600009000` as InboundMessage["to"],
        text,
        ...more,
      };
      return handleArrival(app, channel, { kind: "message", channel, message });
    },
    said,
    heard: async (address) => {
      const all = await said(address);
      const since = read.get(address) ?? 0;
      read.set(address, all.length);
      return all.slice(since).map(({ text }) => text);
    },
    openConsultation: async (flow, keywords = flow.keywords, title = flow.id) => {
      const id = v7();
      const version = await publishFlow(database.db, flow);
      const words = JSON.stringify(keywords);
      await database.db.execute(sql`
        insert into consultations (id, flow, flow_version, title, keywords, status, opened_at)
        values (${id}, ${flow.id}, ${version}, ${title}, array(select jsonb_array_elements_text(${words}::jsonb)), 'open', now())`);
      return id;
    },
    nextNumber: () => `+2760${String(1_000_000 + ++numbers).slice(-7)}`,
  };
}
