import type { KnownBlock, ModalView, PlainTextOption } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import {
  countOpenEnquiries,
  findLiaison,
  findLiaisonByAddress,
  findVersion,
  type Liaison,
  listLiaisons,
  may,
  type ReceivedMessage,
  readSituation,
  retireLiaison,
  type StaffMember,
} from "#storage";
import { hear } from "../citizen/index.ts";
import { joinWords } from "../citizen/keywords.ts";
import { actions, button } from "../crisis/blocks.ts";
import type { Refused } from "../crisis/index.ts";
import { answerEnquiry, confirm, type Registration, registerLiaison } from "../media/index.ts";
import type { Unit } from "../unit.ts";
import { type Answer, actorOf, type Feature, type GuestAsked, whisper } from "./registry.ts";
import { context, note, section } from "./views.ts";

/** Slack takes 100 blocks in a modal. */
const MAX_LISTED = 90;
const CHANNELS = { sms: "SMS", whatsapp: "WhatsApp", slack: "Slack" } as const;
/** Kinds of our messages under which a liaison writes to us. */
const FOR_LIAISONS = ["statement", "enquiry_answer", "reply"];

/** Media liaisons: who they are, what they ask, what is answered; and what they do in Slack themselves. */
export const media: Feature = {
  commands: [
    {
      word: "media",
      help: "media liaisons; `/saypro media add` registers one",
      example: "/saypro media",
      opens: true,
      run: async (unit, { staff, rest }) => {
        if (rest.trim().toLowerCase() !== "add") return { kind: "open", view: await listView(unit, staff) };
        if (!may(staff, "liaisons.edit"))
          return whisper(
            "Your roles do not register liaisons: it takes a media liaison officer or an admin.",
          );
        return { kind: "open", view: formView(unit) };
      },
    },
  ],
  actions: {
    "liaison.list": {
      opens: true,
      looksOnly: true,
      run: async (unit, { staff }) => ({ kind: "open", view: await listView(unit, staff) }),
    },
    "liaison.add": {
      permission: "liaisons.edit",
      opens: true,
      looksOnly: true,
      run: async (unit) => ({ kind: "open", view: formView(unit) }),
    },
    "liaison.retire": {
      permission: "liaisons.edit",
      run: async (unit, { staff, value }) => retire(unit, staff, value),
    },
  },
  views: {
    "liaison.register": { permission: "liaisons.edit", run: (unit, asked) => register(unit, asked) },
  },
  threads: {
    enquiry: {
      permission: "enquiries.answer",
      run: async (unit, { parent, staff, text }) =>
        parent.ref === null ? undefined : whisper((await answerEnquiry(unit, parent.ref, staff, text)).words),
    },
  },
  home: async (unit, staff) => {
    if (!(may(staff, "enquiries.answer") || may(staff, "liaisons.edit"))) return [];
    const open = await countOpenEnquiries(unit.tx);
    const waiting = open === 1 ? "1 enquiry waits" : `${open} enquiries wait`;
    return [
      section(
        open === 0
          ? "*Media*: no enquiry is open."
          : `*Media*: ${waiting} for an answer, each in its thread in ${unit.app.content.deployment.slack.media}.`,
      ),
      actions(
        button("Media liaisons", "liaison.list", "list"),
        ...(may(staff, "liaisons.edit") ? [button("Register a liaison", "liaison.add", "add")] : []),
      ),
    ];
  },
  guestActions: { "liaison.acknowledge": (unit, asked) => acknowledge(unit, asked) },
  guestMessage: (unit, asked) => hearLiaison(unit, asked),
};

// ── Staff ───────────────────────────────────────────────────────────────────────────────────────────────

async function listView({ tx }: Unit, staff: StaffMember): Promise<ModalView> {
  const liaisons = await listLiaisons(tx);
  const edits = may(staff, "liaisons.edit");
  return note("Media liaisons", [
    ...(edits ? [actions(button("Register a liaison", "liaison.add", "add", { style: "primary" }))] : []),
    ...(liaisons.length === 0
      ? [section("Nobody is registered. Statements reach the public only, until somebody is.")]
      : []),
    ...liaisons.slice(0, MAX_LISTED).map((liaison) => lineOf(liaison, edits)),
    ...(liaisons.length > MAX_LISTED ? [context(`… and ${liaisons.length - MAX_LISTED} more.`)] : []),
  ]);
}

function lineOf(liaison: Liaison, edits: boolean): KnownBlock {
  const { id, outlet, beat, address, optedOut } = liaison;
  const parts = [escapeMrkdwn(outlet), beat && escapeMrkdwn(beat), address && whereOf(address)];
  const state = optedOut
    ? "\n:no_entry: said STOP: gets nothing before START"
    : address === null
      ? "\n:warning: no address works"
      : "";
  return {
    type: "section",
    text: {
      type: "mrkdwn",
      text: `*${escapeMrkdwn(liaison.name)}*, ${parts.filter(Boolean).join(", ")}${state}`,
    },
    ...(edits
      ? {
          accessory: button("Remove", "liaison.retire", id, {
            confirm: {
              title: "Remove this liaison?",
              text: `${liaison.name} gets no more statements. What was said stays on record.`,
              yes: "Remove",
            },
          }),
        }
      : {}),
  };
}

/** Enough to know it by, not enough to copy. */
function whereOf(address: string): string {
  const [channel = "", rest = ""] = address.split(":", 2);
  const name = CHANNELS[channel as keyof typeof CHANNELS] ?? channel;
  return channel === "slack" ? `${name} <@${rest}>` : `${name} …${rest.slice(-4)}`;
}

