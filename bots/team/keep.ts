import { escapeMrkdwn } from "#channels";
import { lockStaff, may, PRIORITY, personOf, type StaffMember, upsertStaff } from "#storage";
import type { Unit } from "../unit.ts";
import { type GivenMember, type MemberFault, readMember } from "./entry.ts";

export type Kept =
  | { readonly ok: true; readonly words: string; readonly member: StaffMember }
  | { readonly ok: false; readonly faults: readonly MemberFault[] };

/**
 * Adds or changes a person on the team. `cli`: whoever can run commands on the server. In Slack an admin does it, for
 * anybody but themselves. What changes in roles is told in the approvals channel: nobody gains power in silence.
 */
export async function keepMember(unit: Unit, by: StaffMember | "cli", given: GivenMember): Promise<Kept> {
  const { tx, app } = unit;
  const no = (words: string): Kept => ({ ok: false, faults: [{ field: "handle", words }] });
  if (by !== "cli" && !may(by, "staff.edit")) return no("Your role does not change the team.");
  const everybody = await lockStaff(tx);
  const read = readMember(given, everybody, app.content.deployment, app.newId);
  if (!read.ok) return read;
  const { member } = read;
  const before = everybody.find(({ id }) => id === member.id);
  if (by !== "cli" && [member, ...(before ? [before] : [])].some((own) => personOf(by) === personOf(own)))
    return no(
      "Nobody changes their own entry: ask another admin, or whoever runs the server (saypro staff).",
    );
  await upsertStaff(tx, [member]);
  const did = before === undefined ? "added" : member.active ? "changed" : "left";
  const words = `${member.name} (${member.handle}) ${did === "left" ? "has left" : `is ${powersOf(member)}`}.`;
  await unit.audit({
    actor: by === "cli" ? "cli" : `staff:${by.id}`,
    action: `staff.${did}`,
    subject: `staff:${member.id}`,
    data: {
      handle: member.handle,
      roles: member.roles,
      duties: member.duties,
      ...(before ? { before: { roles: before.roles, duties: before.duties, active: before.active } } : {}),
    },
  });
  if (before === undefined || powersOf(before) !== powersOf(member)) await tell(unit, by, before, member);
  return { ok: true, words, member };
}

/** What they may do and are called for, in words. */
export function powersOf({ roles, duties, active, sameAs }: StaffMember): string {
  if (!active) return "not on the team";
  const named = roles.map((role) => role.replaceAll("_", " "));
  return [
    named.join(", ") || "without a role",
    duties.length > 0 ? `on duty as ${duties.join(", ")}` : "",
    sameAs ? "one person with another entry" : "",
  ]
    .filter(Boolean)
    .join("; ");
}

async function tell(
  { app, send }: Unit,
  by: StaffMember | "cli",
  before: StaffMember | undefined,
  member: StaffMember,
): Promise<void> {
  if (!app.channels.has("slack")) return;
  const who = by === "cli" ? "On the server" : escapeMrkdwn(by.name);
  const text = `:busts_in_silhouette: ${who} changed the team: *${escapeMrkdwn(member.name)}* was ${before ? powersOf(before) : "not on the team"}, and is now ${powersOf(member)}.`;
  await send([
    {
      to: `slack:${app.content.deployment.slack.approvals}`,
      text,
      priority: PRIORITY.reply,
      kind: "notice",
      ref: member.id,
    },
  ]);
}
