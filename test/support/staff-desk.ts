import { type App as BoltApp, App as BoltClass, type Receiver, type ReceiverEvent } from "@slack/bolt";
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { v7 } from "uuid";
import type { App } from "../../bots/app.ts";
import { readConfig } from "../../bots/config.ts";
import { openReceipts } from "../../bots/receipts.ts";
import type { Feature } from "../../bots/staff/registry.ts";
import { registerStaffBot } from "../../bots/staff/staff-bot.ts";
import { fireOne, type TimerHandler } from "../../bots/timers.ts";
import type { Channel, ChannelName } from "../../channels/index.ts";
import { blockFaults, viewFaults } from "../../sandbox/slack/block-rules.ts";
import { type Entry, elementsOf, entered, valuesOf } from "../../sandbox/slack/inputs.ts";
import type { Block, Values } from "../../sandbox/world.ts";
import { type Db, openSecrets, type Role, rows, type StaffMember, upsertStaff } from "../../storage/index.ts";
import { type Content, loadContent } from "../../templates/index.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";

/** A call of Slack's Web API or of a response address (`respond`), as the product made it. */
export interface SlackCall {
  readonly method: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A view as the product wrote it, with the id that Slack gave it. */
export interface ShownView {
  readonly id: string;
  readonly callback_id?: string;
  readonly private_metadata?: string;
  readonly blocks: readonly Block[];
}

/** A message that the product posted or edited in Slack. */
export interface SlackPost {
  readonly id: string;
  readonly address: string;
  readonly kind: string;
  readonly ref: string | null;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly replaces: string | null;
  readonly thread: string | null;
  readonly providerId: string;
}

export interface Desk {
  readonly app: App;
  readonly db: Db;
  readonly staff: Readonly<Record<string, StaffMember>>;
  /** Everything that was logged, as JSON. */
  readonly logged: readonly string[];
  /** Each returns what the product called meanwhile. `again`: the same payload once more, as Slack repeats it. */
  command(who: string, text: string): Promise<Answered>;
  click(who: string, actionId: string, value: string, where?: string | ShownView): Promise<Answered>;
  /** Enters something in a modal's input that tells of every change. */
  change(who: string, view: ShownView, entries: Entries): Promise<Answered>;
  submit(who: string, view: ShownView, entries?: Entries): Promise<Answered>;
  /** A message in Slack; in a thread when `thread` (providerId) is given. */
  say(who: string, channel: string, text: string, thread?: string, more?: object): Promise<Answered>;
  openHome(who: string): Promise<Answered>;
  /** Plays the dispatcher for Slack: what was queued counts as posted. Returns it, oldest first. */
  posts(): Promise<readonly SlackPost[]>;
  /** Runs timers that are due until none is. */
  fire(): Promise<void>;
  audit(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export type Entries = Readonly<Record<string, Entry>>;

export interface Answered {
  readonly calls: readonly SlackCall[];
  /** What was acknowledged: for a submission its `response_action`. */
  readonly ack: unknown;
  /** Text of what only the person sees: a note beside the message, or in place of the modal. */
  readonly whisper: string | undefined;
  /** The modal that was opened or changed. */
  readonly view: ShownView | undefined;
  again(): Promise<Answered>;
}

export interface DeskOptions {
  readonly features: readonly Feature[];
  readonly timers?: Readonly<Record<string, TimerHandler>>;
  /** Handles with their roles. */
  readonly staff: Readonly<Record<string, readonly Role[]>>;
  readonly content?: (content: Content) => Content;
}

const TEAM = "T0TOWN";
const templates = new URL("../../templates", import.meta.url).pathname;

/** Slack user of a handle. */
export const slackUser = (handle: string): string => `U0${handle.toUpperCase()}`;

const channel = (name: ChannelName, limits: Partial<Channel["limits"]> = {}): Channel => ({
  name,
  carrier: "test",
  limits: { textLength: 1600, choices: 0, perSecond: 100, ...limits },
  webhooks: [],
  send: async () => ({ status: "sent" }),
});

/** The staff bot on a real Bolt app and an embedded database, with Slack's side played by the test. */
export async function openDesk({ features, timers = {}, staff, content }: DeskOptions): Promise<Desk> {
  const database: TestDatabase = await openTestDatabase();
  const loaded = await loadContent(templates);
  const logged: string[] = [];
  const app: App = {
    config: readConfig({ SANDBOX: "true" }),
    database,
    receipts: openReceipts(database, pino({ level: "silent" })),
    bell: { ring: async () => {}, answer: () => {}, ping: async () => {}, close: async () => {} },
    content: content ? content(loaded) : loaded,
    channels: new Map((["sms", "whatsapp", "slack"] as const).map((name) => [name, channel(name)])),
    secrets: openSecrets("ab".repeat(32)),
    log: pino({ level: "debug" }, { write: (line: string) => void logged.push(line) }),
    clock: () => new Date(),
    newId: () => v7(),
  };
  const { db } = database;
  const people = await upsertStaff(
    db,
    Object.entries(staff).map(([handle, roles]) => ({
      id: v7(),
      name: `${handle[0]?.toUpperCase()}${handle.slice(1)}`,
      slackUserId: slackUser(handle),
      phone: null,
      language: "en",
      roles,
      handle,
      duties: [],
      active: true,
    })),
  );

  const calls: SlackCall[] = [];
  let views = 0;
  let triggers = 0;
  const bolt = openBolt((call) => {
    calls.push(call);
    const { view } = call.arguments as { view?: ShownView };
    if (view) {
      const faults = viewFaults(view, call.method === "views.publish" ? "home" : "modal");
      if (faults.length > 0) return { ok: false, error: `invalid_arguments: ${faults.join("; ")}` };
      views += 1;
      return { ok: true, view: { id: String(call.arguments.view_id ?? `V${views}`), hash: `h${views}` } };
    }
    return { ok: true };
  });
  registerStaffBot(app, bolt, features);

  const process = async (body: Record<string, unknown>): Promise<Answered> => {
    const from = calls.length;
    let ack: unknown;
    await bolt.processEvent({
      body,
      ack: async (response: unknown) => {
        ack ??= response;
      },
    } as ReceiverEvent);
    const made = calls.slice(from);
    return { calls: made, ack, ...shownBy(made, ack, `V${views}`), again: () => process(body) };
  };
  const user = (who: string) => ({ id: slackUser(who), team_id: TEAM, name: who });
  const interaction = (who: string) => {
    triggers += 1;
    return {
      team: { id: TEAM, domain: "town" },
      user: user(who),
      api_app_id: "A0",
      token: "t",
      trigger_id: `trigger${triggers}`,
    };
  };
  const ofView = (view: ShownView, values: Values) => ({
    ...view,
    type: "modal",
    hash: `hash${triggers}`,
    state: { values },
    private_metadata: view.private_metadata ?? "",
  });

  return {
    app,
    db,
    logged,
    staff: Object.fromEntries(people.map((person) => [person.handle, person])),
    command: (who, text) => {
      triggers += 1;
      return process({
        command: "/saypro",
        text,
        user_id: slackUser(who),
        team_id: TEAM,
        channel_id: "C0GENERAL",
        trigger_id: `trigger${triggers}`,
        response_url: "https://hooks.slack.test/respond",
      });
    },
    click: (who, actionId, value, where) =>
      process({
        type: "block_actions",
        ...interaction(who),
        actions: [
          {
            type: "button",
            action_id: actionId,
            block_id: "b",
            value,
            action_ts: `${Date.now()}.${triggers}`,
          },
        ],
        ...(typeof where === "object"
          ? { container: { type: "view", view_id: where.id }, view: ofView(where, valuesOf(where.blocks)) }
          : where === "home"
            ? {
                container: { type: "view" },
                view: { id: "VHOME", type: "home", hash: `h${triggers}`, state: { values: {} } },
              }
            : {
                channel: { id: where?.split(":")[0] ?? "C0GENERAL" },
                message: { ts: where?.split(":")[1] ?? "1.1" },
                container: { type: "message" },
                response_url: "https://hooks.slack.test/respond",
              }),
      }),
    change: (who, view, entries) => {
      const values = filled(view, entries);
      const [block = ""] = Object.keys(entries).slice(-1);
      const [[actionId = "", state] = []] = Object.entries(values[block] ?? {});
      return process({
        type: "block_actions",
        ...interaction(who),
        actions: [{ ...state, action_id: actionId, block_id: block, action_ts: `${Date.now()}.${triggers}` }],
        container: { type: "view", view_id: view.id },
        view: ofView(view, values),
      });
    },
    submit: (who, view, entries = {}) =>
      process({ type: "view_submission", ...interaction(who), view: ofView(view, filled(view, entries)) }),
    say: (who, where, text, thread, more = {}) => {
      triggers += 1;
      return process({
        type: "event_callback",
        team_id: TEAM,
        event_id: `Ev${triggers}`,
        event: {
          type: "message",
          user: slackUser(who),
          channel: where,
          channel_type: where.startsWith("D") ? "im" : "channel",
          text,
          ts: `17000${triggers}.000100`,
          ...(thread ? { thread_ts: thread.split(":")[1] } : {}),
          ...more,
        },
      });
    },
    openHome: (who) =>
      process({
        type: "event_callback",
        team_id: TEAM,
        event_id: `EvH${v7()}`,
        event: { type: "app_home_opened", user: slackUser(who), channel: "D0", tab: "home" },
      }),
    posts: () => deliver(db),
    fire: async () => {
      while (await fireOne(app, timers));
    },
    audit: async () =>
      (await rows<{ action: string }>(db, sql`select action from audit_log order by seq`)).map(
        (r) => r.action,
      ),
    close: () => database.close(),
  };
}

function openBolt(answer: (call: SlackCall) => object): BoltApp {
  const receiver: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };
  return new BoltClass({
    receiver,
    authorize: async () => ({ botToken: "xoxb-test", botId: "B0BOT", botUserId: "U0BOT" }),
    clientOptions: {
      retryConfig: { retries: 0 },
      fetch: async (url: string | URL | Request, init?: RequestInit) => {
        const { pathname, hostname } = new URL(url instanceof Request ? url.url : url);
        const respond = hostname.startsWith("hooks");
        const reply = answer({
          method: respond ? "respond" : pathname.replace(/^.*\//, ""),
          arguments: respond
            ? (JSON.parse(String(init?.body)) as SlackCall["arguments"])
            : decode(init?.body),
        });
        return new Response(JSON.stringify(reply), { headers: { "content-type": "application/json" } });
      },
    },
  });
}

/** A form, some of whose values are JSON. */
function decode(body: unknown): Readonly<Record<string, unknown>> {
  const text = body instanceof URLSearchParams ? body : new URLSearchParams(String(body));
  return Object.fromEntries(
    [...text].map(([key, value]) => [key, /^[[{]/.test(value) ? (JSON.parse(value) as unknown) : value]),
  );
}

function filled(view: ShownView, entries: Entries): Values {
  const values: Record<string, Record<string, Readonly<Record<string, unknown>>>> = {
    ...(valuesOf(view.blocks) as Record<string, Record<string, Readonly<Record<string, unknown>>>>),
  };
  for (const [blockId, entry] of Object.entries(entries)) {
    const block = view.blocks.find((b) => b.block_id === blockId);
    const [element] = block ? elementsOf(block) : [];
    if (!element?.action_id)
      throw new Error(
        `no input ${blockId}; there are ${view.blocks
          .map((b) => b.block_id)
          .filter(Boolean)
          .join(", ")}`,
      );
    values[blockId] = { [element.action_id]: entered(element, entry) };
  }
  return values;
}

function shownBy(
  calls: readonly SlackCall[],
  ack: unknown,
  viewId: string,
): { readonly whisper: string | undefined; readonly view: ShownView | undefined } {
  const acknowledged = (ack as { view?: ShownView } | undefined)?.view;
  const called = calls.findLast(({ method }) => /views\.(open|push|update)/.test(method))?.arguments as
    | { view: ShownView; view_id?: string }
    | undefined;
  const view = acknowledged
    ? { ...acknowledged, id: viewId }
    : called && { ...called.view, id: called.view_id ?? viewId };
  const beside = calls.find(({ method }) => method === "respond" || method === "chat.postEphemeral");
  const note = view && !view.callback_id ? textOf(view.blocks) : undefined;
  return {
    whisper: beside ? String(beside.arguments.text) : note,
    view: view?.callback_id ? view : undefined,
  };
}

/** All words of some blocks or of a view, one line each. */
export function textOf(blocks: unknown): string {
  const words: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    if (typeof value !== "object" || value === null) return;
    const {
      text,
      elements,
      fields,
      label,
      description,
      options,
      element,
      blocks: inner,
    } = value as Record<string, unknown>;
    if (typeof text === "string") words.push(text);
    for (const part of [text, label, description, elements, fields, options, element, inner]) walk(part);
  };
  walk(blocks);
  return words.join("\n");
}

/** Every button of some blocks: action_id → value. */
export function buttonsOf(blocks: readonly Block[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    blocks
      .flatMap((block) => elementsOf(block))
      .filter(({ type }) => type === "button")
      .map((element) => [String(element.action_id), String(element.value)]),
  );
}

async function deliver(db: Db): Promise<readonly SlackPost[]> {
  const posts = await rows<SlackPost>(
    db,
    sql`
    with posted as (
      update messages m set status = 'delivered',
        provider_id = coalesce((select o.provider_id from messages o where o.id = (m.extras->>'replaces')::uuid),
          'C' || substr(md5(address), 1, 8) || ':' || substr(md5(m.id::text), 1, 10))
      where channel = 'slack' and direction = 'out' and status = 'queued' returning *)
    select id, address, kind, ref, text, coalesce(extras->'blocks', '[]') as blocks, extras->>'replaces' as replaces,
      extras->>'thread' as thread, provider_id as "providerId" from posted order by id`,
  );
  for (const { blocks, text } of posts) {
    const faults = blocks.length > 0 ? blockFaults(blocks, "message") : [];
    if (faults.length > 0) throw new Error(`Slack would refuse "${text}": ${faults.join("; ")}`);
  }
  return posts;
}
