import { type SQL, sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import type { Role } from "./schema.ts";

export interface StaffMember {
  readonly id: string;
  readonly name: string;
  readonly slackUserId: string | null;
  /** E.164. */
  readonly phone: string | null;
  readonly language: string;
  readonly roles: readonly Role[];
  readonly handle: string;
  readonly duties: readonly string[];
  readonly active: boolean;
  /** Id of another entry of the same human being. */
  readonly sameAs?: string | null;
}

/** The human being behind an entry: the same for all of their entries. */
export const personOf = ({ id, sameAs }: Pick<StaffMember, "id" | "sameAs">): string => sameAs ?? id;

// ── Who may do what ─────────────────────────────────────────────────────────────────────────────────────

export type Permission =
  /** Consultations, broadcasts, crises and their results; no single person's messages. */
  | "results.read"
  | "inbox.read"
  | "inbox.reply"
  | "contacts.read"
  | "contacts.import"
  | "contacts.export"
  /** Irrevocable. */
  | "contacts.erase"
  | "groups.edit"
  | "broadcasts.draft"
  | "broadcasts.approve"
  /** Pause, resume, cancel. */
  | "broadcasts.control"
  | "consultations.run"
  /** What people wrote, as files. */
  | "answers.export"
  | "statements.draft"
  | "statements.approve"
  | "crises.declare"
  /** Acknowledge for others, step up, all-clear, close. */
  | "crises.lead"
  | "liaisons.edit"
  | "enquiries.answer"
  | "audit.read"
  | "messages.settle"
  | "staff.edit"
  | "channels.edit"
  | "keys.edit";

const everyone: readonly Permission[] = ["results.read"];

/**
 * The whole of it. Two lines are drawn on purpose: `admin` runs the machine and neither sends nor approves; `auditor`
 * reads everything and writes nothing. That nobody approves their own work is checked where approvals are made.
 */
export const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: everyone,
  agent: [...everyone, "inbox.read", "inbox.reply", "contacts.read", "messages.settle"],
  author: [
    ...everyone,
    "inbox.read",
    "contacts.read",
    "contacts.import",
    "groups.edit",
    "broadcasts.draft",
    "broadcasts.control",
    "consultations.run",
    "answers.export",
    "statements.draft",
    "messages.settle",
  ],
  approver: [
    ...everyone,
    "inbox.read",
    "contacts.read",
    "broadcasts.approve",
    "broadcasts.control",
    "statements.approve",
  ],
  crisis_lead: [
    ...everyone,
    "contacts.read",
    "broadcasts.control",
    "statements.draft",
    "crises.declare",
    "crises.lead",
    "messages.settle",
  ],
  media_liaison: [...everyone, "statements.draft", "liaisons.edit", "enquiries.answer"],
  auditor: [...everyone, "inbox.read", "contacts.read", "contacts.export", "answers.export", "audit.read"],
  admin: [
    ...everyone,
    "contacts.import",
    "contacts.export",
    "contacts.erase",
    "staff.edit",
    "channels.edit",
    "keys.edit",
    "liaisons.edit",
  ],
};

/** Every role, the least powerful first. */
export const ROLES = Object.keys(PERMISSIONS) as readonly Role[];

/** Whether any of the person's roles allows it; someone who left may do nothing. */
export function may(staff: Pick<StaffMember, "roles" | "active">, permission: Permission): boolean {
  return staff.active && staff.roles.some((role) => PERMISSIONS[role].includes(permission));
}

// ── Finding people ──────────────────────────────────────────────────────────────────────────────────────

const columns = sql.raw(
  'id, name, slack_user_id as "slackUserId", phone, language, roles, handle, duties, active, same_as as "sameAs"',
);

async function one(db: Db, where: SQL): Promise<StaffMember | undefined> {
  const [found] = await rows<StaffMember>(db, sql`select ${columns} from staff where active and ${where}`);
  return found;
}

export async function findStaff(db: Db, id: string): Promise<StaffMember | undefined> {
  const [found] = await rows<StaffMember>(db, sql`select ${columns} from staff where id = ${id}`);
  return found;
}

/** Active staff only, as all look-ups that lead to an act. */
export const findStaffBySlackUser = (db: Db, slackUserId: string) =>
  one(db, sql`slack_user_id = ${slackUserId}`);
/** `phone`: E.164. */
export const findStaffByPhone = (db: Db, phone: string) => one(db, sql`phone = ${phone}`);
export const findStaffByHandle = (db: Db, handle: string) => one(db, sql`handle = ${handle.toLowerCase()}`);

/** Everybody on a duty, in the order of their handles. */
export const listStaffByDuty = (db: Db, duty: string) =>
  rows<StaffMember>(
    db,
    sql`select ${columns} from staff where active and ${duty} = any(duties) order by handle`,
  );

export const listStaffByRole = (db: Db, role: Role) =>
  rows<StaffMember>(
    db,
    sql`select ${columns} from staff where active and ${role} = any(roles) order by handle`,
  );

/** Everybody, those who left last. */
export const listStaff = (db: Db) =>
  rows<StaffMember>(db, sql`select ${columns} from staff order by active desc, handle`);

/** Everybody, while nobody else changes the team. */
export async function lockStaff(tx: Db): Promise<StaffMember[]> {
  await tx.execute(sql`lock table staff in share row exclusive mode`);
  return listStaff(tx);
}

/**
 * Whom a protocol means: `person:<handle>`, `duty:<name>` or `role:<role>`. Empty when nobody fits: the caller must
 * say so, loudly.
 */
export async function staffFor(db: Db, reference: string): Promise<readonly StaffMember[]> {
  const [kind, name = ""] = reference.split(":", 2);
  if (kind === "duty") return listStaffByDuty(db, name);
  if (kind === "role") return listStaffByRole(db, name as Role);
  const person = kind === "person" ? await findStaffByHandle(db, name) : undefined;
  return person === undefined ? [] : [person];
}

/** Adds or changes people by their handle; `id` counts for new ones only. Returns them as they now are. */
export async function upsertStaff(db: Db, people: readonly StaffMember[]): Promise<readonly StaffMember[]> {
  if (people.length === 0) return [];
  return rows<StaffMember>(
    db,
    sql`
      insert into staff (id, name, slack_user_id, phone, language, roles, handle, duties, active, same_as)
      select id, name, "slackUserId", phone, language,
             array(select jsonb_array_elements_text(roles)), lower(handle),
             array(select jsonb_array_elements_text(duties)), active, "sameAs"
      from jsonb_to_recordset(${JSON.stringify(people)}::jsonb)
        as person (id uuid, name text, "slackUserId" text, phone text, language text, roles jsonb, handle text,
                   duties jsonb, active boolean, "sameAs" uuid)
      on conflict (handle) do update
        set name = excluded.name, slack_user_id = excluded.slack_user_id, phone = excluded.phone,
            language = excluded.language, roles = excluded.roles, duties = excluded.duties, active = excluded.active,
            same_as = excluded.same_as
      returning ${columns}`,
  );
}
