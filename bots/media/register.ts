import {
  findStaffBySlackUser,
  keepLiaison,
  type Liaison,
  may,
  phoneAddress,
  type StaffMember,
} from "#storage";
import { type Outcome, refused } from "../crisis/index.ts";
import type { Unit } from "../unit.ts";

const MAX_NAME = 100;

export interface Registration {
  readonly name: string;
  readonly outlet: string;
  readonly beat?: string;
  readonly language?: string;
  readonly channel: "sms" | "whatsapp" | "slack";
  /** A phone number as people write it, or a Slack user id. */
  readonly at: string;
}

/** Registers a media liaison, by staff or from the command line. */
export async function registerLiaison(
  unit: Unit,
  by: StaffMember | "cli",
  given: Registration,
): Promise<Outcome<{ readonly liaison: Liaison }>> {
  const { app, tx } = unit;
  if (by !== "cli" && !may(by, "liaisons.edit"))
    return refused("not_allowed", "Your role does not register liaisons.");
  const [name, outlet] = [given.name.trim(), given.outlet.trim()];
  if (!name || !outlet || name.length > MAX_NAME || outlet.length > MAX_NAME)
    return refused("no_title", `A liaison has a name and an outlet, of at most ${MAX_NAME} characters each.`);
  const address = await addressOf(unit, given);
  if (typeof address !== "string") return address;
  const liaison = await keepLiaison(
    tx,
    {
      name,
      outlet,
      language: given.language ?? app.content.deployment.defaultLanguage,
      address,
      ...(given.beat ? { beat: given.beat.trim() } : {}),
      ...(by === "cli" ? {} : { registeredBy: by.id }),
    },
    app.newId,
  );
  await unit.audit({
    actor: by === "cli" ? "cli" : `staff:${by.id}`,
    action: "liaison.registered",
    subject: `liaison:${liaison.id}`,
    data: { outlet, channel: given.channel },
  });
  const silent = liaison.optedOut ? " They said STOP earlier: nothing is sent before they write START." : "";
  return { ok: true, words: `${name}, ${outlet}, is registered.${silent}`, liaison };
}

async function addressOf({ app, tx }: Unit, { channel, at }: Registration) {
  if (channel !== "slack") {
    const address = phoneAddress(channel, at, app.content.deployment.country);
    return (
      address ??
      refused("bad_number", `"${at}" is not a phone number. Write it as 082 123 4567 or +27 82 123 4567.`)
    );
  }
  const user = at.trim();
  if (!/^[UW][A-Z0-9]{5,}$/.test(user))
    return refused(
      "bad_number",
      `"${at}" is not a Slack member ID. Copy it from the person's profile: it begins with U.`,
    );
  return (await findStaffBySlackUser(tx, user))
    ? refused("bad_number", "This Slack user is a member of staff.")
    : `slack:${user}`;
}
