import { isSlackTarget, type Protocol, type Roster, type Target, targetsOf } from "#flows";
import { listStaff, type StaffMember, staffFor } from "#storage";
import type { App } from "../app.ts";
import type { Unit } from "../unit.ts";

/** Whom a crisis may call at this moment, and everybody's name. */
export interface People {
  readonly roster: Roster;
  readonly byId: ReadonlyMap<string, StaffMember>;
  /** Named by the protocol, but without a phone or Slack account that is switched on. */
  readonly unreachable: readonly StaffMember[];
}

/** Finds out anew who stands behind each target: duties change while a crisis runs. */
export async function gatherPeople({ tx, app }: Unit, protocol: Protocol): Promise<People> {
  const roster: Partial<Record<Target, readonly string[]>> = {};
  const unreachable = new Map<string, StaffMember>();
  for (const target of targetsOf(protocol)) {
    if (isSlackTarget(target)) continue;
    const people = await staffFor(tx, target);
    roster[target] = people.filter((person) => isReachable(app, person)).map(({ id }) => id);
    for (const person of people) if (!isReachable(app, person)) unreachable.set(person.id, person);
  }
  const byId = new Map((await listStaff(tx)).map((person) => [person.id, person]));
  return { roster, byId, unreachable: [...unreachable.values()] };
}

function isReachable(app: App, person: StaffMember): boolean {
  return (
    (person.phone !== null && app.channels.has("sms")) ||
    (person.slackUserId !== null && app.channels.has("slack"))
  );
}

/** For words: the name, else "somebody". */
export function nameOf(people: Pick<People, "byId">, id: string | undefined): string {
  return (id === undefined ? undefined : people.byId.get(id)?.name) ?? "somebody";
}
