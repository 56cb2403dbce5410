import { createHash } from "node:crypto";
import { declareCrisis as declareState, inLanguage, type Protocol } from "#flows";
import {
  type Audience,
  addToTimeline,
  type Crisis,
  type CrisisMode,
  findCrisis,
  insertCrisis,
  listRunningCrises,
  may,
  type StaffMember,
} from "#storage";
import type { Unit } from "../unit.ts";
import { draftHoldingStatement } from "./draft.ts";
import { type Outcome, type Refused, refused } from "./outcome.ts";
import { gatherPeople } from "./people.ts";
import { showSummary } from "./summary.ts";
import { carryOut } from "./take-turn.ts";
import { referenceOf, titleOf } from "./words.ts";

const MAX_TITLE = 120;
const MAX_PLACE = 200;

export interface Declaration {
  /** Id of the protocol. */
  readonly protocol: string;
  readonly severity: number;
  readonly title: string;
  /** Where it is, in words that stand in the statement. */
  readonly place: string;
  readonly wards: readonly number[];
  readonly mode: CrisisMode;
}

export type Declared = Outcome<{
  readonly crisis: Crisis;
  /** Running crises of the same protocol: said, not refused. */
  readonly alike: readonly Crisis[];
}>;

/**
 * Declares a crisis: its first tier is called, the holding statement drafted and put to approval, and everything is on
 * the timeline, all in this transaction.
 */
export async function declareCrisis(unit: Unit, by: StaffMember, given: Declaration): Promise<Declared> {
  const { tx, app, now } = unit;
  if (!may(by, "crises.declare")) return refused("not_allowed", "Only crisis leads declare a crisis.");
  const protocol = app.content.protocols.get(given.protocol);
  if (protocol === undefined) return refused("unknown_protocol", `There is no protocol "${given.protocol}".`);
  const no = faultOf(given, protocol, app.content.deployment.wards);
  if (no !== undefined) return no;

  const alike = (await listRunningCrises(tx)).filter(
    (other) => other.protocol === protocol.id && other.mode === given.mode,
  );
  const people = await gatherPeople(unit, protocol);
  const { state, effects } = declareState(protocol, given.severity, {
    now: now.toISOString(),
    roster: people.roster,
  });
  const id = app.newId();
  const title =
    given.title.trim() || inLanguage(protocol.title, by.language, app.content.deployment.defaultLanguage);
  await insertCrisis(tx, {
    id,
    definition: protocol,
    protocolHash: createHash("sha256").update(JSON.stringify(protocol)).digest("hex"),
    title,
    mode: given.mode,
    audience: audienceOf(protocol, given),
    state,
    summaryMessageId: app.newId(),
    declaredBy: by.id,
    declaredAt: now,
  });
  await addToTimeline(tx, id, [
    {
      at: now,
      actor: `staff:${by.id}`,
      kind: "declared",
      words: `${by.name} declared it: ${title}, severity ${state.severity}, ${given.place.trim()}.`,
      data: { place: given.place.trim(), wards: given.wards, mode: given.mode },
    },
    ...people.unreachable.map((person) => ({
      at: now,
      actor: "system",
      kind: "unreachable",
      words: `${person.name} cannot be reached: no phone and no Slack account that is switched on.`,
      data: { staff: person.id },
    })),
  ]);
  const crisis = await findCrisis(tx, id);
  if (crisis === undefined) throw new Error("the crisis was not stored");
  await showSummary(unit, crisis, people, "post");
  const rest = effects.filter((effect) => !(effect.kind === "log" && effect.event.kind === "declared"));
  await carryOut(unit, crisis, rest, people);
  await draftHoldingStatement(unit, crisis, by);
  await showSummary(unit, crisis, people);
  await unit.audit({
    actor: `staff:${by.id}`,
    action: "crisis.declared",
    subject: `crisis:${id}`,
    data: { protocol: protocol.id, severity: state.severity, mode: given.mode, wards: given.wards },
  });
  const also = alike.length > 0 ? ` Already running: ${alike.map(referenceOf).join(", ")}.` : "";
  return { ok: true, words: `${titleOf(crisis)} is declared.${also}`, crisis, alike };
}

function faultOf(given: Declaration, protocol: Protocol, wards: number): Refused | undefined {
  if (given.title.length > MAX_TITLE) return refused("no_title", `At most ${MAX_TITLE} characters.`);
  if (!protocol.severities.some(({ level }) => level === given.severity))
    return refused("unknown_severity", "The protocol has no such severity.");
  const place = given.place.trim();
  if (place === "" || place.length > MAX_PLACE)
    return refused(
      "no_area",
      `Name the place in at most ${MAX_PLACE} characters: it stands in the statement.`,
    );
  if (given.mode === "live" && protocol.audience.affectedWards && given.wards.length === 0)
    return refused("no_area", "Choose the wards that are affected: the public of these is warned.");
  if (given.wards.some((ward) => !Number.isInteger(ward) || ward < 1 || ward > wards))
    return refused("no_area", `Wards are numbered 1 to ${wards}.`);
  return undefined;
}

/** A drill reaches its own group and nobody else. */
function audienceOf({ audience, drillGroup }: Protocol, { mode, wards }: Declaration): Audience {
  if (mode === "drill") return { groups: [drillGroup] };
  return {
    ...(audience.everyone ? { everyone: true } : {}),
    ...(audience.groups ? { groups: audience.groups } : {}),
    ...(audience.affectedWards ? { wards } : {}),
  };
}
