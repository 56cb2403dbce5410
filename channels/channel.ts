/**
 * How a message reaches a person. Read this file first.
 *
 * Glossary
 * - **Address**: channel name, colon, and what the carrier calls the recipient: `sms:+27821234567`,
 *   `whatsapp:+27821234567`, `slack:C0123ABCD` (a channel or a user). Phone numbers are E.164.
 * - **Carrier**: the company that moves the message (Twilio, Meta, Slack). One folder each.
 * - **Arrival**: what a carrier's webhook brings: an inbound message or a receipt.
 * - **Receipt**: what became of an outbound message. A failure is a receipt, not an exception.
 * - **Doubt**: a send whose answer was lost. `lookUp` asks the carrier what became of it.
 * - **Service window**: WhatsApp lets a business write freely for 24 h after the person's last message;
 *   outside it only a template approved by the carrier (`approvedAs`) passes.
 */

export type ChannelName = "sms" | "whatsapp" | "slack";
export type Address = `${ChannelName}:${string}`;

/** A button, a list row, or a line of a numbered list. `title` is shown, `id` comes back as `choice`. */
export interface Choice {
  readonly id: string;
  readonly title: string;
}

export interface Media {
  readonly url: string;
  readonly contentType: string;
}

export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  readonly label?: string;
}

export interface InboundMessage {
  /** The carrier's id: a message takes effect once per (channel, providerId). */
  readonly providerId: string;
  readonly from: Address;
  readonly to: Address;
  readonly text: string;
  /** Id of the choice that was tapped, where the carrier tells. */
  readonly choice?: string;
  readonly media?: readonly Media[];
  readonly location?: Location;
  /** ISO 8601; absent where the carrier does not say. */
  readonly sentAt?: string;
}

/** A message template that the carrier has approved, for use outside the service window. */
export interface ApprovedTemplate {
  /** Twilio: Content SID. Meta: template name. */
  readonly name: string;
  readonly language: string;
  readonly variables: readonly string[];
}

export interface OutboundMessage {
  /** Our id (UUIDv7); it travels in the status callback and settles doubts. */
  readonly id: string;
  readonly to: Address;
  readonly text: string;
  readonly choices?: readonly Choice[];
  readonly media?: readonly Media[];
  readonly approvedAs?: ApprovedTemplate;
  /** ISO 8601 of the person's last message on this channel: opens the service window. */
  readonly lastInboundAt?: string;
  /** Slack: Block Kit blocks; `text` is then the fallback for notifications. Other channels ignore it. */
  readonly blocks?: readonly unknown[];
  /** providerId of the message whose thread this one belongs to (Slack). */
  readonly thread?: string;
  /** providerId of the message that this one replaces in place (Slack's chat.update). */
  readonly replaces?: string;
}

/** Why a send failed, in terms that decide what to do next. */
export type SendFailure =
  /** Carrier down, time-out before hand-over, 5xx: try again with backoff. */
  | "unavailable"
  /** Rate limited (429 and its kin): try again after `retryAfterMs`, no attempt is used up. */
  | "throttled"
  /** Handset off or out of coverage for long: once more later. */
  | "unreachable"
  /** This address can never receive on this channel. */
  | "bad_address"
  /** The person told the carrier to stop. */
  | "opted_out"
  /** The content was refused: the same text fails for everybody. */
  | "refused"
  /** Our account or settings are at fault: staff must act. */
  | "misconfigured"
  /** Outside WhatsApp's service window and without an approved template. */
  | "window_closed"
  /** The carrier may or may not have taken it: look up before sending again. */
  | "unknown_outcome";

export type Receipt = {
  /** Our message id where the carrier hands it back, else undefined and `providerId` identifies it. */
  readonly messageId?: string;
  readonly providerId?: string;
  /** ISO 8601 where the carrier tells. */
  readonly at?: string;
} & (
  | { readonly status: "sending" | "sent" | "delivered" | "read" }
  | {
      readonly status: "failed" | "undelivered";
      readonly failure: SendFailure;
      /** The carrier's own code, for staff and for support. */
      readonly code?: string;
      /** One sentence in words that staff can act on. */
      readonly detail: string;
      readonly retryAfterMs?: number;
    }
);

/** The channel stands on the arrival because one webhook may serve two (Twilio's SMS and WhatsApp). */
export type Arrival =
  | { readonly kind: "message"; readonly channel: ChannelName; readonly message: InboundMessage }
  | { readonly kind: "receipt"; readonly channel: ChannelName; readonly receipt: Receipt };

/** A carrier's HTTP request as it came: `url` is path and query, header names are lower case. */
export interface WebhookRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface WebhookReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface Webhook {
  /** The channel that registered it; what arrives says for itself which channel it belongs to. */
  readonly channel: ChannelName;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Verifies and parses. Throws only {@link ForgedRequest} (answered 403) and {@link BadRequest} (400). */
  receive(request: WebhookRequest): { readonly arrivals: readonly Arrival[]; readonly reply: WebhookReply };
}

/** The request does not carry the carrier's signature. Answered 403, never processed. */
export class ForgedRequest extends Error {}
/** Signed, but without the fields that the carrier's documentation promises. Answered 400. */
export class BadRequest extends Error {}

/** What the adapters write to; pino's logger fits. Never a token, a signature or a citizen's words. */
export interface Log {
  debug(data: object, words: string): void;
  info(data: object, words: string): void;
  warn(data: object, words: string): void;
  error(data: object, words: string): void;
}

/** What an adapter is given from outside: it has no clock, no chance and no environment of its own. */
export interface Surroundings {
  /** The address that carriers call and sign, without a slash at its end. */
  readonly publicUrl: string;
  /** A keyed hash of a text, in hexadecimal or base64url: proves that a status callback is for our message. */
  readonly mac: (text: string) => string;
  readonly clock: () => Date;
  readonly log: Log;
}

/** The whole seam. A new carrier implements this and registers itself in `channels/open.ts`. */
export interface Channel {
  readonly name: ChannelName;
  /** Which carrier: `twilio`, `cloud`, `web`, `slack`; shown to staff. */
  readonly carrier: string;
  readonly limits: {
    /** Characters in one message. */
    readonly textLength: number;
    /** Buttons or list rows shown natively; more, or 0, become a numbered list. */
    readonly choices: number;
    /** Sends per second that the carrier accepts. */
    readonly perSecond: number;
    /** Answers to people who wrote first and nothing else: no broadcasts. */
    readonly repliesOnly?: boolean;
  };
  readonly webhooks: readonly Webhook[];
  /** Hands one message over. Never throws: what went wrong is in the receipt. */
  send(message: OutboundMessage): Promise<Receipt>;
  /**
   * Settles a doubt: what the carrier has for this message since `since` (ISO 8601). "absent" means it certainly
   * was not taken; a receipt with `unknown_outcome` means that the carrier could not be asked. Missing where the
   * carrier has no list to ask.
   */
  lookUp?(message: OutboundMessage, since: string): Promise<Receipt | "absent">;
  /** Inbound messages since `since` (ISO 8601) from the carrier's own list, oldest first: after a stop. */
  missedSince?(since: string): AsyncIterable<InboundMessage>;
  /** For carriers that keep a connection instead of webhooks: starts it, and hands over what arrives. */
  connect?(arrive: (arrival: Arrival) => Promise<void>): Promise<void>;
  close?(): Promise<void>;
}
