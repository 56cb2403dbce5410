import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import {
  BROADCAST_LIMITS,
  type BroadcastDraft,
  type BroadcastFinding,
  isSigned,
  type MessageClass,
  type Risk,
  VALUE_LIMITS,
  type ValueDeclaration,
} from "#flows";
import { findConsultation, listGroups } from "#storage";
import {
  assess,
  CLASS_WORDS,
  cappedWords,
  channelName,
  costWords,
  type Estimate,
  encodingWords,
  estimateLive,
  filledDraft,
  findingLines,
  findingsOf,
  languageName,
  missedWords,
  number,
  previewBlocks,
  previewOf,
  reachWords,
  riskWords,
} from "../broadcast/index.ts";
import type { Unit } from "../unit.ts";
import { button, input, option, optionsOf } from "./inputs.ts";
import type { Form } from "./registry.ts";
import { context, divider, section } from "./views.ts";

export const BROADCAST_FORM = "broadcast_form";
/** Every input that changes whom it reaches or what it costs. */
export const LIVE = "broadcast_live";
export const TEMPLATE = "broadcast_template";

/** What the form carries along. */
export interface FormMeta {
  /** The broadcast that is being changed. */
  readonly id?: string;
  /** The consultation on which it reports: its participants are the audience. */
  readonly reportsOn?: string;
  /** The text that it was begun from; also in the block ids of the texts, so that choosing another replaces them. */
  readonly template?: string;
}

export const metaOf = (metadata: string): FormMeta => (metadata ? (JSON.parse(metadata) as FormMeta) : {});

const valueBlock = (name: string, { template = "" }: FormMeta): string => `value:${name}:${template}`;
const textBlock = (language: string, { template = "" }: FormMeta): string => `text:${language}:${template}`;

/** What stands in the form. */
export function draftOf(form: Form, meta: FormMeta, unit: Unit): BroadcastDraft {
  const { languages } = unit.app.content.deployment;
  const sendAt = form.moment("send_at")?.toISOString();
  const expiresAt = form.moment("expires_at")?.toISOString();
  const { template } = meta;
  const values = template ? unit.app.content.broadcasts.get(template)?.values : undefined;
  return {
    title: form.text("title"),
    texts: Object.fromEntries(
      languages
        .map(({ code }) => [code, form.text(textBlock(code, meta))] as const)
        .filter(([, text]) => text !== ""),
    ),
    audience: meta.reportsOn
      ? { participants: meta.reportsOn }
      : form.choice("who") === "everyone"
        ? { everyone: true }
        : {
            groups: form.choices("groups"),
            wards: form.choices("wards").map(Number),
            languages: form.choices("languages"),
          },
    channels: form.choices("channels"),
    messageClass: (form.choice("kind") as MessageClass | undefined) ?? "service",
    sensitive: form.choices("sensitive").length > 0,
    ...(sendAt ? { sendAt } : {}),
    ...(expiresAt ? { expiresAt } : {}),
    ...(template && values
      ? {
          template: {
            id: template,
            values: Object.fromEntries(
              Object.keys(values)
                .map((name) => [name, form.any(valueBlock(name, meta))] as const)
                .filter(([, given]) => given !== ""),
            ),
          },
        }
      : {}),
  };
}

/** Findings by the block that they are about. */
export function errorsOf(
  findings: readonly BroadcastFinding[],
  meta: FormMeta,
): Readonly<Record<string, string>> {
  const blocks = {
    title: "title",
    audience: "who",
    channels: "channels",
    sendAt: "send_at",
    expiresAt: "expires_at",
  } as const;
  const errors: Record<string, string> = {};
  for (const { part, language = "", value = "", words } of findings) {
    const block =
      part === "text" ? textBlock(language, meta) : part === "value" ? valueBlock(value, meta) : blocks[part];
    errors[block] = errors[block] ? `${errors[block]} ${words}` : words;
  }
  return errors;
}

