import {
  draftAllClear,
  draftHolding,
  FOLLOWERS,
  type StatementFacts,
  type StatementKind,
  severityOf,
} from "#flows";
import {
  type Crisis,
  findStaff,
  findVersion,
  insertStatement,
  insertVersion,
  listVersions,
  listVersionsOfCrisis,
  may,
  rewriteVersion,
  type StaffMember,
  type Texts,
  timesReturned,
} from "#storage";
import type { Unit } from "../unit.ts";
import { showForApproval } from "./approval-message.ts";
import { refused } from "./outcome.ts";
import { channelsOf, crisisOf, hashOf, takeVersion } from "./statement-content.ts";
import { noteOnTimeline, type Stated, submitStatement } from "./submit.ts";
import { clockOf } from "./words.ts";

/** Promised times are round: people remember them. */
const ROUND_MS = 5 * 60_000;

/** Values of a prepared text's placeholders, at this moment. */
function factsOf({ app, now }: Unit, crisis: Crisis): StatementFacts {
  const { deployment } = app.content;
  const { cadence } = crisis.definition;
  const ahead = cadence.firstStatementMs + severityOf(crisis.definition, crisis.severity).updateEveryMs;
  const next = Math.ceil((now.getTime() + ahead) / ROUND_MS) * ROUND_MS;
  const languages = Object.keys(crisis.definition.holding);
  return {
    area: Object.fromEntries(languages.map((language) => [language, crisis.place ?? ""])),
    time: clockOf(now, deployment),
    next_update: clockOf(new Date(next), deployment),
    municipality: deployment.municipality,
    contact: deployment.contactLine,
  };
}

/** The holding statement of the protocol, filled in, and put to approval at once when nothing speaks against it. */
export async function draftHoldingStatement(unit: Unit, crisis: Crisis, by: StaffMember): Promise<void> {
  const statementId = unit.app.newId();
  await insertStatement(unit.tx, { id: statementId, crisisId: crisis.id, title: crisis.title });
  const texts = draftHolding(crisis.definition.holding, factsOf(unit, crisis));
  await draftAndSubmit(unit, crisis, by, { statementId, kind: "holding", texts });
}

/** The all-clear of the protocol, by whoever gave it. */
export async function draftAllClearStatement(unit: Unit, crisis: Crisis, staffId: string): Promise<void> {
  const by = await findStaff(unit.tx, staffId);
  if (by === undefined) throw new Error("an all-clear that nobody gave");
  const versions = await listVersionsOfCrisis(unit.tx, crisis.id);
  const latest = versions.at(-1);
  const statementId = latest?.statementId ?? unit.app.newId();
  if (latest === undefined)
    await insertStatement(unit.tx, { id: statementId, crisisId: crisis.id, title: crisis.title });
  const texts = draftAllClear(crisis.definition.allClear, factsOf(unit, crisis));
  const released = versions.findLast(({ releasedAt }) => releasedAt !== null);
  await draftAndSubmit(unit, crisis, by, {
    statementId,
    kind: "all_clear",
    texts,
    ...(released === undefined ? {} : { replaces: released.id }),
  });
}

interface Draft {
  readonly statementId: string;
  readonly kind: StatementKind;
  readonly texts: Texts;
  readonly replaces?: string;
}

async function draftAndSubmit(unit: Unit, crisis: Crisis, by: StaffMember, draft: Draft): Promise<void> {
  const { audience } = crisis;
  const version = await insertVersion(unit.tx, {
    ...draft,
    id: unit.app.newId(),
    audience,
    contentHash: hashOf({ ...draft, audience, channels: channelsOf(crisis) }),
    createdBy: by.id,
  });
  const submitted = await submitStatement(unit, by, version.id);
  if (!submitted.ok)
    await noteOnTimeline(
      unit,
      version,
      "statement_drafted",
      undefined,
      `Statement v${version.version} is a draft: ${submitted.words}`,
    );
}

export interface NewWords {
  readonly texts: Texts;
  readonly embargoUntil?: Date;
}

/**
 * The next version of a statement: an update, correction, retraction or all-clear of what was released last. It goes to
 * the audience of what it replaces.
 */
