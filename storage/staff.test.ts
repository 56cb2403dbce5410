import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import type { Role } from "./schema.ts";
import {
  findStaff,
  findStaffByHandle,
  findStaffByPhone,
  findStaffBySlackUser,
  listStaff,
  listStaffByDuty,
  listStaffByRole,
  may,
  PERMISSIONS,
  type Permission,
  type StaffMember,
  staffFor,
  upsertStaff,
} from "./staff.ts";

const person = (handle: string, more: Partial<StaffMember> = {}): StaffMember => ({
  id: crypto.randomUUID(),
  name: handle,
  slackUserId: null,
  phone: null,
  language: "en",
  roles: ["viewer"],
  handle,
  duties: [],
  active: true,
  sameAs: null,
  ...more,
});

describe("permissions", () => {
  const withRole = (role: Role, active = true) => ({ roles: [role], active });

  test("admin neither sends nor approves, in any form", () => {
    const forbidden: Permission[] = [
      "broadcasts.draft",
      "broadcasts.approve",
      "broadcasts.control",
      "consultations.run",
      "statements.draft",
      "statements.approve",
      "crises.declare",
      "crises.lead",
      "inbox.reply",
      "enquiries.answer",
    ];
    for (const permission of forbidden) expect(may(withRole("admin"), permission)).toBe(false);
    expect(may(withRole("admin"), "staff.edit")).toBe(true);
  });

  test("auditor and viewer only read", () => {
    for (const role of ["auditor", "viewer"] as const)
      for (const permission of PERMISSIONS[role]) expect(permission).toMatch(/\.(read|export)$/);
  });

  test("no role both drafts and approves the same thing; only approvers approve", () => {
    for (const [role, permissions] of Object.entries(PERMISSIONS))
      for (const what of ["broadcasts", "statements"] as const) {
        expect(permissions.includes(`${what}.draft`) && permissions.includes(`${what}.approve`)).toBe(false);
        expect(permissions.includes(`${what}.approve`)).toBe(role === "approver");
      }
  });

  test("only crisis leads declare, and who left may do nothing", () => {
    const roles = Object.keys(PERMISSIONS) as Role[];
    expect(roles.filter((role) => may(withRole(role), "crises.declare"))).toEqual(["crisis_lead"]);
    for (const role of roles) expect(may(withRole(role, false), "results.read")).toBe(false);
    expect(may({ roles: ["viewer", "approver"], active: true }, "broadcasts.approve")).toBe(true);
  });
});

describe.each(testDatabases())("staff on %s", (_engine, open) => {
  let database: TestDatabase;
  const naledi = person("Naledi", {
    slackUserId: "U0NALEDI01",
    phone: "+27600003001",
    roles: ["author", "crisis_lead"],
    duties: ["communications"],
  });
  const johan = person("johan", { phone: "+27600003004", duties: ["disaster-management", "communications"] });
  const left = person("left", { slackUserId: "U0LEFT0001", duties: ["communications"], active: false });
  beforeAll(async () => {
    database = await open();
    await upsertStaff(database.db, [naledi, johan, left]);
  });
  afterAll(() => database.close());

  test("are found by every name they have", async () => {
    const { db } = database;
    const found = { ...naledi, handle: "naledi" };
    expect(await findStaff(db, naledi.id)).toEqual(found);
    expect(await findStaffBySlackUser(db, "U0NALEDI01")).toEqual(found);
    expect(await findStaffByPhone(db, "+27600003001")).toEqual(found);
    expect(await findStaffByHandle(db, "NALEDI")).toEqual(found);
    expect((await listStaffByDuty(db, "communications")).map((s) => s.handle)).toEqual(["johan", "naledi"]);
    expect((await listStaffByRole(db, "author")).map((s) => s.handle)).toEqual(["naledi"]);
    expect((await listStaff(db)).map((s) => s.handle)).toEqual(["johan", "naledi", "left"]);
    expect((await staffFor(db, "person:johan")).map((s) => s.handle)).toEqual(["johan"]);
    expect((await staffFor(db, "duty:disaster-management")).map((s) => s.handle)).toEqual(["johan"]);
    expect((await staffFor(db, "role:crisis_lead")).map((s) => s.handle)).toEqual(["naledi"]);
    for (const nobody of ["person:nobody", "duty:nothing", "johan", "person:", "group:x", "role:none"])
      expect(await staffFor(db, nobody)).toEqual([]);
  });

  test("who left is found by id only", async () => {
    expect(await findStaffBySlackUser(database.db, "U0LEFT0001")).toBeUndefined();
    expect(await findStaffByHandle(database.db, "left")).toBeUndefined();
    expect((await findStaff(database.db, left.id))?.active).toBe(false);
  });

  test("an upsert changes the person of that handle and keeps their id", async () => {
    const [changed] = await upsertStaff(database.db, [
      { ...johan, id: crypto.randomUUID(), phone: null, roles: ["crisis_lead", "approver"], duties: [] },
    ]);
    expect(changed).toMatchObject({
      id: johan.id,
      phone: null,
      roles: ["crisis_lead", "approver"],
      duties: [],
    });
    expect(await upsertStaff(database.db, [])).toEqual([]);
  });

  test("one Slack account is one person", async () => {
    await expect(
      upsertStaff(database.db, [person("double", { slackUserId: "U0NALEDI01" })]),
    ).rejects.toThrow();
  });
});
