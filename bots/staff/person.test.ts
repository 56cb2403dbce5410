import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addContact, findContact, rows } from "#storage";
import { buttonsOf, type Desk, openDesk } from "../../test/support/staff-desk.ts";
import { personFeature } from "./person.ts";

let desk: Desk;
const id = v7();
beforeAll(async () => {
  desk = await openDesk({
    features: [personFeature],
    staff: { root: ["admin"], vusi: ["auditor"], naledi: ["author"] },
  });
  await addContact(desk.db, { id, name: "Sipho <Dlamini>", addresses: ["sms:+27821234567"] });
});
afterAll(() => desk.close());

const shown = async (who: string, number: string) => {
  const { calls, whisper } = await desk.command(who, `person ${number}`);
  const view = calls.find(({ method }) => method === "views.open")?.arguments.view as
    | { blocks: readonly never[] }
    | undefined;
  return { whisper, view };
};

test("who may look sees all that is held; who may not is told whom to ask", async () => {
  const { view, whisper } = await shown("vusi", "082 123 4567");
  expect(whisper).toContain("name: Sipho &lt;Dlamini&gt;");
  expect(buttonsOf(view?.blocks ?? [])).toEqual({});
  expect((await shown("naledi", "082 123 4567")).whisper).toMatch(/do not allow this/);
  expect((await shown("vusi", "0831112222")).whisper).toMatch(/Nobody has this number/);
});

test("an admin erases with a reason and by saying so, once, however often the button is pressed", async () => {
  const { view } = await shown("root", "082 123 4567");
  const { "person.erase": value = "" } = buttonsOf(view?.blocks ?? []);
  const form = (await desk.click("root", "person.erase", value)).view;
  if (!form) throw new Error("no form");
  const errorsOf = async (entries: object) =>
    ((await desk.submit("root", form, entries as never)).ack as { errors?: object }).errors;
  expect(await errorsOf({ reason: "letter of Mr Dlamini", sure: ["sure"] })).toMatchObject({
    reason: expect.stringMatching(/without the person's name/),
  });
  expect(await errorsOf({ reason: "asked by letter" })).toMatchObject({ sure: expect.any(String) });
  expect(await findContact(desk.db, id)).toBeDefined();
  const entries = { reason: "asked by letter", sure: ["sure"] };
  const done = await desk.submit("root", form, entries);
  expect(done.whisper).toMatch(/^Erased/);
  await done.again();
  expect((await desk.submit("root", form, entries)).whisper).toMatch(/erased already/);
  expect(await findContact(desk.db, id)).toBeUndefined();
  const acts = await rows<{ data: object }>(
    desk.db,
    sql`select data from audit_log where action = 'contact.erased'`,
  );
  expect(acts).toHaveLength(1);
  expect(JSON.stringify(acts)).not.toMatch(/Sipho|821234567/);
  expect((await shown("root", "082 123 4567")).whisper).toMatch(/was erased on/);
});
