import { segmentsOf } from "#channels";
import { inLanguage } from "#flows";
import {
  type Crisis,
  drawUpAudience,
  findVersion,
  type Liaison,
  listDecisions,
  markReleased,
  PRIORITY,
  type StatementVersion,
  setVersionStatus,
} from "#storage";
import { templateFor } from "../approved-template.ts";
import type { TimerHandler } from "../timers.ts";
import type { NewMessage, Unit } from "../unit.ts";
import { showForApproval, statementName } from "./approval-message.ts";
import { actions, button, section } from "./blocks.ts";
import { refused } from "./outcome.ts";
import { crisisOf, mediaOf, reachingOf, storedHash, takeVersion, textsOf } from "./statement-content.ts";
import { noteOnTimeline, type Stated } from "./submit.ts";
import { takeTurn } from "./take-turn.ts";

/** Fires when an embargo ends. */
export const EMBARGO_TIMER = "statement_release";
/** A changed embargo is another timer: seconds since 1970 tell them apart. */
export const embargoEpoch = (until: Date): number => Math.floor(until.getTime() / 1000);

/** Of a statement that belongs to no crisis. */
const EXPIRES_AFTER_MS = 24 * 60 * 60_000;

/**
 * Sends an approved version to all media liaisons and to the public at the same moment: in this transaction. Every
 * guard is checked once more; whoever opted out is not written to.
 */
export async function releaseStatement(unit: Unit, versionId: string): Promise<Stated> {
  const { tx, now } = unit;
  const version = await takeVersion(unit, versionId);
  if (version === undefined) return refused("unknown_statement", "There is no such statement.");
  if (version.status !== "approved") return refused("wrong_status", "It is not approved, or out already.");
  const crisis = await crisisOf(unit, version);
  const approvers = (await listDecisions(tx, versionId))
    .filter(({ decision, contentHash }) => decision === "approved" && contentHash === version.contentHash)
    .map(({ decidedBy }) => decidedBy);
  const unchanged = (await storedHash(unit, version, crisis)) === version.contentHash;
  if (!unchanged || !approvers.some((id) => id !== version.createdBy))
    return refused("changed", "No second person has approved this very content.");

  await markReleased(tx, version, now);
  const liaisons = await sendToLiaisons(unit, version, crisis);
  const people = await sendToPublic(unit, version, crisis);

  const released = (await findVersion(tx, versionId)) ?? version;
  const name = statementName(released, crisis);
  const words = `${name} is released to ${people.toLocaleString("en-ZA")} ${people === 1 ? "person" : "people"} and ${liaisons.length} media ${liaisons.length === 1 ? "liaison" : "liaisons"}.`;
  await showForApproval(unit, released, words);
  await noteOnTimeline(unit, released, "statement_released", undefined, words);
  if (crisis !== undefined) {
    await takeTurn(unit, crisis.id, { kind: "released" });
    if (released.kind === "all_clear" && crisis.state.phase === "standing_down")
      await takeTurn(unit, crisis.id, { kind: "closed" });
  }
  await unit.audit({
    actor: "system",
    action: "statement.released",
    subject: `statement:${versionId}`,
    data: { version: released.version, contentHash: released.contentHash, approvedBy: approvers },
  });
  return { ok: true, words, version: released };
}