/** The form with what `draft` says, and under it what sending that would mean. */
export async function broadcastForm(unit: Unit, written: BroadcastDraft, meta: FormMeta): Promise<ModalView> {
  const { content } = unit.app;
  const { deployment } = content;
  const { draft } = filledDraft(written, content);
  const reach = await estimateLive(unit.tx, draft, content, unit.now);
  const risk = await assess(unit, draft, reach, meta.id ?? unit.app.newId());
  const spoken = deployment.languages.filter(({ code }) => !isSigned(code));
  const texts = spoken.map(({ code, name }) =>
    input({
      id: textBlock(code, meta),
      label: code === deployment.defaultLanguage ? `Message in ${name}` : name,
      optional: code !== deployment.defaultLanguage,
      live: true,
      ...(code === deployment.defaultLanguage
        ? {
            hint: "{name|neighbour} becomes the person's name, {ward|your ward} what is known of them. Who has no text in their language gets this one.",
          }
        : {}),
      element: {
        type: "plain_text_input",
        action_id: LIVE,
        multiline: true,
        max_length: BROADCAST_LIMITS.text,
        dispatch_action_config: { trigger_actions_on: ["on_character_entered"] },
        ...(written.texts[code] ? { initial_value: written.texts[code] } : {}),
      },
    }),
  );
  return {
    type: "modal",
    callback_id: BROADCAST_FORM,
    private_metadata: JSON.stringify(meta),
    title: {
      type: "plain_text",
      text: meta.id ? "Change a broadcast" : meta.reportsOn ? "You said, we did" : "New broadcast",
    },
    submit: { type: "plain_text", text: "Ask for approval" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      ...templateChoice(unit, meta),
      input({
        id: "title",
        label: "Title",
        hint: "For staff; it is not sent.",
        element: {
          type: "plain_text_input",
          action_id: "title",
          max_length: BROADCAST_LIMITS.title,
          ...(draft.title ? { initial_value: draft.title } : {}),
        },
      }),
      ...kindInputs(draft),
      ...(await audienceInputs(unit, draft)),
      channelInput(unit, draft),
      ...valueInputs(unit, written, meta),
      ...texts,
      ...timeInputs(draft),
      divider,
      { type: "actions", elements: [button("broadcast_test", "Send me a test", meta.id ?? "new")] },
      ...(await meaning(unit, written, draft, reach, risk)),
    ],
  };
}

function templateChoice(unit: Unit, meta: FormMeta): KnownBlock[] {
  const templates = [...unit.app.content.broadcasts.values()];
  if (templates.length === 0 || meta.id) return [];
  const options = optionsOf(templates.map(({ id, title }) => option(title, id)));
  const chosen = options.find(({ value }) => value === meta.template);
  return [
    input({
      id: "template",
      label: "Begin from a text",
      hint: "Choosing one replaces the messages below.",
      optional: true,
      live: true,
      element: {
        type: "static_select",
        action_id: TEMPLATE,
        options,
        ...(chosen ? { initial_option: chosen } : {}),
      },
    }),
  ];
}

/** What the template asks for. */
function valueInputs(unit: Unit, { template }: BroadcastDraft, meta: FormMeta): KnownBlock[] {
  const values = meta.id || !template ? undefined : unit.app.content.broadcasts.get(template.id)?.values;
  const { defaultLanguage } = unit.app.content.deployment;
  return Object.entries(values ?? {}).map(([name, declared]) =>
    input({
      id: valueBlock(name, meta),
      label: declared.label,
      live: true,
      ...(declared.hint === undefined ? {} : { hint: declared.hint }),
      element: valueElement(declared, template?.values[name], defaultLanguage),
    }),
  );
}

