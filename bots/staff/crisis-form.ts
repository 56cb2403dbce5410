import type { KnownBlock, ModalView, PlainTextOption } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { inLanguage, type Protocol } from "#flows";
import type { Crisis, StaffMember } from "#storage";
import { type Declaration, type Refused, titleOf } from "../crisis/index.ts";
import type { Unit } from "../unit.ts";
import { input, option, optionsOf } from "./inputs.ts";
import type { Form } from "./registry.ts";
import { section } from "./views.ts";

export const DECLARE_FORM = "crisis.declare";
export const SEVERITY_FORM = "crisis.severity";
export const NOTE_FORM = "crisis.note";
/** Tells of every change: the severities are the protocol's. */
export const PROTOCOL = "crisis.protocol";

const plain = (text: string) => ({ type: "plain_text" as const, text });

/** The form by which a crisis is declared; its severities belong to the chosen protocol. */
export function declareForm({ app }: Unit, staff: StaffMember, protocolId?: string): ModalView {
  const { protocols, deployment } = app.content;
  const title = (protocol: Protocol): string =>
    inLanguage(protocol.title, staff.language, deployment.defaultLanguage);
  const all = [...protocols.values()].map((protocol) => option(title(protocol), protocol.id));
  const chosen = protocolId === undefined ? undefined : protocols.get(protocolId);
  const initial = all.find(({ value }) => value === chosen?.id);
  return {
    type: "modal",
    callback_id: DECLARE_FORM,
    title: plain("Declare a crisis"),
    submit: plain("Declare"),
    close: plain("Cancel"),
    blocks: [
      input({
        id: PROTOCOL,
        label: "What is it?",
        live: true,
        element: {
          type: "static_select",
          action_id: PROTOCOL,
          options: optionsOf(all),
          ...(initial ? { initial_option: initial } : {}),
        },
      }),
      ...(chosen ? severityBlocks(chosen) : []),
      input({
        id: "mode",
        label: "Is it real?",
        hint: "This cannot be changed later. A drill reaches neither the public nor the media.",
        element: {
          type: "radio_buttons",
          action_id: "mode",
          options: [option("🔴 LIVE: it is happening", "live"), option("🔵 EXERCISE: a drill", "drill")],
        },
      }),
      input({
        id: "place",
        label: "Where?",
        hint: "Names of places as people know them: they stand in the statement.",
        element: { type: "plain_text_input", action_id: "place", max_length: 200 },
      }),
      input({
        id: "wards",
        label: "Affected wards",
        hint: "The public of these wards is warned.",
        optional: true,
        element: {
          type: "multi_static_select",
          action_id: "wards",
          options: optionsOf(
            Array.from({ length: deployment.wards }, (_, n) => option(`Ward ${n + 1}`, String(n + 1))),
          ),
        },
      }),
      input({
        id: "title",
        label: "Title",
        optional: true,
        hint: "Short, for staff and media. Empty: the protocol's name.",
        element: { type: "plain_text_input", action_id: "title", max_length: 120 },
      }),
    ],
  };
}

function severityBlocks(protocol: Protocol, level?: number): readonly KnownBlock[] {
  const levels: PlainTextOption[] = protocol.severities.map((severity) =>
    option(`${severity.level}  ${severity.title}`, String(severity.level)),
  );
  const initial = levels.find(({ value }) => value === String(level));
  return [
    section(
      protocol.severities
        .map(
          (severity) =>
            `*${severity.level} ${escapeMrkdwn(severity.title)}*: ${escapeMrkdwn(severity.criteria)}`,
        )
        .join("\n"),
    ),
    input({
      // Another protocol has other severities: an old choice must not stay.
      id: `severity.${protocol.id}`,
      label: "How bad is it?",
      hint: "When unsure, take the worse.",
      element: {
        type: "radio_buttons",
        action_id: "severity",
        options: levels,
        ...(initial ? { initial_option: initial } : {}),
      },
    }),
  ];
}

/** What the form says. A severity that was not chosen is 0, which no protocol has. */
export function declarationOf(form: Form): Declaration {
  const protocol = form.choice(PROTOCOL) ?? "";
  return {
    protocol,
    severity: Number(form.choice(`severity.${protocol}`) ?? 0),
    title: form.text("title"),
    place: form.text("place"),
    wards: form.choices("wards").map(Number),
    mode: form.choice("mode") === "live" ? "live" : "drill",
  };
}

/** The input that a refusal is about. */
export function blockOf({ code, words }: Refused, protocol: string): string {
  if (code === "unknown_severity") return `severity.${protocol}`;
  if (code === "no_area") return words.startsWith("Name the place") ? "place" : "wards";
  return code === "no_title" ? "title" : PROTOCOL;
}

export const severityForm = (crisis: Crisis): ModalView => ({
  type: "modal",
  callback_id: SEVERITY_FORM,
  private_metadata: `${crisis.id}:${crisis.definition.id}`,
  title: plain("Update severity"),
  submit: plain("Update"),
  close: plain("Cancel"),
  blocks: [
    section(`*${escapeMrkdwn(titleOf(crisis))}*`),
    ...severityBlocks(crisis.definition, crisis.severity),
  ],
});

export const noteForm = (crisis: Crisis): ModalView => ({
  type: "modal",
  callback_id: NOTE_FORM,
  private_metadata: crisis.id,
  title: plain("Add a note"),
  submit: plain("Add"),
  close: plain("Cancel"),
  blocks: [
    section(`*${escapeMrkdwn(titleOf(crisis))}*`),
    input({
      id: "note",
      label: "What happened, what was decided",
      hint: "It stays on the timeline, with your name and the time.",
      element: { type: "plain_text_input", action_id: "note", multiline: true, max_length: 1000 },
    }),
  ],
});