/** One message for each of the public, in their language. */
async function sendToPublic(
  unit: Unit,
  version: StatementVersion,
  crisis: Crisis | undefined,
): Promise<number> {
  const { app, now, tx } = unit;
  const { defaultLanguage } = app.content.deployment;
  const lasts = crisis?.definition.expiresAfterMs ?? EXPIRES_AFTER_MS;
  const texts = textsOf(version, crisis);
  // The first language is everybody's who has another one.
  const languages = Object.keys(texts).sort(
    (a, b) => Number(b === defaultLanguage) - Number(a === defaultLanguage),
  );
  const reaching = await reachingOf(unit, version, crisis);
  let people = 0;
  let after: string | undefined;
  do {
    const drawn = await drawUpAudience(
      tx,
      {
        ...reaching,
        texts: languages.map((language) => {
          const text = texts[language] ?? "";
          return {
            language,
            variants: [text],
            segments: [segmentsOf(text).segments],
            ...carriedBy(text, language, unit),
          };
        }),
        kind: "statement",
        ref: version.id,
        priority: priorityOf(crisis),
        onDoubt: "resend",
        expiresAt: new Date(now.getTime() + lasts).toISOString(),
        valueLength: 0,
      },
      after,
    );
    people += drawn.messages;
    for (const channel of drawn.channels) unit.ring("outbox", channel);
    after = drawn.next;
  } while (after !== undefined);
  return people;
}

const priorityOf = (crisis: Crisis | undefined) => (crisis === undefined ? PRIORITY.bulk : PRIORITY.crisis);

const carriedBy = (text: string, language: string, { app }: Unit): Pick<NewMessage, "approvedAs"> => {
  const carried = templateFor(text, language, app.content.deployment);
  return carried ? { approvedAs: carried.approvedAs } : {};
};

/** Each on their preferred channel, in their language, with the version's number and a way to confirm. */
async function sendToLiaisons(
  unit: Unit,
  version: StatementVersion,
  crisis: Crisis | undefined,
): Promise<readonly Liaison[]> {
  const reached = await mediaOf(unit, crisis);
  await unit.send(reached.map((liaison) => mediaMessage(unit, version, crisis, liaison)));
  return reached;
}

function mediaMessage(
  unit: Unit,
  version: StatementVersion,
  crisis: Crisis | undefined,
  liaison: Liaison,
): NewMessage {
  const { app } = unit;
  const { defaultLanguage } = app.content.deployment;
  const language = liaison.language ?? defaultLanguage;
  const to = liaison.reachedAt ?? "";
  const text = app.content.say("statement_for_media", language, {
    title: version.title,
    version: version.version,
    text: inLanguage(version.texts, language, defaultLanguage),
  });
  return {
    to,
    contactId: liaison.contactId,
    text,
    ...(to.startsWith("whatsapp:")
      ? { choices: [{ id: "OK", title: "OK" }], ...carriedBy(text, language, unit) }
      : {}),
    ...(to.startsWith("slack:")
      ? {
          blocks: [
            section(text),
            actions(button("Confirm receipt", "liaison.acknowledge", version.id, { style: "primary" })),
          ],
        }
      : {}),
    priority: priorityOf(crisis),
    kind: "statement",
    ref: version.id,
    onDoubt: "resend",
  };
}

/** The embargo has ended. A version that was edited, returned or superseded meanwhile stays where it is. */
export const onEmbargoTimer: TimerHandler = async (unit, timer) => {
  const version = await takeVersion(unit, timer.ref);
  if (version?.status !== "approved" || version.embargoUntil === null) return;
  if (embargoEpoch(new Date(version.embargoUntil)) !== timer.epoch) return;
  const released = await releaseStatement(unit, timer.ref);
  if (!released.ok) await withhold(unit, version, released.words);
};

/** Staff count on its going out: they are told at once that it did not, and it is its author's again. */
async function withhold(unit: Unit, version: StatementVersion, why: string): Promise<void> {
  await setVersionStatus(unit.tx, version.id, "returned");
  const returned: StatementVersion = { ...version, status: "returned" };
  const words = `Its embargo has ended, but it was NOT released: ${why} Look at it, and submit it again.`;
  await showForApproval(unit, returned, words);
  await noteOnTimeline(unit, returned, "statement_withheld", undefined, words);
  await unit.audit({
    actor: "system",
    action: "statement.withheld",
    subject: `statement:${version.id}`,
    data: { version: version.version, contentHash: version.contentHash, reason: why },
  });
}
