import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { findStaffByHandle, listStaff, may, ROLES, type StaffMember } from "#storage";
import { dutiesOf, type GivenMember, keepMember, powersOf } from "../team/index.ts";
import type { Unit } from "../unit.ts";
import { button, input, option } from "./inputs.ts";
import { type Answer, type Feature, type ViewAsked, whisper } from "./registry.ts";
import { context, note, section } from "./views.ts";

/** Slack takes 100 blocks in a modal. */
const MAX_LISTED = 90;

/** Who may do what: everybody may look, admins change it. */
export const teamFeature: Feature = {
  commands: [
    {
      word: "team",
      help: "who may do what, and who is called in a crisis",
      example: "/saypro team",
      opens: true,
      run: async (unit, { staff }) => ({ kind: "open", view: await listView(unit, staff) }),
    },
  ],
  actions: {
    "team.edit": {
      permission: "staff.edit",
      opens: true,
      looksOnly: true,
      run: async (unit, { value }) => ({
        kind: "open",
        view: formView(unit, await findStaffByHandle(unit.tx, value)),
      }),
    },
  },
  views: {
    "team.keep": { permission: "staff.edit", run: (unit, asked) => keep(unit, asked) },
  },
};

async function listView({ tx, app }: Unit, staff: StaffMember): Promise<ModalView> {
  const edits = may(staff, "staff.edit");
  const team = (await listStaff(tx)).filter(({ active }) => active);
  const held = new Set(team.flatMap(({ duties }) => duties));
  const vacant = dutiesOf(app.content.protocols.values()).filter((duty) => !held.has(duty));
  return note("The team", [
    ...(vacant.length > 0
      ? [section(`:warning: Protocols call somebody whom nobody is: ${vacant.join(", ")}`)]
      : []),
    ...(edits
      ? [{ type: "actions", elements: [button("team.edit", "Add somebody", "-", "primary")] } as KnownBlock]
      : []),
    ...team.slice(0, MAX_LISTED).map(
      (member): KnownBlock => ({
        type: "section",
        text: {
          type: "mrkdwn",
          text: `*${escapeMrkdwn(member.name)}* (${member.handle}): ${powersOf(member)}`,
        },
        ...(edits && member.id !== staff.id
          ? { accessory: button("team.edit", "Change", member.handle) }
          : {}),
      }),
    ),
    ...(team.length > MAX_LISTED ? [context(`… and ${team.length - MAX_LISTED} more.`)] : []),
  ]);
}

function formView({ app }: Unit, member: StaffMember | undefined): ModalView {
  const { languages, defaultLanguage } = app.content.deployment;
  const spoken = languages.map(({ code, name }) => option(name, code));
  const language = spoken.find(({ value }) => value === (member?.language ?? defaultLanguage));
  const roles = ROLES.map((role) => option(role.replaceAll("_", " "), role));
  const held = roles.filter(({ value }) => member?.roles.some((role) => role === value));
  const duties = dutiesOf(app.content.protocols.values());
  const text = (
    id: string,
    label: string,
    initial: string | null | undefined,
    hint?: string,
    optional = false,
  ) =>
    input({
      id,
      label,
      element: {
        type: "plain_text_input",
        action_id: id,
        max_length: 300,
        ...(initial ? { initial_value: initial } : {}),
      },
      ...(hint ? { hint } : {}),
      optional,
    });
  return {
    type: "modal",
    callback_id: "team.keep",
    private_metadata: member?.handle ?? "",
    title: { type: "plain_text", text: member ? "Change an entry" : "Add somebody" },
    submit: { type: "plain_text", text: "Save" },
    close: { type: "plain_text", text: "Cancel" },
    blocks: [
      ...(member ? [] : [text("handle", "Handle", "", "Short, as protocols write it: naledi")]),
      text("name", "Name", member?.name),
      text(
        "slack",
        "Slack member ID",
        member?.slackUserId,
        "From their profile, Copy member ID: it begins with U.",
        true,
      ),
      text("phone", "Phone number", member?.phone, "For calls in a crisis.", true),
      input({
        id: "language",
        label: "Language",
        element: {
          type: "static_select",
          action_id: "language",
          options: spoken,
          ...(language ? { initial_option: language } : {}),
        },
      }),
      input({
        id: "roles",
        label: "Roles",
        element: {
          type: "checkboxes",
          action_id: "roles",
          options: roles,
          ...(held.length > 0 ? { initial_options: held } : {}),
        },
        optional: true,
      }),
      text(
        "duties",
        "Duties",
        member?.duties.join(", "),
        duties.length > 0 ? `Protocols call: ${duties.join(", ")}` : "As protocols name them, with commas.",
        true,
      ),
      ...(member
        ? [
            input({
              id: "active",
              label: "Still here?",
              element: {
                type: "checkboxes",
                action_id: "active",
                options: [option(`${member.name} has left: may do nothing more`, "left")],
              },
              optional: true,
            }),
          ]
        : []),
    ],
  };
}

async function keep(unit: Unit, { staff, form, metadata }: ViewAsked): Promise<Answer> {
  const language = form.choice("language");
  const known = metadata === "" ? await findStaffByHandle(unit.tx, form.text("handle")) : undefined;
  if (known) return { kind: "errors", errors: { handle: `This is ${known.name}'s handle: choose another.` } };
  const given: GivenMember = {
    handle: metadata || form.text("handle"),
    name: form.text("name"),
    slack: form.text("slack"),
    phone: form.text("phone"),
    ...(language ? { language } : {}),
    roles: form.choices("roles"),
    duties: form
      .text("duties")
      .split(",")
      .filter((duty) => duty.trim() !== ""),
    active: !form.choices("active").includes("left"),
  };
  const kept = await keepMember(unit, staff, given);
  if (kept.ok) return whisper(escapeMrkdwn(kept.words));
  // A changed entry shows no handle: what is wrong with it stands at the name.
  const blockOf = (field: string): string => (field === "handle" && metadata ? "name" : field);
  return {
    kind: "errors",
    errors: Object.fromEntries(kept.faults.map(({ field, words }) => [blockOf(field), words])),
  };
}