function valueElement(
  { type, options = {} }: ValueDeclaration,
  given: string | undefined,
  language: string,
): InputBlock["element"] {
  const typed = { dispatch_action_config: { trigger_actions_on: ["on_character_entered" as const] } };
  switch (type) {
    case "date":
      return { type: "datepicker", action_id: LIVE, ...(given ? { initial_date: given } : {}) };
    case "time":
      return { type: "timepicker", action_id: LIVE, ...(given ? { initial_time: given } : {}) };
    case "number":
    case "money":
      return {
        type: "number_input",
        action_id: LIVE,
        is_decimal_allowed: true,
        ...typed,
        ...(given ? { initial_value: given } : {}),
      };
    case "choice": {
      const all = Object.entries(options).map(([id, words]) => option(words[language] ?? id, id));
      const initial = all.find(({ value }) => value === given);
      return {
        type: "static_select",
        action_id: LIVE,
        options: all,
        ...(initial ? { initial_option: initial } : {}),
      };
    }
    case "text":
      return {
        type: "plain_text_input",
        action_id: LIVE,
        max_length: VALUE_LIMITS.text,
        ...typed,
        ...(given ? { initial_value: given } : {}),
      };
  }
}

const CLASS_HINT = "An emergency goes out at any hour. A campaign is what people did not ask for.";

/** What kind of message it is, and how delicate: the approvals that it needs follow from it. */
function kindInputs({ messageClass = "service", sensitive = false }: BroadcastDraft): KnownBlock[] {
  const kinds = Object.entries(CLASS_WORDS).map(([value, words]) => option(words, value));
  const initial = kinds.find(({ value }) => value === messageClass);
  const delicate = option("This is delicate", "sensitive");
  return [
    input({
      id: "kind",
      label: "What kind of message",
      hint: CLASS_HINT,
      live: true,
      element: {
        type: "static_select",
        action_id: LIVE,
        options: kinds,
        ...(initial ? { initial_option: initial } : {}),
      },
    }),
    input({
      id: "sensitive",
      label: "Care",
      optional: true,
      live: true,
      element: {
        type: "checkboxes",
        action_id: LIVE,
        options: [delicate],
        ...(sensitive ? { initial_options: [delicate] } : {}),
      },
    }),
  ];
}

async function audienceInputs(unit: Unit, { audience }: BroadcastDraft): Promise<KnownBlock[]> {
  if (audience.participants) {
    const consultation = await findConsultation(unit.tx, audience.participants);
    return [section(`*To* those who took part in "${escapeMrkdwn(consultation?.title ?? "?")}".`)];
  }
  const { wards, languages } = unit.app.content.deployment;
  const who = [option("Everyone", "everyone"), option("Only some", "some")];
  const chosen = who[audience.everyone ? 0 : 1];
  const several = (
    id: string,
    label: string,
    all: readonly PlainTextOption[],
    initial: readonly string[] = [],
  ): KnownBlock[] => {
    const options = optionsOf(all);
    const chosenOptions = options.filter(({ value }) => value !== undefined && initial.includes(value));
    if (options.length === 0) return [];
    return [
      input({
        id,
        label,
        optional: true,
        live: true,
        element: {
          type: "multi_static_select",
          action_id: LIVE,
          options,
          ...(chosenOptions.length > 0 ? { initial_options: chosenOptions } : {}),
        },
      }),
    ];
  };
  const radio = input({
    id: "who",
    label: "To whom",
    live: true,
    element: {
      type: "radio_buttons",
      action_id: LIVE,
      options: who,
      ...(chosen ? { initial_option: chosen } : {}),
    },
  });
  if (audience.everyone) return [radio];
  const groups = await listGroups(unit.tx);
  const wardOptions = Array.from({ length: wards }, (_, index) =>
    option(`Ward ${index + 1}`, `${index + 1}`),
  );
  return [
    radio,
    ...several("wards", "In these wards", wardOptions, audience.wards?.map(String)),
    ...several(
      "groups",
      "In one of these groups",
      groups.map(({ name, members }) => option(`${name} (${number(members)})`, name)),
      audience.groups,
    ),
    ...several(
      "languages",
      "Who speak one of these languages",
      languages.map(({ code, name }) => option(name, code)),
      audience.languages,
    ),
  ];
}

/** Channels that are on and take more than replies, in the order in which they are preferred. */
export function broadcastChannels(unit: Unit): readonly string[] {
  const on = [...unit.app.channels.values()]
    .filter(({ limits }) => !limits.repliesOnly)
    .map(({ name }) => name);
  return (["whatsapp", "sms"] as const).filter((name) => on.includes(name));
}

