import type { Snapshot } from "./control/snapshot.ts";
import type { Entries, Outcome, Place } from "./slack/people.ts";
import type { Knobs, Phone, PhoneChannel, Post, SlackChannel, Text, TextStatus, View } from "./world.ts";

export type { Snapshot } from "./control/snapshot.ts";
export type { Entries, Outcome, Place } from "./slack/people.ts";
export type * from "./world.ts";

/** The words of a refusal, and its HTTP status. */
export class SandboxRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Credentials {
  readonly url: string;
  /** The product's environment, ready to be used. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface TextFilter {
  readonly channel?: PhoneChannel;
  readonly direction?: "in" | "out";
  readonly since?: string;
  readonly contains?: string;
  /** Also what is under way or failed. */
  readonly all?: boolean;
}

export interface Says {
  readonly channel?: PhoneChannel;
  readonly text?: string;
  /** Id or title of a button or list row. */
  readonly choose?: string;
  readonly location?: { readonly latitude: number; readonly longitude: number; readonly label?: string };
  readonly photo?: { readonly contentType: string; readonly base64: string };
}

export interface Summary {
  readonly total: number;
  readonly statuses: Readonly<Partial<Record<TextStatus, number>>>;
  readonly different: number;
  readonly duplicates: number;
  readonly duplicated: readonly { readonly phone: string; readonly times: number }[];
}

export interface PressRequest {
  readonly place?: Place;
  readonly actionId: string;
  readonly blockId?: string;
  readonly value?: string;
  readonly entry?: string | number | boolean | null | readonly string[];
}

export interface PostFilter {
  readonly channel?: string;
  readonly since?: string;
  readonly thread?: string;
  readonly contains?: string;
}

/** A person with a phone. */
export interface PhoneClient {
  say(says: string | Says): Promise<Text>;
  messages(filter?: TextFilter): Promise<readonly Text[]>;
  /** The newest text from the municipality that contains `words`; waits for it. */
  receives(words: string, filter?: TextFilter & { readonly timeoutMs?: number }): Promise<Text>;
  read(): Promise<void>;
}

/** A member of staff in front of Slack. */
export interface SlackClient {
  channels(): Promise<readonly SlackChannel[]>;
  messages(filter?: PostFilter): Promise<readonly Post[]>;
  /** The newest message that contains `words` anywhere in its text or blocks; waits for it. */
  sees(words: string, filter?: PostFilter & { readonly timeoutMs?: number }): Promise<Post>;
  write(channel: string, text: string, threadTs?: string): Promise<Outcome & { readonly ts?: string }>;
  command(line: string, channel?: string): Promise<Outcome>;
  press(request: PressRequest): Promise<Outcome>;
  home(): Promise<View | null>;
  openHome(): Promise<Outcome & { readonly view: View | null }>;
  modal(): Promise<View | null>;
  /** Waits for a modal whose title or blocks contain `words`. */
  seesModal(words?: string, timeoutMs?: number): Promise<View>;
  fill(values: Entries): Promise<Outcome>;
  submit(values?: Entries): Promise<Outcome & { readonly view: View | null }>;
  closeModal(all?: boolean): Promise<Outcome>;
}

