import { may, type StaffMember } from "#storage";
import { type Answer, type Command, whisper } from "./registry.ts";
import { context, section } from "./views.ts";

/** Every command with an example; the person's own first, those of other roles after them. */
export function helpFor(staff: StaffMember, commands: readonly Command[]): Answer {
  const line = ({ example, help }: Command): string => `\`${example}\`  ${help}`;
  const allowed = ({ permission }: Command): boolean => permission === undefined || may(staff, permission);
  const yours = commands.filter(allowed).map(line);
  const others = commands.filter((command) => !allowed(command)).map(line);
  const roles = staff.roles.map((role) => role.replaceAll("_", " ")).join(", ") || "none";
  return whisper(`What you can do: ${yours.join("; ")}`, [
    section(`*What you can do here*\n${yours.join("\n")}`),
    ...(others.length > 0 ? [context(`For people with other roles:\n${others.join("\n")}`)] : []),
    context(`Your roles: ${roles}. What is running stands on the *Home* tab of this app.`),
  ]);
}
