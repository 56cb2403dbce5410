import { whyNotApprove } from "#flows";
import {
  findStaff,
  findVersion,
  keepDecision,
  may,
  personOf,
  type StaffMember,
  type StatementVersion,
  setVersionStatus,
} from "#storage";
import type { Unit } from "../unit.ts";
import { showForApproval, statementName } from "./approval-message.ts";
import { type Outcome, type Refused, refused } from "./outcome.ts";
import { EMBARGO_TIMER, embargoEpoch, releaseStatement } from "./release.ts";
import { crisisOf, findingsOf, reachOf, storedHash, takeVersion } from "./statement-content.ts";
import { noteOnTimeline, type Stated } from "./submit.ts";
import { clockOf } from "./words.ts";

const MAX_REASON = 500;

/** Why `by` may not decide on what they saw of this version, whatever a button offers. */
export function whyNotDecide(
  by: StaffMember,
  version: StatementVersion,
  seenHash: string,
): Refused | undefined {
  const no = whyNotApprove(
    { id: by.id, allowed: may(by, "statements.approve") },
    {
      awaitingApproval: version.status === "awaiting_approval",
      whyNot: `It does not wait for approval: it is ${version.status.replace("_", " ")}.`,
      contentHash: version.contentHash,
      authors: [version.createdBy],
    },
    seenHash,
  );
  return no && refused(no.code, no.words);
}

async function lockForDecision(
  unit: Unit,
  by: StaffMember,
  versionId: string,
  seenHash: string,
): Promise<{ readonly ok: true; readonly version: StatementVersion } | Refused> {
  const version = await takeVersion(unit, versionId);
  if (version === undefined) return refused("unknown_statement", "There is no such statement.");
  const author = await findStaff(unit.tx, version.createdBy);
  // Whoever wrote it under another account is the same person.
  const decider = author && personOf(author) === personOf(by) ? { ...by, id: author.id } : by;
  return whyNotDecide(decider, version, seenHash) ?? { ok: true, version };
}

/**
 * A second person approves exactly the content they were shown. It goes out in this very transaction, or, under
 * embargo, when the embargo ends.
 */
export async function approveStatement(
  unit: Unit,
  by: StaffMember,
  versionId: string,
  contentHash: string,
): Promise<Stated> {
  const { tx, app, now } = unit;
  const locked = await lockForDecision(unit, by, versionId, contentHash);
  if (!locked.ok) return locked;
  const { version } = locked;
  const crisis = await crisisOf(unit, version);
  if ((await storedHash(unit, version, crisis)) !== version.contentHash)
    return refused("changed", "What is stored is not what was submitted: edit it and submit it again.");
  const blocking = findingsOf(unit, version, crisis).find(({ level }) => level === "block");
  if (blocking !== undefined) return refused("findings", blocking.words);
  const reach = await reachOf(unit, version, crisis);
  if (crisis?.mode !== "drill" && reach.recipients + reach.liaisons === 0)
    return refused("no_reach", "It would reach nobody: check the audience.");
  const decision = { id: app.newId(), subjectId: versionId, contentHash, decidedBy: by.id } as const;
  if (!(await keepDecision(tx, { ...decision, subject: "statement", decision: "approved" })))
    return refused("not_waiting", "You have decided on exactly this already.");
  await setVersionStatus(tx, versionId, "approved");
  const approved: StatementVersion = { ...version, status: "approved" };
  const name = statementName(approved, crisis);
  await noteOnTimeline(unit, approved, "statement_approved", by, `${by.name} approved ${name}.`);
  const actor = `staff:${by.id}`;
  const audited = { version: version.version, contentHash };
  if (version.embargoUntil !== null && new Date(version.embargoUntil) > now) {
    const dueAt = new Date(version.embargoUntil);
    await unit.wake({ kind: EMBARGO_TIMER, ref: versionId, epoch: embargoEpoch(dueAt), dueAt });
    await showForApproval(unit, approved);
    await unit.audit({
      actor,
      action: "statement.approved",
      subject: `statement:${versionId}`,
      data: audited,
    });
    const at = clockOf(dueAt, app.content.deployment);
    return { ok: true, words: `${name} is approved; it goes out at ${at}.`, version: approved };
  }
  const released = await releaseStatement(unit, versionId);
  await unit.audit({ actor, action: "statement.approved", subject: `statement:${versionId}`, data: audited });
  return released;
}

/** Back to its author, with a reason. */
export async function returnStatement(
  unit: Unit,
  by: StaffMember,
  versionId: string,
  contentHash: string,
  reason: string,
): Promise<Outcome> {
  const locked = await lockForDecision(unit, by, versionId, contentHash);
  if (!locked.ok) return locked;
  const words = reason.trim();
  if (words === "" || words.length > MAX_REASON)
    return refused("no_reason", `Say in at most ${MAX_REASON} characters what has to change.`);
  await keepDecision(unit.tx, {
    id: unit.app.newId(),
    subject: "statement",
    subjectId: versionId,
    contentHash,
    decision: "returned",
    reason: words,
    decidedBy: by.id,
  });
  await setVersionStatus(unit.tx, versionId, "returned");
  const returned = await findVersion(unit.tx, versionId);
  if (returned === undefined) throw new Error("the returned statement is gone");
  const said = `${by.name} returned it: ${words}`;
  await showForApproval(unit, returned, said);
  await noteOnTimeline(unit, returned, "statement_returned", by, `Statement v${returned.version}: ${said}`);
  await unit.audit({
    actor: `staff:${by.id}`,
    action: "statement.returned",
    subject: `statement:${versionId}`,
    data: { contentHash, reason: words },
  });
  return { ok: true, words: "Returned to its author." };
}