async function retire(unit: Unit, staff: StaffMember, id: string): Promise<Answer> {
  const liaison = await findLiaison(unit.tx, id);
  if (liaison?.active) {
    await retireLiaison(unit.tx, id);
    await unit.audit({
      actor: actorOf(staff),
      action: "liaison.retired",
      subject: `liaison:${id}`,
      data: { outlet: liaison.outlet },
    });
  }
  return { kind: "update", view: await listView(unit, staff) };
}

// ── Registering ─────────────────────────────────────────────────────────────────────────────────────────

const option = (value: string, text: string): PlainTextOption => ({
  value,
  text: { type: "plain_text", text },
});

function formView({ app }: Unit): ModalView {
  const { languages, defaultLanguage } = app.content.deployment;
  const spoken = languages.map(({ code, name }) => option(code, name));
  const usual = spoken.find(({ value }) => value === defaultLanguage);
  const on = Object.entries(CHANNELS).filter(([name]) => app.channels.has(name as keyof typeof CHANNELS));
  return {
    type: "modal",
    callback_id: "liaison.register",
    title: { type: "plain_text", text: "Register a liaison" },
    submit: { type: "plain_text", text: "Register" },
    close: { type: "plain_text", text: "Cancel" },
    blocks: [
      field("name", "Name", { max: 100 }),
      field("outlet", "Outlet", { max: 100, hint: "The newspaper, station or site." }),
      field("beat", "Beat", { max: 100, optional: true, hint: "What they write about." }),
      {
        type: "input",
        block_id: "language",
        label: { type: "plain_text", text: "Language" },
        element: {
          type: "static_select",
          action_id: "language",
          options: spoken,
          ...(usual ? { initial_option: usual } : {}),
        },
      },
      {
        type: "input",
        block_id: "channel",
        label: { type: "plain_text", text: "Channel" },
        element: {
          type: "radio_buttons",
          action_id: "channel",
          options: on.map(([value, name]) => option(value, name)),
        },
      },
      field("at", "Phone number or Slack member ID", {
        max: 40,
        hint: "082 123 4567, or the ID from their Slack profile (Copy member ID). Somebody who is registered already is brought up to date.",
      }),
    ],
  };
}

function field(
  id: string,
  label: string,
  { max, optional, hint }: { readonly max: number; readonly optional?: true; readonly hint?: string },
): KnownBlock {
  return {
    type: "input",
    block_id: id,
    label: { type: "plain_text", text: label },
    element: { type: "plain_text_input", action_id: id, max_length: max },
    ...(optional ? { optional } : {}),
    ...(hint === undefined ? {} : { hint: { type: "plain_text", text: hint } }),
  };
}

type Submitted = Parameters<NonNullable<Feature["views"]>[string]["run"]>[1];

async function register(unit: Unit, { staff, form }: Submitted): Promise<Answer> {
  const { app } = unit;
  const channel = form.choice("channel");
  const language = form.choice("language");
  if (!isChannel(channel) || !app.channels.has(channel))
    return { kind: "errors", errors: { channel: "Choose how they are reached." } };
  if (!app.content.deployment.languages.some(({ code }) => code === language))
    return { kind: "errors", errors: { language: "Choose one of these languages." } };
  const beat = form.text("beat");
  const registered = await registerLiaison(unit, staff, {
    name: form.text("name"),
    outlet: form.text("outlet"),
    channel,
    at: form.text("at"),
    ...(beat === "" ? {} : { beat }),
    ...(language === undefined ? {} : { language }),
  });
  if (!registered.ok) return { kind: "errors", errors: { [blockOf(registered)]: registered.words } };
  return whisper(escapeMrkdwn(registered.words));
}

const isChannel = (name: string | undefined): name is Registration["channel"] =>
  name !== undefined && name in CHANNELS;
const blockOf = ({ code }: Refused): string => (code === "no_title" ? "name" : "at");

// ── Liaisons in Slack ───────────────────────────────────────────────────────────────────────────────────

/** The button under a statement: it names its version. */
async function acknowledge(unit: Unit, { slackUserId, text }: GuestAsked): Promise<Answer> {
  const address = `slack:${slackUserId}`;
  const liaison = await findLiaisonByAddress(unit.tx, address);
  if (!liaison) return unregistered(unit);
  const version = await findVersion(unit.tx, text);
  if (!version?.releasedAt) return whisper("This statement is not out.");
  await confirm(unit, liaison, version, address);
  return { kind: "close" };
}

/**
 * What a liaison writes to the bot goes the way of every message from a phone: kept, STOP first, then the media desk.
 */
async function hearLiaison(unit: Unit, asked: GuestAsked): Promise<Answer | undefined> {
  if (asked.parent && !FOR_LIAISONS.includes(asked.parent.kind)) return undefined;
  const address = `slack:${asked.slackUserId}`;
  if (!(await findLiaisonByAddress(unit.tx, address))) return unregistered(unit);
  if (asked.text === "") return whisper("Only words can be passed on. Nothing was sent.");
  const message: ReceivedMessage = {
    id: unit.app.newId(),
    channel: "slack",
    providerId: asked.providerId,
    address,
    text: asked.text,
    extras: {},
  };
  const situation = await readSituation(unit.tx, message, joinWords(message.text), "new");
  if (situation) await hear({ unit, message, situation, keptBefore: false });
  return { kind: "close" };
}

function unregistered({ app }: Unit): Answer {
  return whisper(app.content.say("enquiry_unregistered", app.content.deployment.defaultLanguage));
}
