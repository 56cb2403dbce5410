import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { severityOf } from "#flows";
import {
  type Crisis,
  latestOfTimeline,
  listPaged,
  listVersionsOfCrisis,
  PRIORITY,
  type StatementVersion,
} from "#storage";
import type { Unit } from "../unit.ts";
import { actions, button, context, header, section } from "./blocks.ts";
import { nameOf, type People } from "./people.ts";
import { clockOf, referenceOf, titleOf } from "./words.ts";

/** Entries of the timeline that the summary shows. */
const RECENT = 6;

/** Posts the crisis's one message in the operations channel, or edits it in place. */
export async function showSummary(
  unit: Unit,
  crisis: Crisis,
  people: People,
  how: "post" | "edit" = "edit",
): Promise<void> {
  const { app } = unit;
  if (!app.channels.has("slack") || crisis.summaryMessageId === null) return;
  await unit.send([
    {
      ...(how === "post" ? { id: crisis.summaryMessageId } : { replaces: crisis.summaryMessageId }),
      to: `slack:${app.content.deployment.slack.operations}`,
      text: `${titleOf(crisis)}: ${phaseOf(crisis, people)}`,
      blocks: await summaryBlocks(unit, crisis, people),
      priority: PRIORITY.crisis,
      kind: "notice",
      ref: crisis.id,
    },
  ]);
}

function phaseOf(crisis: Crisis, people: People): string {
  switch (crisis.state.phase) {
    case "paging":
      return "nobody has it yet";
    case "acknowledged":
      return `${nameOf(people, crisis.state.owner)} has it`;
    case "standing_down":
      return "all-clear given, its statement is on its way";
    case "ended":
      return crisis.status === "cancelled" ? "cancelled" : "over";
  }
}

async function summaryBlocks(unit: Unit, crisis: Crisis, people: People): Promise<readonly KnownBlock[]> {
  const { tx, app } = unit;
  const { state, definition, mode } = crisis;
  const { deployment } = app.content;
  const clock = (moment: string): string => clockOf(moment, deployment);
  const severity = severityOf(definition, crisis.severity);
  const paged = await listPaged(tx, crisis.id);
  const versions = await listVersionsOfCrisis(tx, crisis.id);
  const recent = await latestOfTimeline(tx, crisis.id, RECENT);
  const over = state.phase === "ended";
  const sign = over ? ":white_check_mark:" : mode === "drill" ? ":large_blue_circle:" : ":red_circle:";
  const next = state.updateDueAt ? `Next update due ${clock(state.updateDueAt)}` : "No update is due";
  return [
    header(`${over ? "✅" : mode === "drill" ? "🔵" : "🔴"} ${titleOf(crisis)}`),
    section(
      [
        `${sign} *${escapeMrkdwn(phaseOf(crisis, people))}*`,
        `*Severity ${severity.level}, ${escapeMrkdwn(severity.title)}:* ${escapeMrkdwn(severity.criteria)}`,
        `*Where:* ${escapeMrkdwn(crisis.place ?? "not named")}${wardsOf(crisis)}`,
        `*Declared* ${clock(crisis.declaredAt)} by ${escapeMrkdwn(nameOf(people, crisis.declaredBy ?? undefined))}. ${next}.`,
      ].join("\n"),
    ),
    section(
      `*Called:* ${
        paged.map(({ name, status }) => `${PAGE_SIGNS[status]} ${escapeMrkdwn(name)}`).join(", ") ||
        "nobody yet"
      }`,
    ),
    section(`*Statements:* ${versions.map(statementLine).join("; ") || "none"}`),
    section(recent.map(({ at, words }) => `\`${clock(at)}\` ${escapeMrkdwn(words)}`).join("\n") || "…"),
    ...buttons(crisis),
    context(
      mode === "drill"
        ? `:large_blue_circle: EXERCISE ${referenceOf(crisis)}: nothing reaches the public or the media.`
        : `${referenceOf(crisis)}, live. Protocol: ${escapeMrkdwn(crisis.protocol)}.`,
    ),
  ];
}

const PAGE_SIGNS = {
  open: ":hourglass_flowing_sand:",
  acknowledged: ":white_check_mark:",
  declined: ":no_entry_sign:",
  closed: ":heavy_minus_sign:",
} as const;

const wardsOf = ({ audience }: Crisis): string =>
  audience.wards?.length ? ` (ward ${audience.wards.join(", ")})` : "";

const statementLine = ({ kind, version, status }: StatementVersion): string =>
  `${kind.replace("_", "-")} v${version} ${status.replace("_", " ")}`;

function buttons({ id, state, mode }: Crisis): readonly KnownBlock[] {
  const allClear = button("All-clear", "crisis.all_clear", id, {
    style: "danger",
    confirm: {
      title: mode === "drill" ? "End the EXERCISE?" : "Give the all-clear?",
      text: "Nobody is called any more. The all-clear statement is drafted and goes to approval; its release closes the crisis.",
      yes: "Give the all-clear",
    },
  });
  const tools = [
    button("Update severity", "crisis.severity", id),
    button("Add note", "crisis.note", id),
    button("New statement", "crisis.statement", id),
  ];
  switch (state.phase) {
    case "paging":
      return [
        actions(button("Acknowledge", "crisis.acknowledge", id, { style: "primary" }), ...tools, allClear),
      ];
    case "acknowledged":
      return [actions(button("Hand back", "crisis.decline", id), ...tools, allClear)];
    case "standing_down":
      return [
        actions(
          button("Add note", "crisis.note", id),
          button("New statement", "crisis.statement", id),
          button("Close", "crisis.close", id, {
            confirm: {
              title: "Close without waiting?",
              text: "The crisis ends now, whether or not its all-clear statement was released.",
              yes: "Close",
            },
          }),
        ),
      ];
    case "ended":
      return [];
  }
}
