import {
  type Db,
  findStaffBySlackUser,
  listStaffByRole,
  may,
  once,
  PERMISSIONS,
  type Permission,
  type Role,
  type StaffMember,
} from "#storage";
import type { App } from "../app.ts";
import { commit, type Unit } from "../unit.ts";
import { type Answer, whisper } from "./registry.ts";

export interface Request {
  readonly slackUserId: string;
  /** The same for every repetition of one request; absent for what only looks. */
  readonly key?: string;
  readonly permission?: Permission;
}

/** Carries an answer out of a transaction that must not be kept. */
class NothingKept extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super("nothing is kept");
    this.answer = answer;
  }
}

/**
 * Runs a staff member's request in one unit of work: once per key, and only when their roles allow it. A repetition is
 * not answered: the first one was. Faults in a form take everything back, the key too, so that it can be sent again.
 */
export async function perform(
  app: App,
  request: Request,
  handler: (unit: Unit, staff: StaffMember) => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  return keepOrNot(app, async (unit) => {
    if (request.key !== undefined && !(await once(unit.tx, request.key))) return undefined;
    const staff = await findStaffBySlackUser(unit.tx, request.slackUserId);
    if (staff === undefined) return whisper(await notLinked(unit.tx));
    if (request.permission !== undefined && !may(staff, request.permission))
      return whisper(await notAllowed(unit.tx, staff, request.permission));
    return handler(unit, staff);
  });
}

/** The same for people who are not staff. */
export async function performForGuest(
  app: App,
  key: string,
  handler: (unit: Unit) => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  return keepOrNot(app, async (unit) => ((await once(unit.tx, key)) ? handler(unit) : undefined));
}

async function keepOrNot(
  app: App,
  work: (unit: Unit) => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  try {
    return await commit(app, async (unit) => {
      const answer = await work(unit);
      if (answer?.kind === "errors") throw new NothingKept(answer);
      return answer;
    });
  } catch (error) {
    if (error instanceof NothingKept) return error.answer;
    throw error;
  }
}

async function notLinked(tx: Db): Promise<string> {
  return `Your Slack account is not linked to a member of staff, so nothing was done. ${whomToAsk(await listStaffByRole(tx, "admin"), "to link it")}`;
}

async function notAllowed(tx: Db, staff: StaffMember, permission: Permission): Promise<string> {
  const roles = rolesThatMay(permission);
  const people = (await Promise.all(roles.map((role) => listStaffByRole(tx, role)))).flat();
  const yours = staff.roles.map(roleName).join(", ") || "none";
  return `Your roles (${yours}) do not allow this: it takes ${roles.map(roleName).join(" or ")}. ${whomToAsk(people, "to do it")}`;
}

export const rolesThatMay = (permission: Permission): readonly Role[] =>
  (Object.keys(PERMISSIONS) as Role[]).filter((role) => PERMISSIONS[role].includes(permission));

const roleName = (role: string): string => role.replaceAll("_", " ");

/** Names shown to somebody who needs another person. */
const MAX_PEOPLE = 3;

function whomToAsk(people: readonly StaffMember[], what: string): string {
  const names = [...new Map(people.map((person) => [person.id, person])).values()]
    .slice(0, MAX_PEOPLE)
    .map(({ name, slackUserId }) => (slackUserId ? `<@${slackUserId}>` : name));
  return names.length > 0
    ? `Ask ${names.join(" or ")} ${what}.`
    : `Nobody on the staff list may do it; ask whoever runs this system ${what}.`;
}