function channelInput(unit: Unit, { channels }: BroadcastDraft): KnownBlock {
  const options = broadcastChannels(unit).map((name) => option(channelName(name), name));
  const initial = options.filter(({ value }) => value !== undefined && channels.includes(value));
  if (options.length === 0)
    return section(":warning: No channel is connected on which broadcasts can be sent.");
  return input({
    id: "channels",
    label: "On which channels",
    hint: "Each person gets it once: on WhatsApp if they wrote there within 24 hours, else by SMS.",
    live: true,
    element: {
      type: "checkboxes",
      action_id: LIVE,
      options,
      ...(initial.length > 0 ? { initial_options: initial } : {}),
    },
  });
}

function timeInputs({ sendAt, expiresAt }: BroadcastDraft): KnownBlock[] {
  const seconds = (at: string) => Math.floor(Date.parse(at) / 1000);
  return [
    input({
      id: "send_at",
      label: "When",
      hint: "Empty: as soon as it is approved.",
      optional: true,
      element: {
        type: "datetimepicker",
        action_id: "send_at",
        ...(sendAt ? { initial_date_time: seconds(sendAt) } : {}),
      },
    }),
    input({
      id: "expires_at",
      label: "Not after",
      hint: "What has not gone out by then is not sent. Empty: it never expires.",
      optional: true,
      element: {
        type: "datetimepicker",
        action_id: "expires_at",
        ...(expiresAt ? { initial_date_time: seconds(expiresAt) } : {}),
      },
    }),
  ];
}

/** What sending it now would mean: this part changes with every choice and letter. */
async function meaning(
  unit: Unit,
  written: BroadcastDraft,
  draft: BroadcastDraft,
  reach: Estimate,
  risk: Risk,
): Promise<KnownBlock[]> {
  const { deployment } = unit.app.content;
  const missed = [
    missedWords(reach.count),
    cappedWords(reach.capped, draft.messageClass ?? "service", deployment),
  ]
    .filter(Boolean)
    .join(" ");
  const lines = [
    `*Reaches* ${reachWords(reach.count)}`,
    ...(missed ? [missed] : []),
    `*Costs* ${reach.upTo ? "at most" : "about"} ${costWords(reach)}`,
    riskWords(risk),
  ];
  const texts = reach.texts.map((text) => textLine(text, deployment));
  const standIns = reach.standIns.map(
    ({ language, gets, people }) =>
      `${languageName(language, deployment)}: ${number(people)} get ${languageName(gets, deployment)}`,
  );
  const findings = (await findingsOf(unit, written, reach)).filter(
    ({ part, level }) => part === "text" && (level === "advise" || draftHasText(draft)),
  );
  const notes = findingLines(findings, deployment);
  const preview = await previewOf(unit, draft, reach.count.recipients);
  return [
    { ...section(lines.join("\n")), block_id: "meaning" },
    ...(texts.length > 0 ? [context(texts.join("\n"))] : []),
    ...(standIns.length > 0 ? [context(`No text of their own: ${standIns.join("; ")}`)] : []),
    ...previewBlocks(unit, draft, preview),
    ...(notes.length > 0 ? [context(notes.join("\n"))] : []),
  ];
}

const draftHasText = ({ texts }: BroadcastDraft): boolean => Object.keys(texts).length > 0;

/** `Afrikaans: 2 segments each for 512 people, UCS-2 because of ô (o), ê (e)` */
function textLine(
  { language, segments, upTo, people }: Estimate["texts"][number],
  deployment: Unit["app"]["content"]["deployment"],
): string {
  const left = segments.segments * segments.perSegment - segments.units;
  return [
    `*${languageName(language, deployment)}* ${upTo ? "up to " : ""}${segments.segments} SMS ${segments.segments === 1 ? "segment" : "segments"} each for ${number(people)}, room for ${left} more characters`,
    encodingWords(segments),
    ...(segments.segments > BROADCAST_LIMITS.segments ? ["consider a shorter text"] : []),
  ].join("; ");
}
