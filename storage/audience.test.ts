import { sql } from "drizzle-orm";
import fc from "fast-check";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanValue, fillFor, PLACEHOLDER_LIMITS, variantsOf } from "../flows/index.ts";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import { countAudience, type DrawUp, drawUpAudience, previewAudience, type Reaching } from "./audience.ts";
import { addContact } from "./contacts.ts";
import { rows } from "./database.ts";
import { joinGroup } from "./groups.ts";

const everyone: Reaching = {
  audience: { everyone: true },
  channels: ["whatsapp", "sms"],
  defaultLanguage: "en",
  beyondWindow: [],
  fields: ["name"],
};

function drawUp(reaching: Reaching, ref: string): DrawUp {
  return {
    ...reaching,
    texts: [
      { language: "en", variants: ["Hello \u00010!", "Hello!"], segments: [null, 1] },
      { language: "zu", variants: ["Sawubona \u00010!", "Sawubona!"], segments: [null, 1] },
    ],
    kind: "broadcast",
    ref,
    priority: 2,
    onDoubt: "hold",
    valueLength: 40,
  };
}

interface Made {
  readonly address: string;
  readonly text: string;
  readonly channel: string;
  readonly batch: string;
  readonly segments: number | null;
}

describe.each(testDatabases())("audiences on %s", (_engine, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
    const { db } = database;
    const contacts = [
      { name: "Thabo", language: "zu", fields: { ward: 3 }, addresses: ["sms:+27820000001"] },
      { name: "  Anna\n de  Wet ", language: "af", fields: { ward: 3 }, addresses: ["sms:+27820000002"] },
      { fields: { ward: 4 }, addresses: ["sms:+27820000003", "whatsapp:+27820000003"] },
      { name: "Lindiwe", language: "zu", addresses: ["sms:+27820000004", "whatsapp:+27820000004"] },
      { name: "Opted Out", fields: { ward: 3 }, addresses: ["sms:+27820000005"] },
      { name: "Bad", addresses: ["sms:+27820000006"] },
      { name: "Closed", addresses: ["whatsapp:+27820000007"] },
      { name: "Evil {name} \\1", language: "en", addresses: ["sms:+27820000008"] },
    ];
    for (const contact of contacts) await addContact(db, { id: v7(), ...contact });
    await db.execute(sql`update contacts set opted_out_at = now() where name = 'Opted Out'`);
    await db.execute(sql`update addresses set bad_since = now() where address = 'sms:+27820000006'`);
    await db.execute(
      sql`update addresses set last_inbound_at = now() - interval '1 hour' where address = 'whatsapp:+27820000004'`,
    );
    const [lindiwe] = await rows<{ id: string }>(db, sql`select id from contacts where name = 'Lindiwe'`);
    if (lindiwe) await joinGroup(db, lindiwe.id, "NGOs on water", v7);
  });
  afterAll(() => database.close());

  const made = (ref: string) =>
    rows<Made>(
      database.db,
      sql`select address, text, channel, batch_id as batch, segments from messages where ref = ${ref} order by address`,
    );

  test("counts who is reached, by channel and language, and who is not and why", async () => {
    const count = await countAudience(database.db, everyone);
    expect(count).toMatchObject({
      recipients: 5,
      byChannel: { sms: 4, whatsapp: 1 },
      byLanguage: { zu: 2, af: 1, en: 2 },
      optedOut: 1,
      unreachable: 1,
      outsideWindow: 1,
    });
    expect(count.parts.filter(({ gap }) => gap > 0)).toEqual([
      { channel: "sms", language: "en", gap: 1, people: 1 },
    ]);
  });

  test("an approved template reaches WhatsApp outside its window too, in its languages", async () => {
    const english = { ...everyone, beyondWindow: ["en"] };
    expect(await countAudience(database.db, english)).toMatchObject({
      recipients: 6,
      byChannel: { sms: 4, whatsapp: 2 },
      outsideWindow: 0,
    });
    expect(await countAudience(database.db, { ...everyone, beyondWindow: ["zu"] })).toMatchObject({
      recipients: 5,
      outsideWindow: 1,
    });
    const ref = v7();
    const notice = { name: "notice", language: "en" };
    const [en, zu] = drawUp(english, ref).texts;
    if (!en || !zu) throw new Error("no texts");
    await drawUpAudience(
      database.db,
      { ...drawUp(english, ref), texts: [{ ...en, approvedAs: notice }, zu] },
      undefined,
    );
    const carried = await rows<{ address: string; as: object | null }>(
      database.db,
      sql`select address, extras->'approvedAs' as as from messages where ref = ${ref} and channel = 'whatsapp' order by 1`,
    );
    expect(carried).toEqual([
      { address: "whatsapp:+27820000004", as: null },
      { address: "whatsapp:+27820000007", as: notice },
    ]);
  });

  test("conditions narrow: wards and languages and groups; none at all is nobody", async () => {
    const recipients = async (audience: Reaching["audience"]) =>
      (await countAudience(database.db, { ...everyone, audience })).recipients;
    expect(await recipients({ wards: [3] })).toBe(2);
    expect(await recipients({ wards: [3, 4], languages: ["zu", "en"] })).toBe(2);
    expect(await recipients({ groups: ["NGOs on water"] })).toBe(1);
    expect(await recipients({ groups: ["NGOs on water"], wards: [3] })).toBe(0);
    expect(await recipients({})).toBe(0);
    expect(await recipients({ wards: [] })).toBe(0);
  });

  test("draws up one message a person, in their language, with their name, on the preferred open channel", async () => {
    const ref = v7();
    const drawn = await drawUpAudience(database.db, drawUp(everyone, ref), undefined);
    expect(drawn).toMatchObject({ next: undefined, messages: 5 });
    expect([...drawn.channels].sort()).toEqual(["sms", "whatsapp"]);
    const messages = await made(ref);
    expect(messages.map(({ address, text, segments }) => [address, text, segments])).toEqual([
      ["sms:+27820000001", "Sawubona Thabo!", null],
      ["sms:+27820000002", "Hello Anna de Wet!", null],
      ["sms:+27820000003", "Hello!", 1],
      ["sms:+27820000008", "Hello Evil {name} \\1!", null],
      ["whatsapp:+27820000004", "Sawubona Lindiwe!", null],
    ]);
    const batches = await rows<{ id: string; channel: string }>(
      database.db,
      sql`select id, channel from outbox_batches where ref = ${ref}`,
    );
    for (const message of messages)
      expect(batches).toContainEqual({ id: message.batch, channel: message.channel });
    expect(batches).toHaveLength(2);
  });

  test("chunk by chunk it makes the same messages as at once, each once", async () => {
    const ref = v7();
    let after: string | undefined;
    let chunks = 0;
    do {
      after = (await drawUpAudience(database.db, drawUp(everyone, ref), after, 3)).next;
      chunks += 1;
    } while (after !== undefined);
    expect(chunks).toBe(3);
    const addresses = (await made(ref)).map(({ address }) => address);
    expect(addresses).toHaveLength(5);
    expect(new Set(addresses).size).toBe(5);
  });

  test("batches hold at most 500", async () => {
    const ref = v7();
    await database.db.execute(sql`
      with people as (
        insert into contacts (id, name, fields) select uuid7(), 'P' || n, '{"ward": 9}' from generate_series(1, 1201) n
        returning id, name)
      insert into addresses (address, contact_id, channel)
      select 'sms:+2783' || lpad(substr(name, 2), 7, '0'), id, 'sms' from people`);
    const reaching = { ...everyone, audience: { wards: [9] } };
    await drawUpAudience(database.db, drawUp(reaching, ref), undefined);
    const sizes = await rows<{ n: number }>(
      database.db,
      sql`select count(*)::int as n from messages where ref = ${ref} group by batch_id order by 1`,
    );
    expect(sizes.map(({ n }) => n)).toEqual([201, 500, 500]);
  });

  test("what is drawn up and what is previewed is, for anybody, what the pure rule says", async () => {
    const { db } = database;
    const odd = fc.oneof(
      fc.constantFrom(
        "",
        " ",
        "\t\n",
        "{ward}",
        "\u00010",
        "\\1 $1 %s ' \" ;",
        "é\u00a0ṱ\u2028😀",
        "Main\r\nRoad",
      ),
      fc.string({ unit: "binary", maxLength: 60 }).map((text) => text.replaceAll("\0", "").toWellFormed()),
    );
    const fields = ["name", "street", "ward"];
    const texts = [
      "{name|friend}, {street} {ward|?}: {name}",
      "Dear {name}, water is off in {street|your street}, {ward}.",
      "{ward}{ward|x}{street}",
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name: odd, street: fc.option(odd, { nil: undefined }), ward: odd }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.constantFrom(...texts),
        async (people, text) => {
          const [group, ref] = [`g ${v7()}`, v7()];
          const wanted = new Map<string, string>();
          for (const { name, street, ward } of people) {
            const id = v7();
            const [digits] = await rows<{ n: string }>(
              db,
              sql`select lpad((count(*) + 100)::text, 8, '0') as n from addresses`,
            );
            const address = `sms:+2783${digits?.n}` as const;
            await addContact(db, {
              id,
              name,
              language: "en",
              fields: { ...(street === undefined ? {} : { street }), ward },
              addresses: [address],
            });
            await joinGroup(db, id, group, v7);
            wanted.set(address, fillFor(text, { name, street, ward }));
          }
          const addressed = {
            ...everyone,
            audience: { groups: [group] },
            fields,
            valueLength: PLACEHOLDER_LIMITS.value,
            texts: [
              {
                language: "en",
                variants: variantsOf(text, fields),
                segments: variantsOf(text, fields).map(() => null),
              },
            ],
          };
          await drawUpAudience(
            db,
            { ...addressed, kind: "broadcast", ref, priority: 2, onDoubt: "hold" },
            undefined,
          );
          const drawn = await made(ref);
          expect(new Map(drawn.map((row) => [row.address, row.text]))).toEqual(wanted);
          const counted = await countAudience(db, addressed);
          const gap = (of: (typeof people)[number]) =>
            fields.reduce(
              (bits, field, at) => (cleanValue(of[field as "name"] ?? "") === "" ? bits | (1 << at) : bits),
              0,
            );
          for (const part of counted.parts)
            expect(part.people).toBe(people.filter((one) => gap(one) === part.gap).length);
          const previewed = await previewAudience(db, addressed);
          const lengths = [...wanted.values()].map((one) => [...one].length);
          for (const { why, text: shown } of previewed) {
            expect([...wanted.values()]).toContain(shown);
            if (why === "longest") expect([...shown].length).toBe(Math.max(...lengths));
            if (why === "shortest") expect([...shown].length).toBe(Math.min(...lengths));
          }
          expect(previewed.some(({ why }) => why === "missing")).toBe(people.some((one) => gap(one) > 0));
        },
      ),
      { numRuns: 25 },
    );
  });
});