export async function draftNextVersion(
  unit: Unit,
  by: StaffMember,
  statementId: string,
  given: NewWords & { readonly kind: StatementKind },
): Promise<Stated> {
  const { tx, app } = unit;
  if (!may(by, "statements.draft")) return refused("not_allowed", "Your role does not draft statements.");
  const versions = await listVersions(tx, statementId);
  const first = versions[0];
  if (first === undefined) return refused("unknown_statement", "There is no such statement.");
  const released = versions.findLast(({ releasedAt }) => releasedAt !== null);
  if (released !== undefined && !FOLLOWERS[released.kind].includes(given.kind))
    return refused(
      "nothing_to_follow",
      `After ${a(released.kind)} comes: ${FOLLOWERS[released.kind].join(", ").replace("_", "-")}.`,
    );
  const late = embargoFault(unit, given.embargoUntil);
  if (late !== undefined) return late;
  const { audience } = released ?? first;
  const content = { kind: given.kind, texts: given.texts, audience };
  const crisis = await crisisOf(unit, first);
  const version = await insertVersion(tx, {
    id: app.newId(),
    statementId,
    ...content,
    contentHash: hashOf({ ...content, channels: channelsOf(crisis), ...embargoOf(given.embargoUntil) }),
    ...(given.embargoUntil === undefined ? {} : { embargoUntil: given.embargoUntil }),
    createdBy: by.id,
    ...(released === undefined ? {} : { replaces: released.id }),
  });
  await unit.audit({
    actor: `staff:${by.id}`,
    action: "statement.drafted",
    subject: `statement:${version.id}`,
    data: { version: version.version, kind: given.kind, contentHash: version.contentHash },
  });
  return { ok: true, words: `Version ${version.version} is drafted.`, version };
}

const a = (kind: StatementKind): string => `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind.replace("_", "-")}`;

/** New words for a version that is not out yet. Every approval is void, and whoever edits is its author from now on. */
export async function editStatement(
  unit: Unit,
  by: StaffMember,
  versionId: string,
  given: NewWords & { readonly basedOn: string },
): Promise<Stated> {
  const { tx } = unit;
  if (!may(by, "statements.draft")) return refused("not_allowed", "Your role does not edit statements.");
  const version = await takeVersion(unit, versionId);
  if (version === undefined) return refused("unknown_statement", "There is no such statement.");
  if (version.status === "released" || version.status === "superseded")
    return refused("wrong_status", "It is out already: draft a new version instead.");
  if (version.contentHash !== given.basedOn)
    return refused("changed", "Somebody changed it meanwhile: open it again.");
  const late = embargoFault(unit, given.embargoUntil);
  if (late !== undefined) return late;
  const crisis = await crisisOf(unit, version);
  const { kind, audience } = version;
  const contentHash = hashOf(
    { kind, texts: given.texts, audience, channels: channelsOf(crisis), ...embargoOf(given.embargoUntil) },
    await timesReturned(tx, versionId),
  );
  const embargoUntil = given.embargoUntil ?? null;
  await rewriteVersion(tx, version.id, {
    texts: given.texts,
    audience,
    contentHash,
    createdBy: by.id,
    embargoUntil,
  });
  const edited = await findVersion(tx, version.id);
  if (edited === undefined) throw new Error("the edited statement is gone");
  await showForApproval(unit, edited, `${by.name} edited it; what was approved before is void.`);
  await noteOnTimeline(
    unit,
    edited,
    "statement_edited",
    by,
    `${by.name} edited statement v${edited.version}.`,
  );
  await unit.audit({
    actor: `staff:${by.id}`,
    action: "statement.edited",
    subject: `statement:${version.id}`,
    data: { before: version.contentHash, contentHash },
  });
  return { ok: true, words: `Version ${edited.version} is edited and a draft again.`, version: edited };
}

function embargoFault({ now }: Unit, until: Date | undefined) {
  return until !== undefined && until <= now
    ? refused("embargo_past", "The embargo must end in the future; leave it empty to release at once.")
    : undefined;
}

const embargoOf = (until: Date | undefined) =>
  until === undefined ? {} : { embargoUntil: until.toISOString() };