export interface SandboxClient {
  credentials(): Promise<Credentials>;
  knobs(): Promise<Knobs>;
  turn(knobs: Partial<Knobs>): Promise<Knobs>;
  calm(): Promise<Knobs>;
  state(): Promise<Snapshot>;
  phones(): Promise<readonly Phone[]>;
  addPhone(phone: Pick<Phone, "number" | "name" | "channels">): Promise<Phone>;
  phone(number: string): PhoneClient;
  slack(user: string): SlackClient;
  texts(filter?: TextFilter): Promise<{ readonly count: number; readonly texts: readonly Text[] }>;
  summary(filter?: TextFilter): Promise<Summary>;
  verifyWhatsApp(): Promise<{ readonly ok: boolean; readonly status: number }>;
  verifySlack(): Promise<{ readonly ok: boolean; readonly status: number }>;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const PAUSE_MS = 50;

/** Drives a sandbox over HTTP. `url` is the sandbox's or the product's address, without `/sandbox`. */
export function openClient(url: string): SandboxClient {
  const ask = async <T>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: object,
  ): Promise<T> => {
    const response = await fetch(`${url}/sandbox/api${path}`, {
      method,
      ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}),
    });
    const answer = (await response.json()) as T & { error?: string };
    if (!response.ok)
      throw new SandboxRefusal(response.status, answer?.error ?? `answered ${response.status}`);
    return answer;
  };
  const query = (values: object): string => {
    const given = Object.entries(values).filter(([key, v]) => v !== undefined && key !== "timeoutMs");
    return given.length > 0 ? `?${new URLSearchParams(given.map(([k, v]) => [k, String(v)]))}` : "";
  };

  const phone = (number: string): PhoneClient => {
    const base = `/phones/${encodeURIComponent(number)}`;
    const messages = (filter: TextFilter = {}) =>
      ask<readonly Text[]>("GET", `${base}/messages${query(filter)}`);
    return {
      say: (says) => ask("POST", `${base}/messages`, typeof says === "string" ? { text: says } : says),
      messages,
      receives: (words, filter = {}) =>
        patiently(
          async () => (await messages({ direction: "out", contains: words, ...filter })).at(-1),
          async () => {
            const all = await messages({ all: true });
            const last = all
              .slice(-5)
              .map((t) => `${t.direction} ${t.status} ${t.error?.code ?? ""} ${t.body}`);
            return `${number} received nothing with "${words}"; last texts:\n${last.join("\n")}`;
          },
          filter.timeoutMs,
        ),
      read: async () => {
        await ask("POST", `${base}/read`, {});
      },
    };
  };

  const slack = (user: string): SlackClient => {
    const messages = (filter: PostFilter = {}) =>
      ask<readonly Post[]>("GET", `/slack/messages${query({ ...filter, user })}`);
    const modal = () => ask<View | null>("GET", `/slack/modal${query({ user })}`);
    return {
      channels: () => ask("GET", `/slack/channels${query({ user })}`),
      messages,
      sees: (words, filter = {}) =>
        patiently(
          async () => (await messages({ ...filter, contains: words })).at(-1),
          async () => {
            const last = (await messages(filter)).slice(-5).map((p) => `${p.channel} ${p.user}: ${p.text}`);
            return `${user} sees nothing with "${words}" in Slack; last messages:\n${last.join("\n")}`;
          },
          filter.timeoutMs,
        ),
      write: (channel, text, threadTs) =>
        ask("POST", "/slack/messages", { user, channel, text, ...(threadTs ? { threadTs } : {}) }),
      command: (line, channel) =>
        ask("POST", "/slack/commands", { user, line, ...(channel ? { channel } : {}) }),
      press: (request) => ask("POST", "/slack/actions", { user, ...request }),
      home: () => ask("GET", `/slack/home${query({ user })}`),
      openHome: () => ask("POST", "/slack/home", { user }),
      modal,
      seesModal: (words = "", timeoutMs) =>
        patiently(
          async () => {
            const view = await modal();
            return view && JSON.stringify([view.title, view.blocks]).includes(words) ? view : undefined;
          },
          async () =>
            `${user} sees no modal with "${words}" but ${JSON.stringify((await modal())?.title?.text ?? null)}`,
          timeoutMs,
        ),
      fill: (values) => ask("PUT", "/slack/modal", { user, values }),
      submit: (values = {}) => ask("POST", "/slack/modal/submit", { user, values }),
      closeModal: (all = false) => ask("POST", "/slack/modal/close", { user, all }),
    };
  };

  return {
    credentials: () => ask("GET", "/credentials"),
    knobs: () => ask("GET", "/knobs"),
    turn: (knobs) => ask("PUT", "/knobs", knobs),
    calm: () => ask("DELETE", "/knobs"),
    state: () => ask("GET", "/state"),
    phones: () => ask("GET", "/phones"),
    addPhone: (added) => ask("POST", "/phones", added),
    phone,
    slack,
    texts: (filter = {}) => ask("GET", `/texts${query(filter)}`),
    summary: (filter = {}) => ask("GET", `/texts/summary${query(filter)}`),
    verifyWhatsApp: () => ask("POST", "/whatsapp/verify", {}),
    verifySlack: () => ask("POST", "/slack/verify", {}),
  };
}

/** Asks again until there is an answer; after `timeoutMs` fails with the words of `otherwise`. */
async function patiently<T>(
  look: () => Promise<T | undefined>,
  otherwise: () => Promise<string>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() >= until) throw new Error(await otherwise());
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
