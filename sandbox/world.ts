/**
 * What the sandbox keeps in place of the carriers. Read this file first.
 *
 * Glossary
 * - **Town**: the made-up people and channels that the sandbox begins with (`town.json`).
 * - **Line**: a number of the municipality, rented from a carrier.
 * - **Phone**: a person's handset, known by its number; it shows texts of one or two channels.
 * - **Text**: one SMS or WhatsApp message between a phone and a line, as the carrier stores it.
 * - **Post**: one message in the Slack stand-in. **View**: a modal or an App Home.
 * - **Change**: one line of the journal. State is what the changes add up to, so a restart replays them.
 * - **Knob**: something that a carrier does badly, on demand.
 */

export interface Citizen {
  readonly name: string;
  /** ISO 639 code, for the page's `lang` attribute. */
  readonly language?: string;
  readonly sms?: string;
  readonly whatsapp?: string;
}

export interface Liaison {
  readonly name: string;
  readonly outlet: string;
  readonly sms?: string;
  readonly whatsapp?: string;
  readonly slackUserId?: string;
}

export interface Officer {
  readonly name: string;
  readonly title?: string;
  readonly phone?: string;
  readonly slackUserId?: string;
}

export interface SlackUser {
  readonly id: string;
  /** As people read it: "Naledi Khumalo". */
  readonly name: string;
  /** What Slack calls the username. */
  readonly handle: string;
  readonly title: string;
  readonly email?: string;
  /** From another workspace, by Slack Connect. */
  readonly external?: boolean;
}

/** A template that WhatsApp has approved; `{{1}}`, `{{2}}`, … stand for its variables. */
export interface ApprovedTemplate {
  readonly name: string;
  readonly language: string;
  readonly body: string;
  /** Twilio's Content SID. */
  readonly sid?: string;
}

export interface Town {
  readonly name: string;
  /** The municipality's numbers. */
  readonly lines: { readonly sms: string; readonly whatsapp: string };
  readonly citizens: readonly Citizen[];
  readonly liaisons: readonly Liaison[];
  readonly officers: readonly Officer[];
  readonly slackUsers: readonly SlackUser[];
  readonly slackChannels: readonly { readonly id: string; readonly name: string; readonly topic?: string }[];
  /** Absent: every template name is taken for approved. */
  readonly whatsappTemplates?: readonly ApprovedTemplate[];
}

export type PhoneChannel = "sms" | "whatsapp";
export type Carrier = "twilio" | "meta";

export interface Phone {
  readonly number: string;
  readonly name: string;
  readonly role: "citizen" | "liaison" | "officer" | "guest";
  readonly detail?: string;
  readonly language?: string;
  readonly channels: readonly PhoneChannel[];
}

export interface Option {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
}

export interface TextMedia {
  readonly id: string;
  readonly contentType: string;
  /** Where the phone's page can see it. */
  readonly url: string;
}

export type TextStatus =
  | "accepted"
  | "queued"
  | "sending"
  | "sent"
  | "delivered"
  | "read"
  | "undelivered"
  | "failed"
  | "canceled"
  | "received";

export interface Text {
  readonly id: string;
  readonly carrier: Carrier;
  readonly channel: PhoneChannel;
  /** `in`: from the phone to the municipality. */
  readonly direction: "in" | "out";
  readonly phone: string;
  readonly line: string;
  readonly body: string;
  readonly status: TextStatus;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly sentAt?: string;
  readonly segments: number;
  readonly encoding: "GSM-7" | "UCS-2";
  readonly options?: {
    readonly kind: "buttons" | "list";
    readonly button?: string;
    readonly options: readonly Option[];
  };
  /** The phone is asked for its place, by a button. */
  readonly asksLocation?: boolean;
  readonly media?: readonly TextMedia[];
  readonly location?: { readonly latitude: number; readonly longitude: number; readonly label?: string };
  /** The option that the phone tapped, and the text that offered it. */
  readonly choice?: Option & { readonly kind: "buttons" | "list"; readonly of?: string };
  readonly template?: string;
  readonly error?: { readonly code: number; readonly message: string };
  /** Twilio: where status callbacks go. */
  readonly callback?: string;
  /** Meta: `biz_opaque_callback_data`, handed back in statuses. */
  readonly opaque?: string;
  readonly service?: string;
  /** Inbound: did the product take it? */
  readonly handed?: "pending" | "taken" | "refused";
}

