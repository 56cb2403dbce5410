import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabases } from "../test/support/database.ts";
import { listConsent, recordConsent } from "./consent.ts";
import {
  addContact,
  changeContact,
  contactForAddress,
  findContact,
  findContactByAddress,
  lastAddress,
  listAddresses,
  numberOf,
  phoneAddress,
  toE164,
} from "./contacts.ts";
import type { Database, Db } from "./database.ts";
import { findGroup, groupsOf, joinGroup, leaveGroup, listGroups } from "./groups.ts";

describe("numbers as people write them", () => {
  test.each([
    ["0821234567", "+27821234567"],
    ["082 123 4567", "+27821234567"],
    ["(082) 123-4567", "+27821234567"],
    ["27821234567", "+27821234567"],
    ["0027821234567", "+27821234567"],
    ["+27 82 123 4567", "+27821234567"],
    ["+27600001001", "+27600001001"],
    ["+1 415 555 0100", "+14155550100"],
    // The library takes these for mobile numbers.
    ["082123456", undefined],
    ["+2782123456", undefined],
    ["08212345678", undefined],
    ["10177", undefined],
    ["", undefined],
    ["Nomsa", undefined],
  ])("%s", (written, number) => {
    expect(toE164(written, "ZA")).toBe(number);
    expect(phoneAddress("sms", written, "ZA")).toBe(number && `sms:${number}`);
  });

  test("the number behind an address", () => {
    expect(numberOf("whatsapp:+27821234567")).toBe("+27821234567");
    expect(numberOf("sms:10177")).toBeUndefined();
    expect(numberOf("slack:U123")).toBeUndefined();
  });
});

describe.each(testDatabases())("contacts on %s", (_engine, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  let numbers = 0;
  const number = () => `+2760000${String(++numbers).padStart(4, "0")}`;
  const inOne = <T>(work: (tx: Db) => Promise<T>) =>
    database.db.transaction((tx) => work(tx as unknown as Db));

  test("SMS and WhatsApp of one number are one person, whichever came first", async () => {
    const n = number();
    const bySms = await inOne((tx) => contactForAddress(tx, `sms:${n}`, v7));
    const byWhatsApp = await inOne((tx) => contactForAddress(tx, `whatsapp:${n}`, v7));
    expect(byWhatsApp.id).toBe(bySms.id);
    expect((await listAddresses(database.db, bySms.id)).map(({ address }) => address)).toEqual([
      `sms:${n}`,
      `whatsapp:${n}`,
    ]);
    const other = await inOne((tx) => contactForAddress(tx, `whatsapp:${number()}`, v7));
    expect(other.id).not.toBe(bySms.id);
  });

  test("twenty first messages at once make one person", async () => {
    const n = number();
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        inOne((tx) => contactForAddress(tx, `${i % 2 ? "sms" : "whatsapp"}:${n}`, v7)),
      ),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  });

  test("what a turn learns is kept, what it does not say stays", async () => {
    const id = v7();
    const n = number();
    await addContact(database.db, {
      id,
      name: "Nomsa",
      language: "zu",
      fields: { ward: 4 },
      addresses: [`sms:${n}`],
    });
    await changeContact(database.db, id, { fields: { suburb: "KwaMashu", ward: 5 } });
    await changeContact(database.db, id, { language: "en" });
    await changeContact(database.db, id, { handedOver: true });
    expect(await findContactByAddress(database.db, `whatsapp:${n}`)).toEqual({
      id,
      name: "Nomsa",
      language: "en",
      fields: { ward: 5, suburb: "KwaMashu" },
      optedOut: false,
      handedOver: true,
    });
    await changeContact(database.db, id, { handedOver: false, name: "Nomsa D" });
    expect(await findContact(database.db, id)).toMatchObject({ name: "Nomsa D", handedOver: false });
  });

  test("a person has at most so many fields", async () => {
    const id = v7();
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, i]));
    await addContact(database.db, { id, fields: many, addresses: [] });
    await changeContact(database.db, id, { fields: { more: true } });
    await changeContact(database.db, id, { fields: { f0: "changed" } });
    const { fields } = (await findContact(database.db, id)) ?? {};
    expect(Object.keys(fields ?? {})).toHaveLength(50);
    expect(fields?.f0).toBe("changed");
  });

  test("the answer goes where the person wrote last, never to what is dead", async () => {
    const id = v7();
    const [a, b] = [`sms:${number()}`, `whatsapp:${number()}`];
    await addContact(database.db, { id, addresses: [a, b] });
    expect(await lastAddress(database.db, id)).toBe(a);
    await database.db.execute(`update addresses set last_inbound_at = now() where address = '${b}'`);
    expect(await lastAddress(database.db, id)).toBe(b);
    await database.db.execute(`update addresses set bad_since = now() where address = '${b}'`);
    expect(await lastAddress(database.db, id)).toBe(a);
  });

  test("ledger and contact say the same", async () => {
    const id = v7();
    const address = `sms:${number()}`;
    await addContact(database.db, { id, addresses: [address] });
    const say = (kind: "opt_in" | "opt_out", source: string) =>
      recordConsent(database.db, { id: v7(), contactId: id, address, kind, source, messageId: v7() });
    expect(await say("opt_in", "keyword START")).toBe(false);
    expect(await say("opt_out", "keyword STOP")).toBe(true);
    expect((await findContact(database.db, id))?.optedOut).toBe(true);
    expect(await say("opt_out", "keyword STOP")).toBe(false);
    expect(await say("opt_in", "keyword START")).toBe(true);
    expect((await findContact(database.db, id))?.optedOut).toBe(false);
    expect((await listConsent(database.db, id)).map(({ kind }) => kind)).toEqual([
      "opt_in",
      "opt_out",
      "opt_out",
      "opt_in",
    ]);
    await expect(
      database.db.execute(`delete from consent_ledger where contact_id = '${id}'`),
    ).rejects.toThrow();
    await expect(
      recordConsent(database.db, { id: v7(), contactId: v7(), address, kind: "opt_in", source: "x" }),
    ).rejects.toThrow("no contact");
  });

  test("groups are made when the first one joins", async () => {
    const [a, b] = [v7(), v7()];
    for (const id of [a, b]) await addContact(database.db, { id, addresses: [] });
    await joinGroup(database.db, a, "Water users", v7);
    await joinGroup(database.db, a, "Water users", v7);
    await joinGroup(database.db, b, "Water users", v7);
    await joinGroup(database.db, a, "Youth", v7);
    expect(await findGroup(database.db, "Water users")).toMatchObject({ members: 2 });
    expect(await groupsOf(database.db, a)).toEqual(["Water users", "Youth"]);
    await leaveGroup(database.db, a, "Water users");
    await leaveGroup(database.db, a, "Nobody's");
    expect((await listGroups(database.db)).map(({ name, members }) => [name, members])).toEqual([
      ["Water users", 1],
      ["Youth", 1],
    ]);
  });
});
