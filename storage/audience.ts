import { type SQL, sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import { BATCH_SIZE, type NewMessage, textArray } from "./outbox.ts";
import type { Audience, Priority } from "./schema.ts";

/** Contacts looked at in one transaction of drawing up: costs nothing in speed and stays restartable. */
export const CHUNK = 10_000;
/** WhatsApp's service window, less the time that a broadcast needs to be handed over. */
const WINDOW = "23 hours";

/** Who is reached, and how. */
export interface Reaching {
  readonly audience: Audience;
  /** In order of preference; one address for each person. WhatsApp comes last where its window is closed. */
  readonly channels: readonly string[];
  /** Language of people who have not stated one. */
  readonly defaultLanguage: string;
  /**
   * Languages in which a template that WhatsApp's carrier approved carries the text: who speaks another counts there
   * only if they wrote within its window.
   */
  readonly beyondWindow: readonly string[];
  /** Beside the audience: whoever was sent an earlier version of this statement, wherever they belong now. */
  readonly following?: { readonly statementId: string; readonly version: number };
  /** Contacts who get it in another way. */
  readonly except?: readonly string[];
  /** Leaves out who has had enough of its kind. */
  readonly capped?: Cap;
  /** What the texts name of a person: `name`, or a field of the contact. A person's gap has a bit for each not known. */
  readonly fields?: readonly string[];
}

/** At most so many of these broadcasts' messages a person, in so many days. */
export interface Cap {
  readonly refs: readonly string[];
  readonly messages: number;
  readonly days: number;
}

/** Whether contact `c` was sent, or is about to be sent, as many as the cap allows. */
const hasHadEnough = ({ refs, messages, days }: Cap): SQL => sql`((
  select count(distinct m.ref) from addresses had join messages m on m.address = had.address
  where had.contact_id = c.id and m.id >= uuid7_floor(now() - make_interval(days => ${days}::int))
    and m.kind = 'broadcast' and m.ref = any(${textArray(refs)}::uuid[])
    and m.status in ('queued', 'sending', 'sent', 'delivered', 'read')) >= ${messages}::int)`;

function condition(reaching: Reaching): SQL {
  const { following, except = [], capped } = reaching;
  const told = following
    ? sql`(${belongs(reaching)} or c.id in (
        select m.contact_id from statement_versions v join messages m on m.ref = v.id and m.kind = 'statement'
        where v.statement_id = ${following.statementId} and v.version < ${following.version}
          and m.direction = 'out' and m.status in ('sending', 'sent', 'delivered', 'read', 'undelivered')))`
    : belongs(reaching);
  const others = except.length > 0 ? sql`${told} and c.id::text <> all(${textArray(except)})` : told;
  return capped ? sql`${others} and not ${hasHadEnough(capped)}` : others;
}

/** How many of the audience are left out because they have had enough of its kind. */
export async function countCapped(db: Db, { capped, ...reaching }: Reaching): Promise<number> {
  if (capped === undefined) return 0;
  const [counted] = await rows<{ n: number }>(
    db,
    sql`select count(*)::int as n from contacts c
        where ${condition(reaching)} and c.opted_out_at is null and ${hasHadEnough(capped)}`,
  );
  return counted?.n ?? 0;
}

function belongs(reaching: Reaching): SQL {
  const { audience } = reaching;
  const parts: SQL[] = [];
  if (audience.participants)
    parts.push(sql`c.id in (
      select contact_id from sessions where consultation_id = ${audience.participants} and status = 'completed'
      union select contact_id from participations where consultation_id = ${audience.participants})`);
  if (audience.wards?.length)
    parts.push(sql`c.fields->>'ward' = any(${textArray(audience.wards.map(String))})`);
  if (audience.languages?.length)
    parts.push(sql`${spoken(reaching)} = any(${textArray(audience.languages)})`);
  if (audience.groups?.length)
    parts.push(sql`c.id in (select m.contact_id from group_members m join groups g on g.id = m.group_id
      where g.name = any(${textArray(audience.groups)}))`);
  if (parts.length > 0) return sql`(${sql.join(parts, sql` and `)})`;
  return audience.everyone ? sql`true` : sql`false`;
}

/** Characters that are a space in a text: those up to the space itself, control characters, line separators. */
const UNFIT = "[\\u0001-\\u0020\\u007f-\\u00a0\\u2028\\u2029]+";
const UNFIT_CHARACTERS = [
  ...Array.from({ length: 0x20 }, (_, n) => n + 1),
  ...Array.from({ length: 0x22 }, (_, n) => n + 0x7f),
  0x2028,
  0x2029,
]
  .map((code) => String.fromCodePoint(code))
  .join("");

const knownAs = (field: string): SQL => (field === "name" ? sql`c.name` : sql`(c.fields->>${field}::text)`);

/** Which of the fields are not known of contact `c`: bit `n` for the `n`th. */
function gapOf({ fields = [] }: Reaching): SQL {
  const bits = fields.map(
    (field, at) =>
      sql`(case when coalesce(btrim(${knownAs(field)}, ${UNFIT_CHARACTERS}::text), '') = '' then ${2 ** at}::int else 0 end)`,
  );
  return bits.length === 0 ? sql`0` : sql`(${sql.join(bits, sql` + `)})`;
}

/** The language of contact `c`. */
const spoken = ({ defaultLanguage }: Reaching): SQL => sql`coalesce(c.language, ${defaultLanguage})`;

/** Channels with their rank, to join addresses to. */
const wanted = ({ channels }: Reaching): SQL => sql`
  jsonb_array_elements_text(${JSON.stringify(channels)}::jsonb) with ordinality as wanted (channel, rank)`;

/** Whether a message gets through to address `a` of somebody who speaks `language`. */
const open = ({ beyondWindow }: Reaching, language: SQL): SQL =>
  sql`(not ${windowClosed} or ${language} = any(${textArray(beyondWindow)}))`;
/** Then any other channel comes first: how many strangers a day WhatsApp lets us write to is limited. */
const windowClosed = sql`(a.channel = 'whatsapp'
  and not coalesce(a.last_inbound_at > now() - ${WINDOW}::interval, false))`;
/** More than there are channels. */
const LAST = 100;

export interface AudienceCount {
  readonly recipients: number;
  readonly byChannel: Readonly<Record<string, number>>;
  /** By the person's language; those without one count as the default. */
  readonly byLanguage: Readonly<Record<string, number>>;
  readonly parts: readonly {
    readonly channel: string;
    readonly language: string;
    /** Which of the fields are not known of them. */
    readonly gap: number;
    readonly people: number;
  }[];
  /** Asked not to be written to. */
  readonly optedOut: number;
  /** No address on these channels that can receive. */
  readonly unreachable: number;
  /** Only reachable on WhatsApp, and did not write within its window. */
  readonly outsideWindow: number;
}

/** Counts who would receive, and who would not and why; nobody is dropped in silence. */
export async function countAudience(db: Db, reaching: Reaching): Promise<AudienceCount> {
  const counted = await rows<{
    channel: string | null;
    language: string;
    gap: number;
    out: boolean;
    closed: boolean;
    people: number;
  }>(
    db,
    sql`
    with reach as (
      select c.id, ${spoken(reaching)} as language,
        ${gapOf(reaching)} as gap, c.opted_out_at is not null as out,
        min(w.rank) filter (where w.usable) as rank, count(w.rank) filter (where not w.usable) > 0 as closed
      from contacts c left join (
        select a.contact_id, wanted.rank + case when ${windowClosed} then ${LAST}::int else 0 end as rank,
          ${open(reaching, spoken(reaching))} as usable
        from addresses a join ${wanted(reaching)} on wanted.channel = a.channel join contacts c on c.id = a.contact_id
        where a.bad_since is null) w on w.contact_id = c.id
      where ${condition(reaching)} group by c.id)
    select wanted.channel, language, gap, out, closed and wanted.channel is null as closed, count(*)::int as people
    from reach left join ${wanted(reaching)} on wanted.rank = reach.rank % ${LAST}::int group by 1, 2, 3, 4, 5`,
  );
  const sum = (fits: (row: (typeof counted)[number]) => boolean): number =>
    counted.filter(fits).reduce((total, { people }) => total + people, 0);
  const parts = counted.flatMap(({ channel, language, gap, out, people }) =>
    channel === null || out ? [] : [{ channel, language, gap, people }],
  );
  const by = (key: "channel" | "language"): Readonly<Record<string, number>> => {
    const totals: Record<string, number> = {};
    for (const part of parts) totals[part[key]] = (totals[part[key]] ?? 0) + part.people;
    return totals;
  };
  return {
    recipients: parts.reduce((total, { people }) => total + people, 0),
    byChannel: by("channel"),
    byLanguage: by("language"),
    parts,
    optedOut: sum(({ out }) => out),
    unreachable: sum(({ out, channel, closed }) => !out && channel === null && !closed),
    outsideWindow: sum(({ out, closed }) => !out && closed),
  };
}

/** What the speakers of one language are sent. */
export interface LanguageText {
  readonly language: string;
  /** By gap: the text for people of whom that much is known, with `\u0001n` where the `n`th field stands. */
  readonly variants: readonly string[];
  /** Of SMS, by gap; null where it depends on the person's values. */
  readonly segments: readonly (number | null)[];
  /** Carries the text on WhatsApp where its window is closed. */
  readonly approvedAs?: NewMessage["approvedAs"];
}

/** Whom the texts reach, and what they say to each. */
export interface Addressed extends Reaching {
  /** One for each of the deployment's languages; the first is for everybody else. */
  readonly texts: readonly LanguageText[];
  /** Characters of a person's value that are used. */
  readonly valueLength: number;
}

export interface DrawUp extends Addressed {
  readonly kind: string;
  readonly ref: string;
  readonly priority: Priority;
  readonly onDoubt: "resend" | "hold";
  readonly expiresAt?: string;
  /** Of ten thousand recipients, how many go first, picked by a hash; the others are held. 0: nobody is held. */
  readonly canary?: number;
}

/** Columns of contact `c` from which its text is made. */
function values({ fields = [], valueLength }: Addressed): SQL {
  const each = fields.map(
    (field, at) =>
      sql`, left(btrim(regexp_replace(coalesce(${knownAs(field)}, ''), ${UNFIT}, ' ', 'g')), ${valueLength}::int) as ${sql.raw(`v${at}`)}`,
  );
  return sql.join(each, sql``);
}

const valueColumns = ({ fields = [] }: Reaching): SQL =>
  sql.raw(fields.map((_, at) => `, p.v${at}`).join(""));

/** The texts, to join to: `w` has the person's language or nothing, `d` is for everybody else. */
const wordsIn = ({ texts }: Addressed): SQL => sql`
  select * from jsonb_to_recordset(${JSON.stringify(texts)}::jsonb)
    as t (language text, variants jsonb, segments jsonb, "approvedAs" jsonb)`;

/** What person `n` is sent. The tokens hold a character that no value keeps: nothing that is put in is filled again. */
function filled({ fields = [] }: Reaching): SQL {
  return fields.reduce<SQL>(
    (text, _field, at) => sql`replace(${text}, ${`\u0001${at}`}::text, ${sql.raw(`n.v${at}`)})`,
    sql`coalesce(w.variants, d.variants)->>n.gap`,
  );
}

export interface Drawn {
  /** Id of the last contact that was looked at; undefined: there are no more. */
  readonly next: string | undefined;
  readonly messages: number;
  /** To ring for. */
  readonly channels: readonly string[];
}

/**
 * Makes one message for each recipient among the next `limit` contacts after `after` (keyset over their ids), and the
 * batches that carry them: one statement, nothing passes through this process. Run again with the same `after` it would
 * make them again: keep `next` in the same transaction.
 */
export async function drawUpAudience(
  tx: Db,
  drawUp: DrawUp,
  after: string | undefined,
  limit = CHUNK,
): Promise<Drawn> {
  const { kind, ref, priority, onDoubt, expiresAt, texts, canary = 0 } = drawUp;
  const channels = textArray(drawUp.channels);
  const [first] = texts;
  if (!first) throw new Error("a broadcast without a text");
  const [drawn] = await rows<{ next: string | null; looked: number; messages: number; channels: string[] }>(
    tx,
    sql`
    with page as materialized (
      select c.id, ${spoken(drawUp)} as language, c.opted_out_at is null as may, ${gapOf(drawUp)} as gap
        ${values(drawUp)}
      from contacts c
      where c.id > ${after ?? "00000000-0000-0000-0000-000000000000"}::uuid and ${condition(drawUp)}
      order by c.id limit ${limit}),
    chosen as (
      select p.id, p.language, p.gap, best.address, best.channel ${valueColumns(drawUp)}
      from page p cross join lateral (
        select a.address, a.channel from addresses a
        where a.contact_id = p.id and a.channel = any(${channels}) and a.bad_since is null and ${open(drawUp, sql`p.language`)}
        order by ${windowClosed}, array_position(${channels}, a.channel), a.preference, a.address limit 1) best
      where p.may),
    numbered as materialized (
      select *, (row_number() over (partition by channel, held order by id) - 1) / ${BATCH_SIZE}::int as nth
      from (select *, ${canary}::int > 0 and abs(mod(hashtextextended(id::text || ${ref}, 0), 10000)) >= ${canary}::int
        as held from chosen) split),
    batches as materialized (
      select uuid7() as id, channel, nth, held from (select distinct channel, nth, held from numbered) each_batch),
    opened as (
      insert into outbox_batches (id, channel, priority, ref, paused, held)
      select id, channel, ${priority}::smallint, ${ref}::uuid, held, held from batches),
    words as materialized (${wordsIn(drawUp)}),
    queued as (
      insert into messages (id, direction, status, channel, address, contact_id, text, extras, kind, ref, batch_id,
        priority, on_doubt, segments, expires_at)
      select uuid7(), 'out', 'queued', n.channel, n.address, n.id,
        ${filled(drawUp)},
        case when n.channel = 'whatsapp' then jsonb_strip_nulls(jsonb_build_object('approvedAs',
          case when w.language is null then d."approvedAs" else w."approvedAs" end)) else '{}' end,
        ${kind}, ${ref}::uuid, b.id, ${priority}::smallint, ${onDoubt},
        case when n.channel = 'sms' then (coalesce(w.segments, d.segments)->>n.gap)::smallint end,
        ${expiresAt ?? null}::timestamptz
      from numbered n join batches b on b.channel = n.channel and b.nth = n.nth and b.held = n.held
        left join words w on w.language = n.language
        cross join (select * from words where language = ${first.language}) d
      returning 1)
    select (select id from page order by id desc limit 1) as next, (select count(*)::int from page) as looked,
      (select count(*)::int from queued) as messages,
      (select coalesce(jsonb_agg(distinct channel), '[]') from batches) as channels`,
  );
  if (!drawn) throw new Error("drawing up returned no row");
  return {
    next: drawn.looked < limit || drawn.next === null ? undefined : drawn.next,
    messages: drawn.messages,
    channels: drawn.channels,
  };
}

// ── Preview ─────────────────────────────────────────────────────────────────────────────────────────────

/** Contacts that are looked at for a preview: it is shown while somebody waits. */
export const PREVIEWED = 50_000;

export interface PreviewedText {
  /** Of the text. */
  readonly language: string;
  readonly why: "longest" | "shortest" | "missing";
  /** The fields that are not known of this person. */
  readonly gap: number;
  readonly name: string | null;
  readonly channel: string;
  /** Exactly as it would be drawn up. */
  readonly text: string;
}

/**
 * Who would be sent the longest and the shortest text in each language, and one person of whom something is not known;
 * among the first `limit` contacts of the audience.
 */
export async function previewAudience(
  db: Db,
  addressed: Addressed,
  limit = PREVIEWED,
): Promise<readonly PreviewedText[]> {
  const [first] = addressed.texts;
  if (!first) return [];
  const channels = textArray(addressed.channels);
  return rows<PreviewedText>(
    db,
    sql`
    with p as materialized (
      select c.id, c.name, ${spoken(addressed)} as language, ${gapOf(addressed)} as gap ${values(addressed)}
      from contacts c where c.opted_out_at is null and ${condition(addressed)} order by c.id limit ${limit}),
    n as (
      select p.*, best.channel from p cross join lateral (
        select a.channel from addresses a
        where a.contact_id = p.id and a.channel = any(${channels}) and a.bad_since is null and ${open(addressed, sql`p.language`)}
        order by ${windowClosed}, array_position(${channels}, a.channel), a.preference, a.address limit 1) best),
    words as materialized (${wordsIn(addressed)}),
    made as materialized (
      select n.id, n.name, n.gap, n.channel, n.language, ${filled(addressed)} as text
      from n left join words w on w.language = n.language
        cross join (select * from words where language = ${first.language}) d)
    select language, why, gap, name, channel, text from (
      (select distinct on (language) 1 as nth, 'longest' as why, * from made order by language, length(text) desc, id)
      union all
      (select distinct on (language) 2 as nth, 'shortest' as why, * from made order by language, length(text), id)
      union all
      (select distinct on (language) 3 as nth, 'missing' as why, * from made where gap > 0 order by language, id)) shown
    order by language, nth`,
  );
}

/** Contacts that are looked at for the names of fields. */
const NAMES_FROM = 10_000;

/** Names of fields that contacts have, to tell what was probably meant. */
export async function fieldNames(db: Db): Promise<readonly string[]> {
  const found = await rows<{ name: string }>(
    db,
    sql`select distinct jsonb_object_keys(fields) as name from (select fields from contacts order by id desc limit ${NAMES_FROM}) latest
        order by 1 limit 200`,
  );
  return found.map(({ name }) => name);
}
