import { sql } from "drizzle-orm";
import { expect } from "vitest";
import { type InboundMessage, smsText } from "#channels";
import type { AnswerValue, FlowDefinition, Instrument, Media } from "#flows";
import { rows, type StaffMember, upsertStaff } from "#storage";
import type { App } from "../../bots/app.ts";
import { keepPromises } from "../../bots/citizen/privacy.ts";
import { remindSilent } from "../../bots/citizen/remind.ts";
import {
  closeConsultation,
  consultationResults,
  openConsultation,
  waiveReport,
} from "../../bots/consultation/index.ts";
import { timerHandlers } from "../../bots/timer-handlers.ts";
import { fireOne } from "../../bots/timers.ts";
import { commit, type Unit } from "../../bots/unit.ts";
import { openCitizenApp } from "./citizen-app.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";
import { movableClock } from "./moved-clock.ts";

/** Who writes or hears: a name, which gets a number of its own; `Nomsa/whatsapp` is the same person there. */
type Who = string;

/** One thing that happens. Whatever is said to anybody stands in `hears`: what is not named was not said. */
export interface CaseStep {
  /** Both clocks go to this moment, ISO 8601 with its offset; then all that is due is done. */
  readonly at?: string;
  readonly from?: Who;
  readonly says?: string;
  readonly choice?: string;
  readonly media?: readonly Media[];
  /** Several people, or one several times, write at the same moment. */
  readonly together?: readonly { readonly from: Who; readonly says: string }[];
  /** Staff open the consultation on this flow. */
  readonly open?: string;
  readonly opensAt?: string;
  readonly closesAt?: string;
  readonly close?: string;
  /** Staff tell nobody what came of it: it is over. */
  readonly waive?: string;
  /** What staff are told instead, a part of it. */
  readonly refused?: string;
  readonly results?: string;
  /** Of {@link results}, and what the open questions' answers are, in alphabetical order. */
  readonly are?: object;
  readonly answers?: Readonly<Record<string, readonly string[]>>;
  /** The person's latest session on this flow, as the database has it. */
  readonly session?: string;
  readonly of?: Who;
  readonly is?: {
    readonly status?: string;
    readonly at?: string;
    readonly language?: string;
    readonly answers?: Readonly<Record<string, AnswerValue>>;
  } | null;
  /** Patterns that no row of no table has. */
  readonly nowhere?: readonly string[];
  readonly hears?: Readonly<Record<Who, readonly string[]>>;
}

export interface ConsultationCase {
  readonly name: string;
  /** Rules that it shows: each of the named list has a case. */
  readonly rules: readonly string[];
  /** When it begins, ISO 8601 with its offset. */
  readonly begins: string;
  /** Of people who have none in the municipality's country, by name. */
  readonly numbers?: Readonly<Record<string, string>>;
  readonly steps: readonly CaseStep[];
}

export interface CaseFile {
  readonly about: string;
  readonly flows: readonly FlowDefinition[];
  readonly instruments?: readonly Instrument[];
  readonly publicHolidays?: readonly string[];
  readonly cases: readonly ConsultationCase[];
}

const OFFICER: StaffMember = {
  id: "01900000-0000-7000-8000-000000000001",
  handle: "naledi",
  name: "Naledi",
  slackUserId: null,
  phone: null,
  language: "en",
  roles: ["author"],
  duties: [],
  active: true,
};

/** A PGlite whose clock the cases set. One serves all of them, one after the other: each begins with it empty. */
export async function openStageDatabase(): Promise<StageDatabase> {
  const database = await openTestDatabase();
  return { ...database, setClock: await movableClock(database) };
}

interface StageDatabase extends TestDatabase {
  readonly setClock: (ahead: number) => Promise<void>;
}

/**
 * Plays a case through the product. For every step the product is opened anew: nothing but the database is there
 * between two turns.
 */
export async function playCase(
  database: StageDatabase,
  file: CaseFile,
  { begins, numbers = {}, steps }: ConsultationCase,
): Promise<void> {
  await empty(database);
  await upsertStaff(database.db, [OFFICER]);
  const town: Town = { file, database, ahead: 0, numbers, people: [], heardUpTo: "", opened: new Map() };
  await moveTo(town, begins);
  for (const [index, step] of steps.entries()) {
    const app = appOf(town);
    const where = `step ${index + 1}: ${JSON.stringify(step).slice(0, 100)}`;
    await take(town, app, step, where);
    expect(await heard(town), where).toEqual(step.hears ?? {});
  }
}

async function tablesOf({ db }: TestDatabase): Promise<readonly string[]> {
  const tables = await rows<{ name: string }>(
    db,
    sql`select c.oid::regclass::text as name from pg_class c
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relispartition`,
  );
  return tables.map(({ name }) => name);
}

/** All but the audit log, which cannot begin anew. */
async function empty(database: TestDatabase): Promise<void> {
  await database.db.execute(sql`set session_replication_role = replica`);
  for (const name of await tablesOf(database))
    if (name !== "audit_log" && name !== "settings")
      await database.db.execute(sql`delete from ${sql.raw(name)}`);
  await database.db.execute(sql`set session_replication_role = origin`);
}

interface Town {
  readonly file: CaseFile;
  readonly database: StageDatabase;
  ahead: number;
  readonly numbers: Readonly<Record<string, string>>;
  /** Names in the order in which they first appear. */
  readonly people: string[];
  heardUpTo: string;
  /** By flow, the consultation that was opened last. */
  readonly opened: Map<string, string>;
}

interface Running {
  readonly app: App;
  readonly write: (from: string, text: string, more?: Partial<InboundMessage>) => Promise<void>;
}

