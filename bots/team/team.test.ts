import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listStaff, ROLES, type StaffMember, verifyAudit } from "#storage";
import { type CitizenApp, openCitizenApp } from "../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { commit } from "../unit.ts";
import { type GivenMember, keepMember } from "./index.ts";

describe.each(testDatabases())("the team on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  let root: StaffMember;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    root = await kept("cli", { handle: "root", name: "Root", slack: "U0ROOT", roles: ["admin"] });
  });
  afterAll(() => database.close());

  const keep = (by: StaffMember | "cli", given: GivenMember) =>
    commit(town.app, (unit) => keepMember(unit, by, given));
  const kept = async (by: StaffMember | "cli", given: GivenMember): Promise<StaffMember> => {
    const outcome = await keep(by, given);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.faults));
    return outcome.member;
  };
  const faults = async (by: StaffMember | "cli", given: GivenMember): Promise<readonly string[]> => {
    const outcome = await keep(by, given);
    return outcome.ok ? [] : outcome.faults.map(({ field, words }) => `${field}: ${words}`);
  };

  test("adds a person, changes only what is given, and tells the approvals channel of new powers", async () => {
    await town.heard("slack:#approvals");
    const naledi = await kept(root, {
      handle: "Naledi",
      name: "  Naledi   Khumalo ",
      slack: "U0NALEDI",
      phone: "082 555 0101",
      roles: ["author"],
      duties: ["Standby-Engineer"],
    });
    expect(naledi).toMatchObject({
      handle: "naledi",
      name: "Naledi Khumalo",
      phone: "+27825550101",
      roles: ["author"],
      duties: ["standby-engineer"],
    });
    const changed = await kept("cli", { handle: "naledi", roles: ["approver", "author"] });
    expect(changed).toEqual({ ...naledi, roles: ["author", "approver"] });
    await kept("cli", { handle: "naledi", language: "zu" });
    expect(await town.heard("slack:#approvals")).toEqual([
      expect.stringMatching(
        /Root changed the team: \*Naledi Khumalo\* was not on the team, and is now author; on duty/,
      ),
      expect.stringMatching(/On the server changed the team: .* was author;.* and is now author, approver;/),
    ]);
    expect(await verifyAudit(database.db)).toMatchObject({ ok: true });
  });

  test("who has left may come back, and nothing of them is forgotten", async () => {
    const thabo = await kept("cli", {
      handle: "thabo",
      name: "Thabo",
      phone: "+27825550102",
      roles: ["approver"],
    });
    expect(await kept(root, { handle: "thabo", active: false })).toEqual({ ...thabo, active: false });
    expect(await kept(root, { handle: "thabo" })).toEqual(thabo);
  });

  test("one person has one entry: no second one by name, account or number", async () => {
    await kept("cli", { handle: "one", name: "Émilie Nkosi", slack: "U0ONE", phone: "+27825550103" });
    expect(
      await faults(root, { handle: "two", name: "emilie  nkosi", slack: "U0ONE", phone: "0825550103" }),
    ).toEqual([
      expect.stringMatching(/^name: Émilie Nkosi \(one\) has this name/),
      "slack: Émilie Nkosi (one) has this Slack account.",
      "phone: Émilie Nkosi (one) has this number.",
    ]);
  });

  test("a second account is declared as the same person, who changes neither of the two", async () => {
    const first = await kept("cli", { handle: "sipho", name: "Sipho", slack: "U0SIPHO", roles: ["admin"] });
    await town.heard("slack:#approvals");
    const tablet = await kept(root, {
      handle: "sipho-tablet",
      name: "Sipho",
      slack: "U0TABLET",
      sameAs: "Sipho",
    });
    expect(tablet.sameAs).toBe(first.id);
    expect(await town.heard("slack:#approvals")).toEqual([
      expect.stringContaining("one person with another entry"),
    ]);
    expect((await kept("cli", { handle: "sipho-tablet", language: "zu" })).sameAs).toBe(first.id);
    const third = await kept("cli", {
      handle: "sipho-3",
      name: "S. 3",
      slack: "U03",
      sameAs: "sipho-tablet",
    });
    expect(third.sameAs).toBe(first.id);
    expect(await faults(first, { handle: "sipho-tablet", name: "Somebody else", sameAs: "" })).toEqual([
      expect.stringContaining("Nobody changes their own entry"),
    ]);
    expect(await faults("cli", { handle: "sipho", sameAs: "root" })).toContainEqual(
      expect.stringContaining("Another entry says that it is the same person as sipho"),
    );
    expect(await faults("cli", { handle: "sipho-3", sameAs: "nobody" })).toEqual([
      "sameAs: There is nobody else with the handle nobody.",
    ]);
    expect((await kept("cli", { handle: "sipho-3", sameAs: "" })).sameAs).toBeNull();
  });

  test("every fault is named with its field, and nothing is kept", async () => {
    expect(
      await faults("cli", {
        handle: "!",
        name: " ",
        slack: "nobody",
        phone: "12",
        language: "xx",
        roles: ["author", "boss"],
        duties: ["on call!"],
      }),
    ).toEqual([
      expect.stringMatching(/^handle: "!": write a short name/),
      "name: Give a name of 1 to 100 characters.",
      expect.stringMatching(/^slack: "nobody" is no Slack member ID/),
      expect.stringMatching(/^phone: "12" is no phone number/),
      'language: "xx": choose one of en, zu, xh, af, sfs.',
      `roles: No role "boss": choose of ${ROLES.join(", ")}.`,
      expect.stringMatching(/^duties: At most 20/),
    ]);
    expect(await faults("cli", { handle: "ghost", name: "Ghost" })).toEqual([
      expect.stringMatching(/^slack: Give a Slack member ID or a phone number/),
    ]);
    expect((await listStaff(database.db)).some(({ handle }) => handle === "ghost")).toBe(false);
  });

  test("only admins change it, and never their own entry", async () => {
    const author = await kept("cli", {
      handle: "author",
      name: "Author",
      slack: "U0AUTHOR",
      roles: ["author"],
    });
    expect(await faults(author, { handle: "author", roles: ["approver"] })).toEqual([
      "handle: Your role does not change the team.",
    ]);
    expect(await faults(root, { handle: "root", roles: ["admin", "approver"] })).toEqual([
      expect.stringMatching(/^handle: Nobody changes their own entry/),
    ]);
  });

  test("two at the same moment: both changes are judged, one after the other", async () => {
    const outcomes = await Promise.all(
      ["left", "right"].map((handle) =>
        keep("cli", { handle, name: "Same Name", slack: `U0${handle.toUpperCase()}` }),
      ),
    );
    expect(outcomes.map(({ ok }) => ok).sort()).toEqual([false, true]);
  });
});
