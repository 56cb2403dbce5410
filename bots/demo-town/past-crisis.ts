import { createHash } from "node:crypto";
import {
  type CrisisEvent,
  type CrisisInput,
  type CrisisState,
  crisisTurn,
  declareCrisis,
  type Protocol,
  type Roster,
  targetsOf,
} from "#flows";
import {
  addToTimeline,
  type CrisisStatus,
  type Db,
  insertCrisis,
  openPage,
  type StaffMember,
  saveCrisis,
  settlePages,
  staffFor,
  type TimelineEntry,
} from "#storage";
import type { Content } from "#templates";
import type { DatedAudit } from "./dated-audit.ts";
import type { Dice } from "./dice.ts";
import { ALL_CLEAR_MINUTE, addPastStatement, RELEASES } from "./past-statement.ts";
import type { Liaison, Resident } from "./people.ts";

const PROTOCOL = "water-quality-emergency";
const WARD = 4;
const MINUTE = 60_000;
/** Declared so long ago, at 05:42 in South Africa. */
const DAYS_AGO = 19;
const DECLARED_MINUTE = 3 * 60 + 42;
/** Minutes between the page and the answer to it. */
const ANSWER = 3;
/** Between the end of the emergency and its statement. */
const STANDING_DOWN = 25;

/** What people noted, by minute. */
const NOTES: Readonly<Record<number, string>> = {
  31: "The engineer has isolated the reservoir; two tankers are on their way.",
  1465: "The first laboratory test after flushing is clear.",
};

/**
 * A water-quality emergency of three weeks ago, from the page that nobody answered to the all-clear. Its states come
 * from the same pure turns that a live one takes. Returns what belongs into the audit log.
 */
export async function addPastCrisis(
  tx: Db,
  dice: Dice,
  now: Date,
  content: Content,
  staff: readonly StaffMember[],
  residents: readonly Resident[],
  liaisons: readonly Liaison[],
): Promise<readonly DatedAudit[]> {
  const protocol = content.protocols.get(PROTOCOL);
  const person = (handle: string) => staff.find((member) => member.handle === handle);
  const [naledi, thabo, aisha] = [person("naledi"), person("thabo"), person("aisha")];
  if (protocol === undefined || !naledi || !thabo || !aisha) return [];

  const midnight = Math.floor(now.getTime() / (1440 * MINUTE)) * 1440 * MINUTE;
  const declaredAt = new Date(midnight - DAYS_AGO * 1440 * MINUTE + DECLARED_MINUTE * MINUTE);
  const time = (minute: number) => new Date(declaredAt.getTime() + minute * MINUTE);
  const nameOf = (id: string) => staff.find((member) => member.id === id)?.name ?? "Somebody";
  const audience = { wards: [WARD] };
  const crisisId = dice.id(declaredAt);
  const roster = await rosterOf(tx, protocol);

  const timeline: TimelineEntry[] = [];
  const first = declareCrisis(protocol, 2, { now: declaredAt.toISOString(), roster });
  let state = first.state;
  await insertCrisis(tx, {
    id: crisisId,
    definition: protocol,
    protocolHash: createHash("sha256").update(JSON.stringify(protocol)).digest("hex"),
    title: "E. coli in the Riverbend reservoir",
    mode: "live",
    audience,
    state,
    summaryMessageId: dice.id(declaredAt),
    declaredBy: naledi.id,
    declaredAt,
  });
  const carryOut = async (at: Date, effects: typeof first.effects) => {
    for (const effect of effects) {
      if (effect.kind === "log") timeline.push(inWords(effect.event, at, naledi, nameOf));
      else if (effect.kind === "settle_page") await settlePages(tx, crisisId, effect.as, at, effect.by);
      else if (effect.kind === "close_pages") await settlePages(tx, crisisId, "closed", at);
      else if (effect.kind === "page")
        for (const staffId of effect.people) {
          const { round, tier } = effect;
          const code = String(dice.between(1000, 9999));
          await openPage(tx, { id: dice.id(at), crisisId, staffId, code, round, tier }, at);
        }
    }
  };
  const take = async (minute: number, input: CrisisInput, status: CrisisStatus = "active") => {
    const at = time(minute);
    const turn = crisisTurn(protocol, state, input, { now: at.toISOString(), roster });
    if (turn.state !== state) await saveCrisis(tx, crisisId, { state: turn.state, status, now: at });
    state = turn.state;
    await carryOut(at, turn.effects);
  };
  await carryOut(declaredAt, first.effects);
  const silent = minutesUntil(state, declaredAt);
  const answered = silent + ANSWER;
  await take(silent, { kind: "tick", epoch: state.epoch, dueAt: time(silent).toISOString() });
  await take(answered, { kind: "acknowledged", by: thabo.id });
  for (const { minute } of RELEASES) await take(minute, { kind: "released" });
  await take(ALL_CLEAR_MINUTE - STANDING_DOWN, { kind: "all_clear", by: thabo.id }, "all_clear");
  await take(ALL_CLEAR_MINUTE, { kind: "released" }, "all_clear");
  await take(ALL_CLEAR_MINUTE + 2, { kind: "closed", by: thabo.id }, "closed");

  const told = await addPastStatement(tx, dice, {
    crisisId,
    protocol,
    content,
    audience,
    time,
    author: naledi,
    approver: aisha,
    residents,
    liaisons,
  });
  for (const [minute, words] of Object.entries(NOTES))
    timeline.push({ at: time(Number(minute)), actor: `staff:${thabo.id}`, kind: "note", words });
  timeline.push(...told.timeline);
  await addToTimeline(
    tx,
    crisisId,
    timeline.sort((a, b) => a.at.getTime() - b.at.getTime()),
  );

  const subject = `crisis:${crisisId}`;
  const by = (member: StaffMember, minute: number, action: string, data?: object): DatedAudit => ({
    at: time(minute),
    entry: { actor: `staff:${member.id}`, action, subject, ...(data === undefined ? {} : { data }) },
  });
  return [
    by(naledi, 0, "crisis.declared", { protocol: protocol.id, severity: 2, mode: "live" }),
    by(thabo, answered, "crisis.acknowledged"),
    ...told.audits,
    by(thabo, ALL_CLEAR_MINUTE - STANDING_DOWN, "crisis.all_clear"),
    by(thabo, ALL_CLEAR_MINUTE + 2, "crisis.closed"),
  ];
}