function appOf({ file, database, ahead }: Town): Running {
  const { app, write } = openCitizenApp(database, ["sms", "whatsapp"], ahead);
  const content = {
    ...app.content,
    flows: new Map(file.flows.map((flow) => [flow.id, flow])),
    instruments: {
      byId: new Map((file.instruments ?? []).map((instrument) => [instrument.id, instrument])),
      publicHolidays: new Set(file.publicHolidays ?? []),
    },
  };
  Object.assign(app, { content });
  return { app, write };
}

async function moveTo(town: Town, at: string): Promise<void> {
  town.ahead = Date.parse(at) - Date.now();
  await town.database.setClock(town.ahead);
}

async function take(town: Town, { app, write }: Running, step: CaseStep, where: string): Promise<void> {
  if (step.at !== undefined) {
    await moveTo(town, step.at);
    const later = appOf(town).app;
    while (await fireOne(later, timerHandlers));
    await remindSilent(later);
    await keepPromises(later);
  }
  if (step.from !== undefined) {
    const { choice, media } = step;
    const more = { ...(choice === undefined ? {} : { choice }), ...(media === undefined ? {} : { media }) };
    await write(addressOf(town, step.from), step.says ?? "", more);
  }
  await Promise.all((step.together ?? []).map(({ from, says }) => write(addressOf(town, from), says)));
  const deed = deedOf(town, step);
  if (deed) {
    const outcome = await commit(app, deed);
    expect(outcome.done ? "done" : outcome.words, where).toContain(step.refused ?? "done");
    if (outcome.done && step.open !== undefined) town.opened.set(step.open, outcome.id);
  }
  if (step.results !== undefined) await compareResults(town, app, step, where);
  if (step.session !== undefined) await compareSession(town, step, where);
  for (const pattern of step.nowhere ?? []) expect(await rowsWith(town, pattern), where).toEqual([]);
}

type Deed = (unit: Unit) => ReturnType<typeof openConsultation>;

/** What staff do in this step. */
function deedOf(town: Town, { open, opensAt, closesAt, close, waive }: CaseStep): Deed | undefined {
  const idOf = (flow: string): string => town.opened.get(flow) ?? "";
  if (open !== undefined)
    return (unit) =>
      openConsultation(unit, OFFICER, {
        flow: open,
        ...(opensAt === undefined ? {} : { opensAt: new Date(opensAt) }),
        ...(closesAt === undefined ? {} : { closesAt: new Date(closesAt) }),
      });
  if (close !== undefined) return (unit) => closeConsultation(unit, OFFICER, idOf(close));
  if (waive !== undefined) return (unit) => waiveReport(unit, OFFICER, idOf(waive), "a drill");
  return undefined;
}

function addressOf(town: Town, who: Who): string {
  const [name = "", channel = "sms"] = who.split("/");
  if (!town.people.includes(name)) town.people.push(name);
  const number = town.numbers[name] ?? `+2760${String(1_000_001 + town.people.indexOf(name))}`;
  return `${channel}:${number}`;
}

/** As the person gets it: a medium on WhatsApp, a link by SMS. */
const shown = (address: string, text: string, media: readonly Media[] = []): string =>
  address.startsWith("sms:")
    ? smsText({ text, media })
    : [text, ...media.map(({ url, contentType }) => `[${contentType} ${url}]`)].join("\n");

/** What was put out since the last look, by person. */
async function heard(town: Town): Promise<Readonly<Record<Who, readonly string[]>>> {
  const said = await rows<{ id: string; address: string; text: string; media: readonly Media[] | null }>(
    town.database.db,
    sql`select id, address, text, extras->'media' as media from messages
        where direction = 'out' and channel <> 'slack' and id::text > ${town.heardUpTo} order by id`,
  );
  town.heardUpTo = said.at(-1)?.id ?? town.heardUpTo;
  const names = new Map(
    town.people.flatMap((name) => [
      [addressOf(town, name), name],
      [addressOf(town, `${name}/whatsapp`), `${name}/whatsapp`],
    ]),
  );
  const by: Record<Who, string[]> = {};
  for (const { address, text, media } of said) {
    const name = names.get(address) ?? address;
    by[name] = [...(by[name] ?? []), shown(address, text, media ?? [])];
  }
  return by;
}

async function compareResults(town: Town, app: App, step: CaseStep, where: string): Promise<void> {
  const reader = { db: town.database.db, secrets: app.secrets };
  const results = await consultationResults(reader, town.opened.get(step.results ?? "") ?? "", "en");
  if (step.are) expect(results, where).toMatchObject(step.are);
  for (const [question, latest] of Object.entries(step.answers ?? {}))
    expect(
      results?.questions.find((each) => each.question === question)?.latest.toSorted() ?? [],
      where,
    ).toEqual(latest);
}

async function compareSession(town: Town, step: CaseStep, where: string): Promise<void> {
  const [kept] = await rows<{ status: string; state: { at: string; language: string; answers: object } }>(
    town.database.db,
    sql`select status, state from sessions
        where consultation_id = ${town.opened.get(step.session ?? "") ?? ""}
          and address = ${addressOf(town, step.of ?? "")} order by id desc limit 1`,
  );
  if (step.is === null) return expect(kept, where).toBeUndefined();
  expect({ status: kept?.status, ...kept?.state }, where).toMatchObject(step.is ?? {});
  // What was answered and taken back is not there any more: no more answers than are named.
  if (step.is?.answers) expect(kept?.state.answers, where).toEqual(step.is.answers);
}

/** Tables with a row that fits, of a full dump. */
async function rowsWith({ database }: Town, pattern: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await tablesOf(database))
    if (
      (await rows(database.db, sql`select 1 from ${sql.raw(name)} t where t::text ~ ${pattern} limit 1`))
        .length > 0
    )
      found.push(name);
  return found;
}
