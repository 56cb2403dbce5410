import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { findCrisis, findStaff, listRunningCrises, may, type StaffMember } from "#storage";
import {
  acknowledge,
  addNote,
  cancelCrisis,
  changeSeverity,
  closeCrisis,
  declareCrisis,
  decline,
  giveAllClear,
  type Outcome,
  titleOf,
} from "../crisis/index.ts";
import type { Unit } from "../unit.ts";
import {
  blockOf,
  DECLARE_FORM,
  declarationOf,
  declareForm,
  NOTE_FORM,
  noteForm,
  PROTOCOL,
  SEVERITY_FORM,
  severityForm,
} from "./crisis-form.ts";
import { button } from "./inputs.ts";
import { type ActionAsked, type Answer, type Feature, whisper } from "./registry.ts";
import { context, section } from "./views.ts";

/** Crises: declared, answered, led and ended. */
export const crisisFeature: Feature = {
  commands: [
    {
      word: "crisis",
      help: "declare a crisis; `/saypro crisis list` shows what runs, `/saypro crisis cancel 12 why` takes one back",
      example: "/saypro crisis",
      opens: true,
      run: async (unit, { staff, rest }) => {
        const [word = "", ...more] = rest.trim().split(/\s+/);
        if (word.toLowerCase() === "cancel") return cancel(unit, staff, more);
        if (word === "" && may(staff, "crises.declare"))
          return { kind: "open", view: declareForm(unit, staff) };
        const running = await runningBlocks(unit, staff);
        return whisper("Crises", running.length > 0 ? running : [section("No crisis is running.")]);
      },
    },
  ],
  actions: {
    "crisis.new": {
      permission: "crises.declare",
      opens: true,
      looksOnly: true,
      run: async (unit, { staff }) => ({ kind: "open", view: declareForm(unit, staff) }),
    },
    [PROTOCOL]: {
      permission: "crises.declare",
      looksOnly: true,
      run: async (unit, { staff, value }) => ({ kind: "update", view: declareForm(unit, staff, value) }),
    },
    "crisis.acknowledge": {
      run: async (unit, { staff, value }) => told(await acknowledge(unit, staff, value, "slack")),
    },
    "crisis.decline": {
      run: async (unit, { staff, value }) => told(await decline(unit, staff, value, "slack")),
    },
    "crisis.all_clear": {
      permission: "crises.lead",
      run: async (unit, { staff, value }) => told(await giveAllClear(unit, staff, value)),
    },
    "crisis.close": {
      permission: "crises.lead",
      run: async (unit, { staff, value }) => told(await closeCrisis(unit, staff, value)),
    },
    "crisis.severity": {
      permission: "crises.lead",
      opens: true,
      looksOnly: true,
      run: (unit, asked) => open(unit, asked, severityForm),
    },
    "crisis.note": { opens: true, looksOnly: true, run: (unit, asked) => open(unit, asked, noteForm) },
  },
  views: {
    [DECLARE_FORM]: {
      permission: "crises.declare",
      run: async (unit, { staff, form }) => {
        if (form.choice("mode") === undefined)
          return { kind: "errors", errors: { mode: "Say whether it is real or an exercise." } };
        const declaration = declarationOf(form);
        const declared = await declareCrisis(unit, staff, declaration);
        if (!declared.ok)
          return { kind: "errors", errors: { [blockOf(declared, declaration.protocol)]: declared.words } };
        const { operations } = unit.app.content.deployment.slack;
        return whisper(escapeMrkdwn(`${declared.words} It is run in ${operations}.`));
      },
    },
    [SEVERITY_FORM]: {
      permission: "crises.lead",
      run: async (unit, { staff, form, metadata }) => {
        const [crisisId = "", protocol = ""] = metadata.split(":", 2);
        const level = Number(form.choice(`severity.${protocol}`) ?? 0);
        const changed = await changeSeverity(unit, staff, crisisId, level);
        return changed.ok ? { kind: "close" } : told(changed);
      },
    },
    [NOTE_FORM]: {
      run: async (unit, { staff, form, metadata }) => {
        const noted = await addNote(unit, staff, metadata, form.text("note"));
        if (noted.ok) return { kind: "close" };
        return noted.code === "no_reason" ? { kind: "errors", errors: { note: noted.words } } : told(noted);
      },
    },
  },
  home: async (unit, staff) => {
    const running = await runningBlocks(unit, staff);
    if (running.length === 0 && !may(staff, "crises.declare")) return [];
    return [
      section("*Crises*"),
      ...(running.length > 0 ? running : [context("None is running.")]),
      ...(may(staff, "crises.declare")
        ? [
            {
              type: "actions" as const,
              elements: [button("crisis.new", "Declare a crisis …", "new", "danger")],
            },
          ]
        : []),
    ];
  },
};

const told = ({ words }: Outcome): Answer => whisper(escapeMrkdwn(words));

async function open(unit: Unit, { value }: ActionAsked, form: typeof noteForm): Promise<Answer> {
  const crisis = await findCrisis(unit.tx, value);
  return crisis ? { kind: "open", view: form(crisis) } : whisper("This crisis is not there any more.");
}

/** `12 declared by mistake` or `C-12 …` */
async function cancel(unit: Unit, staff: StaffMember, words: readonly string[]): Promise<Answer> {
  const number = Number(/^(?:C-)?(\d+)$/i.exec(words[0] ?? "")?.[1]);
  const crisis = (await listRunningCrises(unit.tx)).find((running) => running.number === number);
  if (!crisis)
    return whisper(
      "Say which one and why: `/saypro crisis cancel 12 declared by mistake`. `/saypro crisis list` shows their numbers.",
    );
  return told(await cancelCrisis(unit, staff, crisis.id, words.slice(1).join(" ")));
}

async function runningBlocks(unit: Unit, staff: StaffMember): Promise<readonly KnownBlock[]> {
  const running = (await listRunningCrises(unit.tx)).slice(0, 10);
  const blocks: KnownBlock[] = [];
  for (const crisis of running) {
    const { owner, phase } = crisis.state;
    const holder = owner ? (await findStaff(unit.tx, owner))?.name : undefined;
    const state =
      phase === "standing_down" ? "all-clear given" : holder ? `${holder} has it` : "*nobody has it yet*";
    const sign = crisis.mode === "drill" ? ":large_blue_circle:" : ":red_circle:";
    blocks.push(
      section(
        `${sign} *${escapeMrkdwn(titleOf(crisis))}*  severity ${crisis.severity}\n${escapeMrkdwn(state)}`,
      ),
    );
    if (phase === "paging" && may(staff, "crises.lead"))
      blocks.push({
        type: "actions",
        elements: [button("crisis.acknowledge", "Acknowledge", crisis.id, "primary")],
      });
  }
  return blocks;
}
