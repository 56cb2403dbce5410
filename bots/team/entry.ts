import { fold } from "#flows";
import { numberOf, personOf, phoneAddress, ROLES, type Role, type StaffMember } from "#storage";
import type { Deployment } from "#templates";

/** What is given of a person; what is left out stays as it is, or empty. An empty text takes it away. */
export interface GivenMember {
  /** Named in protocols as `person:<handle>`. */
  readonly handle: string;
  readonly name?: string;
  /** Slack's member ID. */
  readonly slack?: string;
  /** As people write it. */
  readonly phone?: string;
  readonly language?: string;
  readonly roles?: readonly string[];
  readonly duties?: readonly string[];
  /** False: they have left. */
  readonly active?: boolean;
  /** Handle of another entry of the same human being, where one account cannot do: together they decide once. */
  readonly sameAs?: string;
}

export type MemberFault = { readonly field: keyof GivenMember; readonly words: string };

const HANDLE = /^[a-z][a-z0-9_-]{0,29}$/;
const MAX_NAME = 100;
const MAX_DUTIES = 20;

/**
 * The person's whole entry after the change, or everything that is wrong with it. One person has one entry: with two
 * they could approve their own work.
 */
export function readMember(
  given: GivenMember,
  everybody: readonly StaffMember[],
  deployment: Pick<Deployment, "country" | "languages" | "defaultLanguage">,
  newId: () => string,
):
  | { readonly ok: true; readonly member: StaffMember }
  | { readonly ok: false; readonly faults: MemberFault[] } {
  const faults: MemberFault[] = [];
  const fault = (field: keyof GivenMember, words: string): void => void faults.push({ field, words });
  const handle = given.handle.trim().toLowerCase();
  if (!HANDLE.test(handle))
    fault("handle", `"${given.handle}": write a short name in small letters and digits, such as naledi.`);
  const before = everybody.find((one) => one.handle === handle);
  const others = everybody.filter((one) => one !== before);
  const twin = (is: (one: StaffMember) => boolean): string | undefined => {
    const found = others.find(is);
    return found && `${found.name} (${found.handle}${found.active ? "" : ", who has left"})`;
  };

  const name = (given.name ?? before?.name ?? "").trim().replace(/\s+/g, " ");
  if (name === "" || name.length > MAX_NAME) fault("name", `Give a name of 1 to ${MAX_NAME} characters.`);
  const declared = given.sameAs?.trim().toLowerCase();
  const same = declared ? others.find((one) => one.handle === declared) : undefined;
  if (declared && !same) fault("sameAs", `There is nobody else with the handle ${declared}.`);
  if (same && before && others.some((one) => one.sameAs === before.id))
    fault("sameAs", `Another entry says that it is the same person as ${handle}: change that one instead.`);
  const sameAs = declared === undefined ? (before?.sameAs ?? null) : same ? (same.sameAs ?? same.id) : null;
  /** The human being behind this entry. */
  const person = sameAs ?? before?.id;
  const namesake = twin((one) => one.active && fold(one.name) === fold(name) && personOf(one) !== person);
  if (name !== "" && namesake)
    fault(
      "name",
      `${namesake} has this name. Change that entry if it is the same person; if not, tell them apart by name.`,
    );

  const slackUserId = given.slack === undefined ? (before?.slackUserId ?? null) : given.slack.trim() || null;
  if (slackUserId !== null && !/^[UW][A-Z0-9]{2,}$/.test(slackUserId))
    fault(
      "slack",
      `"${slackUserId}" is no Slack member ID. Copy it from the person's profile: it begins with U.`,
    );
  const sameSlack = slackUserId && twin((one) => one.slackUserId === slackUserId);
  if (sameSlack) fault("slack", `${sameSlack} has this Slack account.`);

  const phone =
    given.phone === undefined ? (before?.phone ?? null) : readPhone(given.phone, deployment.country);
  if (phone === undefined)
    fault("phone", `"${given.phone}" is no phone number. Write it as 082 123 4567 or +27 82 123 4567.`);
  const samePhone = phone && twin((one) => one.phone === phone);
  if (samePhone) fault("phone", `${samePhone} has this number.`);

  const language = given.language ?? before?.language ?? deployment.defaultLanguage;
  const codes = deployment.languages.map(({ code }) => code);
  if (!codes.includes(language)) fault("language", `"${language}": choose one of ${codes.join(", ")}.`);

  const roles = given.roles ?? before?.roles ?? [];
  const strange = roles.filter((role) => !ROLES.includes(role as Role));
  if (strange.length > 0) fault("roles", `No role "${strange.join('", "')}": choose of ${ROLES.join(", ")}.`);

  const duties = [
    ...new Set((given.duties ?? before?.duties ?? []).map((duty) => duty.trim().toLowerCase())),
  ];
  const odd = duties.filter((duty) => !/^[a-z][a-z0-9_-]{0,49}$/.test(duty));
  if (odd.length > 0 || duties.length > MAX_DUTIES)
    fault(
      "duties",
      `At most ${MAX_DUTIES}, each in small letters, as protocols name them: standby-engineer.`,
    );

  const active = given.active ?? true;
  if (active && slackUserId === null && phone === null)
    fault("slack", "Give a Slack member ID or a phone number: without either nobody can be reached.");
  if (faults.length > 0) return { ok: false, faults };
  const id = before?.id ?? newId();
  return {
    ok: true,
    member: {
      id,
      handle,
      name,
      slackUserId,
      phone: phone ?? null,
      language,
      roles: ROLES.filter((role) => roles.includes(role)),
      duties,
      active,
      sameAs,
    },
  };
}

/** Null: none. Undefined: it is none. */
function readPhone(written: string, country: Deployment["country"]): string | null | undefined {
  if (written.trim() === "") return null;
  const address = phoneAddress("sms", written, country);
  return address && numberOf(address);
}
