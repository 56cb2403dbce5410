import { sql } from "drizzle-orm";
import type { Db, StaffMember } from "#storage";
import { upsertStaff } from "#storage";
import type { Dice } from "./dice.ts";
import { NAMES, SUBURBS } from "./names.ts";
import { TOWN } from "./town.ts";

/** Residents with an address, the sandbox's phones included. */
export const RESIDENTS = 3_000;
const DAY = 86_400_000;

export interface Resident {
  readonly id: string;
  readonly name: string | null;
  readonly language: string | null;
  readonly ward: number;
  readonly suburb: string;
  readonly sms?: string;
  readonly whatsapp?: string;
  readonly source: string;
  readonly joinedAt: Date;
  readonly optedOutAt?: Date;
  readonly smsFailsSince?: Date;
  readonly groups: readonly string[];
}

export interface Liaison {
  readonly id: string;
  readonly contactId: string;
  readonly outlet: string;
  readonly beat: string;
  readonly language: string;
  readonly addresses: readonly string[];
}

/** How the wards speak, in percent; what is missing to 100 has not told us. */
const SPOKEN: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  town: { en: 46, af: 30, zu: 14, xh: 4, st: 2, unknown: 4 },
  township: { zu: 66, xh: 12, st: 10, en: 7, af: 1, unknown: 4 },
  valley: { zu: 34, xh: 50, st: 6, en: 5, unknown: 5 },
  settlement: { zu: 28, st: 54, xh: 8, en: 5, unknown: 5 },
  rural: { zu: 84, xh: 5, st: 2, en: 3, unknown: 6 },
};
/** Residents in each ward by weight, and how they live. */
const WARDS: Readonly<Record<number, { readonly weight: number; readonly kind: keyof typeof SPOKEN }>> = {
  1: { weight: 9, kind: "town" },
  2: { weight: 8, kind: "town" },
  3: { weight: 11, kind: "township" },
  4: { weight: 11, kind: "township" },
  5: { weight: 10, kind: "township" },
  6: { weight: 5, kind: "rural" },
  7: { weight: 9, kind: "settlement" },
  8: { weight: 6, kind: "township" },
  9: { weight: 9, kind: "valley" },
  10: { weight: 7, kind: "rural" },
  11: { weight: 6, kind: "rural" },
  12: { weight: 9, kind: "town" },
};

/** How each came to be on the list; South African law wants the proof kept. */
const SOURCES = {
  "import municipal-accounts-2026.csv": 52,
  "form community-meeting sign-up": 24,
  "keyword START": 17,
  "form website": 7,
};

export const GROUPS = {
  wardCommittee: "Ward committee",
  waterUsers: "Water users",
  business: "Business forum",
  youth: "Youth council",
  /** Named in the protocols. */
  drill: "drill",
} as const;

const at = (date: Date | undefined): string | null => date?.toISOString() ?? null;

/** Staff in every role; their ids are as stable as everything else. */
export function addStaff(tx: Db, dice: Dice, now: Date): Promise<readonly StaffMember[]> {
  return upsertStaff(
    tx,
    TOWN.officers.map((officer) => ({
      id: dice.id(new Date(now.getTime() - 400 * DAY)),
      name: officer.name,
      slackUserId: officer.slack ?? null,
      phone: officer.phone ?? null,
      language: officer.language,
      roles: officer.roles,
      handle: officer.handle,
      duties: officer.duties,
      active: true,
    })),
  );
}

/** Draws the residents up: the sandbox's phones first, then those who are only there to be counted. */
export function drawResidents(dice: Dice, now: Date): readonly Resident[] {
  const daysAgo = (low: number, high: number) =>
    new Date(now.getTime() - dice.between(low * 24 * 60, high * 24 * 60) * 60_000);
  const known = TOWN.citizens.map((citizen): Resident => {
    const joinedAt = daysAgo(60, 200);
    return {
      id: dice.id(joinedAt),
      name: citizen.name,
      language: citizen.language,
      ward: citizen.ward,
      suburb: SUBURBS[citizen.ward]?.[0] ?? "",
      ...(citizen.sms === undefined ? {} : { sms: citizen.sms }),
      ...(citizen.whatsapp === undefined ? {} : { whatsapp: citizen.whatsapp }),
      source: "keyword START",
      joinedAt,
      groups: citizen.id === "nomsa" ? [GROUPS.wardCommittee, GROUPS.waterUsers] : [GROUPS.waterUsers],
    };
  });
  const weights = Object.fromEntries(Object.entries(WARDS).map(([ward, { weight }]) => [ward, weight]));
  const others = Array.from({ length: RESIDENTS - known.length - TOWN.liaisons.length }, (_, n): Resident => {
    const ward = Number(dice.weighted(weights));
    const language = dice.weighted(SPOKEN[WARDS[ward]?.kind ?? "town"] ?? { en: 1 });
    const names = NAMES[language] ?? NAMES.zu;
    const phone = `+2760001${String(n).padStart(4, "0")}`;
    const reach = dice.weighted({ sms: 59, both: 38, whatsapp: 3 });
    const source = dice.weighted(SOURCES);
    const joinedAt = source.startsWith("import") ? new Date(now.getTime() - 240 * DAY) : daysAgo(2, 300);
    const leaves = dice.chance(0.024);
    const groups = [
      ...(dice.chance(0.02) ? [GROUPS.wardCommittee] : []),
      ...(dice.chance(0.14) ? [GROUPS.waterUsers] : []),
      ...(dice.chance(0.015) ? [GROUPS.business] : []),
      ...(dice.chance(0.03) ? [GROUPS.youth] : []),
      ...(dice.chance(0.004) ? [GROUPS.drill] : []),
    ];
    return {
      id: dice.id(joinedAt),
      name:
        names !== undefined && dice.chance(0.88)
          ? `${dice.pick(names.first)} ${dice.pick(names.last)}`
          : null,
      language: language === "unknown" ? null : language,
      ward,
      suburb: dice.pick(SUBURBS[ward] ?? [""]),
      ...(reach === "whatsapp" ? {} : { sms: phone }),
      ...(reach === "sms" ? {} : { whatsapp: phone }),
      source,
      joinedAt,
      ...(leaves
        ? { optedOutAt: new Date(joinedAt.getTime() + dice.roll() * (now.getTime() - joinedAt.getTime())) }
        : {}),
      ...(reach !== "whatsapp" && dice.chance(0.012) ? { smsFailsSince: daysAgo(3, 60) } : {}),
      groups,
    };
  });
  return [...known, ...others];
}

