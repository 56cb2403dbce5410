import { afterAll, beforeAll, expect, test } from "vitest";
import { findStaffByHandle, listStaff } from "#storage";
import { type Desk, type Entries, openDesk, type ShownView } from "../../test/support/staff-desk.ts";
import { teamFeature } from "./team.ts";

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({
    features: [teamFeature],
    staff: { root: ["admin"], naledi: ["author"], thabo: ["approver"] },
  });
});
afterAll(() => desk.close());

test("everybody sees the team and which duties nobody has; only an admin gets buttons", async () => {
  const seen = await desk.command("naledi", "team");
  expect(seen.whisper).toMatch(/Protocols call somebody whom nobody is: .*water/);
  expect(seen.whisper).toContain("*Thabo* (thabo): approver");
  expect(JSON.stringify(seen.calls)).not.toContain("team.edit");
  expect((await desk.click("naledi", "team.edit", "naledi")).view).toBeUndefined();
});

test("an admin adds and changes people, with faults at their fields; not their own entry", async () => {
  const formOf = async (handle: string): Promise<ShownView> => {
    const { view } = await desk.click("root", "team.edit", handle);
    if (!view) throw new Error("no form");
    return view;
  };
  const errorsOf = async (view: ShownView, entries: Entries) =>
    ((await desk.submit("root", view, entries)).ack as { errors?: Record<string, string> }).errors;
  const list = JSON.stringify((await desk.command("root", "team")).calls);
  expect(list).toContain('"value":"thabo"');
  expect(list).not.toContain('"value":"root"');

  const empty = await formOf("-");
  const typed = { handle: "sizwe", name: "Sizwe Cele", phone: "082 555 0107", roles: ["agent"] };
  expect(await errorsOf(empty, { ...typed, handle: "thabo" })).toEqual({
    handle: "This is Thabo's handle: choose another.",
  });
  expect(await errorsOf(empty, { ...typed, phone: "12" })).toEqual({
    phone: expect.stringMatching(/^"12" is no/),
  });
  await desk.submit("root", empty, typed);
  expect(await findStaffByHandle(desk.db, "sizwe")).toMatchObject({
    phone: "+27825550107",
    roles: ["agent"],
  });

  await desk.submit("root", await formOf("sizwe"), { active: ["left"] });
  expect((await listStaff(desk.db)).find(({ handle }) => handle === "sizwe")).toMatchObject({
    name: "Sizwe Cele",
    roles: ["agent"],
    active: false,
  });
  expect(await errorsOf(await formOf("root"), { roles: ["admin", "approver"] })).toEqual({
    name: expect.stringMatching(/^Nobody changes their own entry/),
  });
  expect(await desk.audit()).toEqual(["staff.added", "staff.left"]);
});