export type Block = { readonly type: string; readonly block_id?: string } & Readonly<Record<string, unknown>>;

export interface Post {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  /** A person's id, or the bot's. */
  readonly user: string;
  readonly text: string;
  readonly blocks?: readonly Block[];
  readonly edited?: string;
  readonly deleted?: boolean;
  /** Only this user sees it. */
  readonly ephemeralTo?: string;
  readonly reactions?: readonly { readonly name: string; readonly users: readonly string[] }[];
  readonly pinned?: boolean;
  readonly files?: readonly { readonly id: string; readonly name: string; readonly url: string }[];
  readonly metadata?: unknown;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: "channel" | "dm";
  readonly members: readonly string[];
  readonly topic?: string;
  readonly isPrivate?: boolean;
}

export type Values = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

export interface View {
  readonly id: string;
  readonly type: "modal" | "home";
  readonly user: string;
  readonly hash: string;
  readonly blocks: readonly Block[];
  readonly values: Values;
  readonly title?: PlainText;
  readonly submit?: PlainText;
  readonly close?: PlainText;
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly externalId: string;
  readonly clearOnClose: boolean;
  readonly notifyOnClose: boolean;
  readonly rootId: string;
  readonly previousId?: string;
  /** What the last submission was refused for, by block id. */
  readonly errors?: Readonly<Record<string, string>>;
}

export interface PlainText {
  readonly type: "plain_text";
  readonly text: string;
  readonly emoji?: boolean;
}

/** One line of the journal. Order matters, content is complete: replaying needs nothing else. */
export type Change =
  | { readonly kind: "phone"; readonly phone: Phone }
  | { readonly kind: "text"; readonly text: Text }
  | { readonly kind: "text-gone"; readonly id: string }
  | { readonly kind: "channel"; readonly channel: SlackChannel }
  | { readonly kind: "post"; readonly post: Post }
  | { readonly kind: "home"; readonly view: View }
  | { readonly kind: "knobs"; readonly knobs: Knobs };

/** What the page is told beside the changes: these live in memory only. */
export type Notice =
  | Change
  | { readonly kind: "modals"; readonly user: string; readonly stack: readonly View[] }
  | { readonly kind: "problem"; readonly where: string; readonly detail: string };

export interface Knobs {
  /** Which carrier takes WhatsApp: fixed at start, because the product is configured for one. */
  readonly whatsapp: "meta" | "twilio";
  /** A carrier's answer to a request is held back this long. */
  readonly latencyMs: number;
  /** Between two statuses of a text. */
  readonly stepMs: number;
  /** Share (0–1) of requests answered with a server error, nothing taken. */
  readonly errorRate: number;
  /** Share of texts that are taken and then fail (30008, Meta 131000). */
  readonly failureRate: number;
  /** Share of texts that are taken while the answer is lost. */
  readonly lostAnswers: number;
  /** Sends per second, beyond which the answer is 429 with Retry-After; 0: no limit. */
  readonly sendsPerSecond: number;
  readonly retryAfterSeconds: number;
  /** Share of status callbacks sent twice. */
  readonly duplicatedCallbacks: number;
  /** Share of texts whose callbacks arrive in the wrong order. */
  readonly reorderedCallbacks: number;
  /** Share of texts whose callbacks never arrive. */
  readonly lostCallbacks: number;
  /** Share of inbound texts whose webhook is called twice. */
  readonly duplicatedInbound: number;
  /** Twilio itself stops sending to a number that said STOP (error 21610). */
  readonly carrierStop: boolean;
  /** Share of Slack events that are sent again although they were answered. */
  readonly slackRetries: number;
  /** Pauses before Slack's three retries of an unanswered event. */
  readonly slackRetryDelaysMs: readonly number[];
  /** How long Slack waits for an answer. */
  readonly slackTimeoutMs: number;
}