/** Keeps residents with addresses, consent and groups: five statements, whatever their number. */
export async function addResidents(tx: Db, dice: Dice, residents: readonly Resident[]): Promise<void> {
  const people = residents.map(({ joinedAt, optedOutAt, smsFailsSince, ...resident }) => ({
    ...resident,
    joined: at(joinedAt),
    left: at(optedOutAt),
    failing: at(smsFailsSince),
    optIn: dice.id(joinedAt),
    optOut: optedOutAt === undefined ? null : dice.id(optedOutAt),
  }));
  // Parsed once: four statements read it.
  await tx.execute(sql`
    create temp table demo_people on commit drop as
    select * from jsonb_to_recordset(${JSON.stringify(people)}::jsonb) as p (
      id uuid, name text, language text, ward int, suburb text, sms text, whatsapp text, source text, joined timestamptz,
      "left" timestamptz, failing timestamptz, "optIn" uuid, "optOut" uuid, groups jsonb)`);
  await tx.execute(sql`
    insert into contacts (id, name, language, fields, opted_out_at, created_at)
    select id, name, language, jsonb_build_object('ward', ward, 'suburb', suburb), "left", joined from demo_people`);
  await tx.execute(sql`
    insert into addresses (address, contact_id, channel, preference, bad_since, bad_reason)
    select 'sms:' || sms, id, 'sms', 0, failing, case when failing is not null then 'Unknown destination handset (30005)' end
    from demo_people where sms is not null
    union all
    select 'whatsapp:' || whatsapp, id, 'whatsapp', 1, null, null from demo_people where whatsapp is not null`);
  await tx.execute(sql`
    insert into consent_ledger (id, contact_id, address, kind, source, at)
    select "optIn", id, coalesce('sms:' || sms, 'whatsapp:' || whatsapp), 'opt_in', source, joined from demo_people
    union all
    select "optOut", id, coalesce('sms:' || sms, 'whatsapp:' || whatsapp), 'opt_out', 'keyword STOP', "left"
    from demo_people where "optOut" is not null`);
  const groups = Object.values(GROUPS).map((name) => ({
    id: dice.id(residents[0]?.joinedAt ?? new Date(0)),
    name,
  }));
  await tx.execute(sql`
    insert into groups (id, name)
    select id, name from jsonb_to_recordset(${JSON.stringify(groups)}::jsonb) as g (id uuid, name text)`);
  await tx.execute(sql`
    insert into group_members (group_id, contact_id, at)
    select g.id, p.id, p.joined
    from demo_people p cross join lateral jsonb_array_elements_text(p.groups) as member (name) join groups g on g.name = member.name`);
}

/** Media liaisons: contacts with an outlet, registered by the media desk. */
export async function addLiaisons(
  tx: Db,
  dice: Dice,
  now: Date,
  registeredBy: string | undefined,
): Promise<readonly Liaison[]> {
  const joined = new Date(now.getTime() - 150 * DAY);
  const liaisons = TOWN.liaisons.map((liaison) => ({
    id: dice.id(joined),
    contactId: dice.id(joined),
    consentId: dice.id(joined),
    name: liaison.name,
    language: liaison.language,
    outlet: liaison.outlet,
    beat: liaison.beat,
    addresses: [
      ...(liaison.slack === undefined ? [] : [`slack:${liaison.slack}`]),
      ...(liaison.whatsapp === undefined ? [] : [`whatsapp:${liaison.whatsapp}`]),
      ...(liaison.sms === undefined ? [] : [`sms:${liaison.sms}`]),
    ],
  }));
  const given = sql`jsonb_to_recordset(${JSON.stringify(liaisons)}::jsonb) as l (
    id uuid, "contactId" uuid, "consentId" uuid, name text, language text, outlet text, beat text, addresses jsonb)`;
  await tx.execute(sql`
    insert into contacts (id, name, language, created_at) select "contactId", name, language, ${joined.toISOString()}::timestamptz from ${given}`);
  await tx.execute(sql`
    insert into addresses (address, contact_id, channel, preference)
    select address, "contactId", split_part(address, ':', 1), place - 1
    from ${given} cross join lateral jsonb_array_elements_text(addresses) with ordinality as a (address, place)`);
  await tx.execute(sql`
    insert into consent_ledger (id, contact_id, address, kind, source, at)
    select "consentId", "contactId", addresses->>0, 'opt_in', 'registered by the media desk', ${joined.toISOString()}::timestamptz from ${given}`);
  await tx.execute(sql`
    insert into liaisons (id, contact_id, outlet, beat, registered_by, created_at)
    select id, "contactId", outlet, beat, ${registeredBy ?? null}::uuid, ${joined.toISOString()}::timestamptz from ${given}`);
  return liaisons;
}
