import {
  addToTimeline,
  lockCrisis,
  may,
  type StaffMember,
  type StatementVersion,
  setVersionStatus,
} from "#storage";
import type { Unit } from "../unit.ts";
import { showForApproval, statementName } from "./approval-message.ts";
import { type Outcome, refused } from "./outcome.ts";
import { crisisOf, findingsOf, storedHash, takeVersion } from "./statement-content.ts";

export type Stated = Outcome<{ readonly version: StatementVersion }>;

/** Puts a draft before a second person. Its author does this; whoever edits becomes the author. */
export async function submitStatement(unit: Unit, by: StaffMember, versionId: string): Promise<Stated> {
  const { tx } = unit;
  if (!may(by, "statements.draft")) return refused("not_allowed", "Your role does not submit statements.");
  const version = await takeVersion(unit, versionId);
  if (version === undefined) return refused("unknown_statement", "There is no such statement.");
  if (version.createdBy !== by.id)
    return refused("own_work", "Only its author submits it. Edit it to take it over.");
  if (version.status !== "draft" && version.status !== "returned")
    return refused("wrong_status", `It is ${version.status.replace("_", " ")} already.`);
  const crisis = await crisisOf(unit, version);
  const blocking = findingsOf(unit, version, crisis).filter(({ level }) => level === "block");
  if (blocking.length > 0)
    return refused(
      "findings",
      blocking.map(({ language, words }) => `${language ? `[${language}] ` : ""}${words}`).join("\n"),
    );
  const contentHash = await storedHash(unit, version, crisis);
  await setVersionStatus(tx, version.id, "awaiting_approval", contentHash);
  const submitted: StatementVersion = { ...version, contentHash, status: "awaiting_approval" };
  const name = statementName(submitted, crisis);
  await showForApproval(unit, submitted, `${by.name} submitted it again.`);
  await noteOnTimeline(
    unit,
    submitted,
    "statement_submitted",
    by,
    `${by.name} submitted ${name} for approval.`,
  );
  await unit.audit({
    actor: `staff:${by.id}`,
    action: "statement.submitted",
    subject: `statement:${version.id}`,
    data: { version: version.version, contentHash },
  });
  return {
    ok: true,
    words: `${name} waits for a second person in the approvals channel.`,
    version: submitted,
  };
}

/** A statement's step on its crisis's timeline, where it has one. */
export async function noteOnTimeline(
  unit: Unit,
  version: StatementVersion,
  kind: string,
  by: StaffMember | undefined,
  words: string,
): Promise<void> {
  if (version.crisisId === null || (await lockCrisis(unit.tx, version.crisisId)) === undefined) return;
  await addToTimeline(unit.tx, version.crisisId, [
    {
      at: unit.now,
      actor: by === undefined ? "system" : `staff:${by.id}`,
      kind,
      words,
      data: { version: version.id, contentHash: version.contentHash },
    },
  ]);
}
