import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import type { Finding } from "#flows";
import {
  type Crisis,
  findStaff,
  listAcknowledgements,
  PRIORITY,
  type StatementVersion,
  wasQueued,
} from "#storage";
import type { Unit } from "../unit.ts";
import { actions, button, context, header, section } from "./blocks.ts";
import { crisisOf, findingsOf, reachInWords, reachOf } from "./statement-content.ts";
import { clockOf, referenceOf } from "./words.ts";

/** "Statement C-12 v2 (update)", with its mode. */
export function statementName(version: StatementVersion, crisis: Crisis | undefined): string {
  const drill = crisis?.mode === "drill" ? "EXERCISE " : "";
  const of = crisis ? `${referenceOf(crisis)} ` : "";
  return `${drill}Statement ${of}v${version.version} (${version.kind.replace("_", "-")})`;
}

/** The version's one message in the approvals channel: posted when first submitted, edited in place ever after. */
export async function showForApproval(unit: Unit, version: StatementVersion, note?: string): Promise<void> {
  const { tx, app } = unit;
  if (!app.channels.has("slack")) return;
  const crisis = await crisisOf(unit, version);
  const to = `slack:${app.content.deployment.slack.approvals}`;
  const posted = await wasQueued(tx, version.id);
  if (!posted && version.status === "draft") return;
  const text = `${statementName(version, crisis)}: ${version.status.replace("_", " ")}`;
  const base = { to, priority: PRIORITY.crisis, kind: "notice", ref: version.id } as const;
  await unit.send([
    {
      ...base,
      ...(posted ? { replaces: version.id } : { id: version.id }),
      text,
      blocks: await approvalBlocks(unit, version, crisis),
    },
    // An edit in place rings nobody's phone; a line in the thread does.
    ...(posted && note !== undefined ? [{ ...base, text: note, thread: version.id }] : []),
  ]);
}

async function approvalBlocks(
  unit: Unit,
  version: StatementVersion,
  crisis: Crisis | undefined,
): Promise<readonly KnownBlock[]> {
  const { tx, app } = unit;
  const { deployment } = app.content;
  const author = (await findStaff(tx, version.createdBy))?.name ?? "somebody";
  const drill = crisis?.mode === "drill";
  const embargo = version.embargoUntil
    ? `\n*Embargo:* nothing reaches anybody before ${clockOf(version.embargoUntil, deployment)}.`
    : "";
  return [
    header(`${drill ? "🔵" : "🔴"} ${statementName(version, crisis)}`),
    section(
      `*${escapeMrkdwn(version.title)}*, by ${escapeMrkdwn(author)}\n${await stateLine(unit, version, crisis)}${embargo}`,
    ),
    ...textBlocks(version, deployment.languages),
    ...findingBlocks(findingsOf(unit, version, crisis)),
    ...buttons(version),
    context(
      `Content \`${version.contentHash.slice(0, 12)}\`: an approval holds for exactly this text, audience and time.`,
    ),
  ];
}

async function stateLine(unit: Unit, version: StatementVersion, crisis: Crisis | undefined): Promise<string> {
  const { deployment } = unit.app.content;
  switch (version.status) {
    case "draft":
      return ":pencil2: A draft.";
    case "awaiting_approval":
      return `:hourglass_flowing_sand: Waits for a second person. It would reach ${reachInWords(await reachOf(unit, version, crisis))}.`;
    case "approved":
      return ":white_check_mark: Approved; it goes out when its embargo ends.";
    case "returned":
      return ":leftwards_arrow_with_hook: Returned to its author.";
    case "superseded":
      return ":heavy_minus_sign: Superseded by a later version.";
    case "released": {
      const confirmed = (await listAcknowledgements(unit.tx, version.id)).map(({ outlet }) =>
        escapeMrkdwn(outlet),
      );
      const media = confirmed.length > 0 ? ` Confirmed by ${confirmed.join(", ")}.` : "";
      return `:white_check_mark: Released at ${version.releasedAt ? clockOf(version.releasedAt, deployment) : "?"}.${media}`;
    }
  }
}

/** The exact text in each language, in the order in which the municipality names its languages. */
export function textBlocks(
  version: Pick<StatementVersion, "texts">,
  languages: readonly { readonly code: string; readonly name: string }[],
): readonly KnownBlock[] {
  return inOrder(Object.keys(version.texts), languages).map((code) => {
    const name = languages.find((language) => language.code === code)?.name ?? code;
    const quoted = escapeMrkdwn(version.texts[code] ?? "")
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n");
    return section(`*${escapeMrkdwn(name)}*\n${quoted}`);
  });
}

/** A database keeps no order of keys. */
export function inOrder(
  codes: readonly string[],
  languages: readonly { readonly code: string }[],
): readonly string[] {
  const rank = (code: string): number => {
    const at = languages.findIndex((language) => language.code === code);
    return at < 0 ? languages.length : at;
  };
  return codes.toSorted((a, b) => rank(a) - rank(b));
}

/** Slack's limit of blocks is 50: findings share one. */
export function findingBlocks(findings: readonly Finding[]): readonly KnownBlock[] {
  if (findings.length === 0) return [];
  const lines = findings.map(
    ({ level, language, words }) =>
      `${level === "block" ? ":no_entry:" : ":bulb:"} ${language ? `[${language}] ` : ""}${escapeMrkdwn(words)}`,
  );
  return [section(lines.join("\n"))];
}

/** What a decision's button says: the version, and the content that its reader saw. */
export const seenValue = ({ id, contentHash }: StatementVersion): string => `${id}:${contentHash}`;

function buttons(version: StatementVersion): readonly KnownBlock[] {
  const { id, status } = version;
  const edit = button("Edit…", "statement.edit", id);
  switch (status) {
    case "awaiting_approval":
      return [
        actions(
          button("Approve…", "statement.approve", seenValue(version), { style: "primary" }),
          button("Return…", "statement.return", seenValue(version)),
          edit,
        ),
      ];
    case "approved":
      return [actions(edit)];
    case "draft":
    case "returned":
      return [actions(edit, button("Submit for approval", "statement.submit", id))];
    default:
      return [];
  }
}
