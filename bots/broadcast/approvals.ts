import { escapeMrkdwn } from "#channels";
import { missingApprovals, type Risk } from "#flows";
import {
  type Broadcast,
  listStaff,
  personOf,
  type StaffMember,
  type StandingApproval,
  standingApprovals,
} from "#storage";
import type { Unit } from "../unit.ts";
import { type Estimate, reachOf } from "./estimate.ts";
import { assess } from "./risk.ts";
import { moment } from "./words.ts";

/** How far a broadcast is on its way to being approved. */
export interface Standing {
  readonly reach: Estimate;
  readonly risk: Risk;
  readonly given: readonly StandingApproval[];
  /** Roles whose approval is still wanting. */
  readonly missing: readonly string[];
  /** Why it cannot be completed: too few people could give what is missing. Empty: they could. */
  readonly stuck: string;
}

/** Counts, assesses and looks at who has approved this very content. */
export async function standingOf(unit: Unit, broadcast: Broadcast, counted?: Estimate): Promise<Standing> {
  const { tx, app } = unit;
  const reach = counted ?? (await reachOf(unit, broadcast));
  const risk = await assess(unit, broadcast, reach, broadcast.id);
  const { id, contentHash } = broadcast;
  const given = await standingApprovals(tx, id, contentHash, app.content.deployment.approval.days);
  const missing = missingApprovals(risk.needs, given);
  const everybody = await listStaff(tx);
  const author = everybody.find((one) => one.id === broadcast.createdBy);
  const others = everybody.filter(
    (one) => one.active && one.slackUserId && (!author || personOf(one) !== personOf(author)),
  );
  const beyond = missingApprovals(risk.needs, [...given, ...others.map(asApproval)]);
  const stuck =
    beyond.length === 0
      ? ""
      : `Too few people can approve this: beside its author there should be ${rolesWords(beyond)} more. An admin adds them with /saypro team.`;
  return { reach, risk, given, missing, stuck };
}

const asApproval = (staff: StaffMember) => ({ person: personOf(staff), roles: staff.roles });

/** Why this person's approval would add nothing; undefined: it does. */
export function whyNotCounted({ given, missing, risk }: Standing, staff: StaffMember): string | undefined {
  if (given.some(({ person }) => person === personOf(staff)))
    return `You have approved this already. It takes somebody else: ${rolesWords(missing)}.`;
  const after = missingApprovals(risk.needs, [...given, asApproval(staff)]);
  return after.length < missing.length
    ? undefined
    : `What is still needed is ${rolesWords(missing)}; your approval would not count.`;
}

const roleWords = (role: string): string => role.replaceAll("_", " ");

/** `2 approvers and a crisis lead` */
export function rolesWords(roles: readonly string[]): string {
  const counts = [...Map.groupBy(roles, (role) => role)].map(([role, all]) =>
    all.length === 1
      ? `${/^[aeiou]/.test(role) ? "an" : "a"} ${roleWords(role)}`
      : `${all.length} ${roleWords(role)}s`,
  );
  return new Intl.ListFormat("en", { type: "conjunction" }).format(counts);
}

/** `*Risk* 6 points: many people (4), … *Needs* 2 approvers.` */
export function riskWords({ points, reasons, needs }: Risk): string {
  const because = reasons.map((reason) => `${reason.words} (${reason.points})`).join(", ");
  const people =
    needs.length > 1 ? `${rolesWords(needs)}, ${needs.length} different people` : rolesWords(needs);
  return `*Risk* ${points} ${points === 1 ? "point" : "points"}${because ? `: ${because}` : ""}\n*Needs* ${people}`;
}

/** Who has approved it and who is still wanting, once somebody has. */
export function givenWords({ app }: Unit, { given, missing }: Pick<Standing, "given" | "missing">): string {
  if (given.length === 0) return "";
  const names = given.map(({ name, at }) => `${escapeMrkdwn(name)} (${moment(at, app.content.deployment)})`);
  const open = missing.length > 0 ? ` Still needed: ${rolesWords(missing)}.` : "";
  return `:white_check_mark: Approved by ${names.join(" and ")}.${open}`;
}
