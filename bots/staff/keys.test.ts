import { afterAll, beforeAll, expect, test } from "vitest";
import { listApiKeys, noteApiKeyUse } from "#storage";
import { type Desk, openDesk } from "../../test/support/staff-desk.ts";
import { keysFeature } from "./keys.ts";

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ features: [keysFeature], staff: { root: ["admin"], naledi: ["author"] } });
});
afterAll(() => desk.close());

test("an admin makes a key that only they see, and revokes it; others may not", async () => {
  expect((await desk.command("naledi", "keys")).whisper).toMatch(/do not allow this/);
  const form = (await desk.click("root", "keys.new", "-")).view;
  if (!form) throw new Error("no form");
  const given = { name: "Outages", owner: "naledi", scopes: ["broadcasts:write"], days: "30" };
  const refused = await desk.submit("root", form, { ...given, owner: "nobody" });
  expect(refused.ack).toMatchObject({ errors: { owner: expect.stringMatching(/no member of staff/) } });
  const made = await desk.submit("root", form, given);
  const [, key = ""] = /`(saypro_\S+)`/.exec(made.whisper ?? "") ?? [];
  expect(await noteApiKeyUse(desk.db, key)).toMatchObject({ owner: { handle: "naledi" }, left: 119 });
  expect(desk.logged.join()).not.toContain(key);
  const listed = await desk.command("root", "keys");
  expect(listed.whisper).toContain("broadcasts:write");
  expect(listed.whisper).not.toContain(key);
  const prefix = (await listApiKeys(desk.db))[0]?.prefix ?? "";
  await desk.click("root", "keys.revoke", prefix);
  await desk.click("root", "keys.revoke", prefix);
  expect(await noteApiKeyUse(desk.db, key)).toBeUndefined();
  expect(await desk.audit()).toEqual(["api_key.made", "api_key.revoked"]);
});