async function rosterOf(tx: Db, protocol: Protocol): Promise<Roster> {
  const roster: Record<string, readonly string[]> = {};
  for (const target of targetsOf(protocol)) roster[target] = (await staffFor(tx, target)).map(({ id }) => id);
  return roster;
}

/** How long the first tier had to answer. */
function minutesUntil(state: CrisisState, declaredAt: Date): number {
  return Math.ceil((Date.parse(state.escalateAt ?? "") - declaredAt.getTime()) / MINUTE) || 5;
}

function inWords(
  event: CrisisEvent,
  at: Date,
  declaredBy: StaffMember,
  nameOf: (id: string) => string,
): TimelineEntry {
  const entry = (words: string, by?: string, data?: object): TimelineEntry => ({
    at,
    actor: by === undefined ? "system" : `staff:${by}`,
    kind: event.kind,
    words,
    ...(data === undefined ? {} : { data }),
  });
  switch (event.kind) {
    case "declared":
      return entry(`${declaredBy.name} declared it: severity 2, ward ${WARD}.`, declaredBy.id, {
        place: "Riverbend and Lower Riverbend",
      });
    case "tier_paged":
      return entry(`Paged ${event.people.map(nameOf).join(", ")} (${event.tier}).`);
    case "tier_silent":
      return entry(`No answer from ${event.tier} in time; the next tier is called.`);
    case "acknowledged":
      return entry(`${nameOf(event.by)} acknowledged by SMS and took the lead.`, event.by);
    case "all_clear":
      return entry(`${nameOf(event.by)} gave the all-clear: two clear tests, 24 hours apart.`, event.by);
    case "closed":
      return entry(
        `${event.by === undefined ? "It was" : `${nameOf(event.by)}`} closed${event.by === undefined ? "" : " it"}.`,
        event.by,
      );
    default:
      return entry(`${event.kind.replaceAll("_", " ")}.`);
  }
}
