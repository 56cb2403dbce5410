import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { v7 } from "uuid";
import type { Channel, ChannelName } from "#channels";
import {
  addContact,
  type Database,
  joinGroup,
  openSecrets,
  type Role,
  rows,
  type StaffMember,
  upsertStaff,
} from "#storage";
import { loadContent } from "#templates";
import type { App } from "../../bots/app.ts";
import { crisisTimers } from "../../bots/crisis/index.ts";
import { handleArrival } from "../../bots/inbound.ts";
import { registerLiaison } from "../../bots/media/index.ts";
import { openReceipts } from "../../bots/receipts.ts";
import { fireOne } from "../../bots/timers.ts";
import { commit } from "../../bots/unit.ts";

const TEMPLATES = fileURLToPath(new URL("../../templates", import.meta.url));

export interface Queued {
  readonly id: string;
  readonly address: string;
  readonly text: string;
  readonly kind: string;
  readonly status: string;
  readonly priority: number;
  readonly ref: string | null;
  readonly thread: string | null;
  readonly replaces: string | null;
  readonly blocks: string | null;
}

export interface CrisisTown {
  readonly app: App;
  readonly staff: Readonly<Record<string, StaffMember>>;
  /** Time goes by, for the program and for the timers; nothing is fired. */
  pass(minutes: number): void;
  /** Fires every timer that is due; returns how many. */
  fire(): Promise<number>;
  /** A text comes in, as the carrier would bring it. */
  text(from: string, words: string): Promise<void>;
  /** Everything queued since the last call, oldest first. */
  fresh(): Promise<readonly Queued[]>;
}

const person = (
  handle: string,
  n: number,
  roles: readonly Role[],
  duties: readonly string[],
  slack = true,
): StaffMember => ({
  id: v7(),
  name: handle[0]?.toUpperCase() + handle.slice(1),
  slackUserId: slack ? `U0${handle.toUpperCase()}` : null,
  phone: `+2760000300${n}`,
  language: "en",
  roles,
  handle,
  duties,
  active: true,
});

/** A small town around one database: its staff, five residents of ward 4, two liaisons, the shipped protocols. */
export async function openCrisisTown(database: Database): Promise<CrisisTown> {
  let ahead = 0;
  let last = "00000000-0000-0000-0000-000000000000";
  const channel = (name: ChannelName): Channel => ({
    name,
    carrier: "memory",
    limits: { textLength: 1_600, choices: name === "sms" ? 0 : 3, perSecond: 100 },
    webhooks: [],
    send: async () => ({ status: "sent" }),
  });
  const app: App = {
    config: {} as App["config"],
    database,
    receipts: openReceipts(database, pino({ level: "silent" })),
    bell: { ring: async () => {}, answer: () => {}, ping: async () => {}, close: async () => {} },
    content: await loadContent(TEMPLATES),
    channels: new Map((["sms", "whatsapp", "slack"] as const).map((name) => [name, channel(name)])),
    secrets: openSecrets("0".repeat(64)),
    log: pino({ level: process.env.LOG_LEVEL ?? "silent" }),
    clock: () => new Date(Date.now() + ahead),
    newId: () => v7(),
  };
  const staff = Object.fromEntries(
    (
      await upsertStaff(database.db, [
        person("zanele", 1, ["viewer"], ["water"], false),
        person("naledi", 2, ["author", "crisis_lead"], ["communications"]),
        person("thabo", 3, ["approver", "crisis_lead"], ["communications-head"]),
        person("aisha", 4, ["approver"], ["municipal-manager"]),
        person("karen", 5, ["media_liaison", "author"], ["media-desk"]),
        person("pieter", 6, ["admin"], []),
      ])
    ).map((member) => [member.handle, member]),
  );
  await addResidents(app);
  await commit(app, async (unit) => {
    for (const [name, outlet, kind, at] of [
      ["Kagiso", "Umhlanzi Herald", "sms", "+27600002001"],
      ["Refilwe", "Radio Umhlanzi", "slack", "U0REFILWE"],
    ] as const) {
      const registered = await registerLiaison(unit, "cli", { name, outlet, channel: kind, at });
      if (!registered.ok) throw new Error(registered.words);
    }
  });
  return {
    app,
    staff,
    pass: (minutes) => {
      ahead += minutes * 60_000;
    },
    fire: async () => {
      // The database's clock stands still: what is due by the program's clock is made due there.
      await database.db.execute(
        sql`update timers set due_at = now() where done_at is null and due_at <= ${app.clock().toISOString()}::timestamptz`,
      );
      let fired = 0;
      while (await fireOne(app, crisisTimers)) fired++;
      return fired;
    },
    text: (from, words) =>
      handleArrival(app, "sms", {
        kind: "message",
        channel: "sms",
        message: { providerId: `SM${v7()}`, from: `sms:${from}`, to: "sms:+27600009000", text: words },
      }),
    fresh: async () => {
      const queued = await rows<Queued>(
        database.db,
        sql`select id, address, text, kind, status::text as status, priority, ref, extras->>'thread' as thread,
              extras->>'replaces' as replaces, extras->>'blocks' as blocks
            from messages where direction = 'out' and batch_id > ${last}::uuid order by batch_id, id`,
      );
      const [mark] = await rows<{ batch: string }>(
        database.db,
        sql`select coalesce(max(id::text), ${last}) as batch from outbox_batches`,
      );
      last = mark?.batch ?? last;
      return queued;
    },
  };
}

/** Ward 4 in four languages, one who said STOP; one of ward 5; one in the group for drills. */
async function addResidents(app: App): Promise<void> {
  const { db } = app.database;
  const people = [
    ["zu", 4, "sms:+27600001001"],
    ["xh", 4, "sms:+27600001002"],
    ["af", 4, "whatsapp:+27600001003"],
    ["st", 4, "sms:+27600001004"],
    ["en", 4, "sms:+27600001005"],
    ["en", 5, "sms:+27600001006"],
    ["en", 9, "sms:+27600001007"],
  ] as const;
  for (const [language, ward, address] of people) {
    const id = v7();
    await addContact(db, { id, language, fields: { ward: String(ward) }, addresses: [address] });
    if (address.endsWith("1005"))
      await db.execute(sql`update contacts set opted_out_at = now() where id = ${id}`);
    if (address.startsWith("whatsapp"))
      await db.execute(sql`update addresses set last_inbound_at = now() where address = ${address}`);
    if (address.endsWith("1007")) await joinGroup(db, id, "drill", app.newId);
  }
}
