import { randomBytes } from "node:crypto";
import {
  addApiKey,
  findStaffByHandle,
  may,
  type Permission,
  revokeApiKey,
  SCOPES,
  type Scope,
  type StaffMember,
} from "#storage";
import type { Unit } from "../unit.ts";

/** What a key begins with, so that scanners for leaked secrets know it. */
const MARK = "saypro_";
const BYTES = 32;
/** Characters that are shown of a key. */
const SHOWN = MARK.length + 6;
export const DEFAULT_PER_MINUTE = 120;
const MAX_PER_MINUTE = 6_000;
const MAX_DAYS = 730;

/** What the owner must be allowed to do for the key to do it. */
export const PERMISSION_OF: Readonly<Record<Scope, Permission>> = {
  "contacts:read": "contacts.read",
  "contacts:write": "contacts.import",
  "contacts:import": "contacts.import",
  "audiences:read": "contacts.read",
  "broadcasts:read": "results.read",
  "broadcasts:write": "broadcasts.draft",
  "results:read": "results.read",
};

export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Handle of the member of staff in whose name it acts. */
  readonly owner: string;
  readonly perMinute?: number;
  /** Days until it expires; without them it does not. */
  readonly days?: number;
  /** `cli`, `staff:<id>`. */
  readonly actor: string;
}

export type KeyMade =
  | { readonly ok: true; readonly key: string; readonly prefix: string }
  | {
      readonly ok: false;
      readonly field: "name" | "scopes" | "owner" | "perMinute" | "days";
      readonly words: string;
    };

/** Makes a key. It is shown once: only its hash is kept. */
export async function makeApiKey(unit: Unit, request: KeyRequest): Promise<KeyMade> {
  const { name, owner: handle, perMinute = DEFAULT_PER_MINUTE, days, actor } = request;
  const no = (field: Extract<KeyMade, { ok: false }>["field"], words: string): KeyMade => ({
    ok: false,
    field,
    words,
  });
  if (name.trim() === "" || name.length > 60) return no("name", "Name the system in 1 to 60 characters.");
  const unknown = request.scopes.filter((scope) => !isScope(scope));
  const scopes = request.scopes.filter(isScope);
  if (unknown.length > 0 || scopes.length === 0)
    return no("scopes", `${unknown.join(", ") || "None"}: choose from ${SCOPES.join(", ")}.`);
  if (!Number.isInteger(perMinute) || perMinute < 1 || perMinute > MAX_PER_MINUTE)
    return no("perMinute", `Requests in a minute: 1 to ${MAX_PER_MINUTE}.`);
  if (days !== undefined && (!Number.isInteger(days) || days < 1 || days > MAX_DAYS))
    return no("days", `Days: 1 to ${MAX_DAYS}.`);
  const owner = await findStaffByHandle(unit.tx, handle);
  if (!owner) return no("owner", `There is no member of staff with the handle ${handle}.`);
  const beyond = scopes.filter((scope) => !mayUse(owner, scope));
  if (beyond.length > 0)
    return no(
      "owner",
      `${owner.name}'s roles do not allow ${beyond.join(", ")}: a key may do no more than its owner.`,
    );
  const key = MARK + randomBytes(BYTES).toString("base64url");
  const id = unit.app.newId();
  const prefix = key.slice(0, SHOWN);
  const expiresAt =
    days === undefined ? null : new Date(unit.now.getTime() + days * 86_400_000).toISOString();
  await addApiKey(unit.tx, {
    id,
    key,
    name: name.trim(),
    prefix,
    scopes,
    ownerId: owner.id,
    perMinute,
    expiresAt,
  });
  await unit.audit({
    actor,
    action: "api_key.made",
    subject: `api_key:${id}`,
    data: { name: name.trim(), prefix, scopes, owner: owner.handle, perMinute, expiresAt },
  });
  return { ok: true, key, prefix };
}

/** By name or prefix; false when there is none that may still do something. */
export async function endApiKey(unit: Unit, named: string, actor: string): Promise<boolean> {
  const revoked = await revokeApiKey(unit.tx, named);
  if (!revoked) return false;
  await unit.audit({
    actor,
    action: "api_key.revoked",
    subject: `api_key:${revoked.id}`,
    data: { name: revoked.name, prefix: revoked.prefix },
  });
  return true;
}

/** Checked at every use: who loses a role takes it from their keys too. */
export const mayUse = (owner: StaffMember, scope: Scope): boolean => may(owner, PERMISSION_OF[scope]);

const isScope = (written: string): written is Scope => SCOPES.some((scope) => scope === written);
