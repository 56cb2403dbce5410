import type { Answer } from "./answers.ts";
import type { Db } from "./database.ts";
import type { ReceivedMessage } from "./inbound.ts";
import { prepared } from "./prepared.ts";
import { PRIORITY } from "./schema.ts";
import { type KeptSession, SessionMoved } from "./sessions.ts";

/** One of the bot's sentences in a conversation. */
export interface TurnReply {
  /** UUIDv7. */
  readonly id: string;
  readonly text: string;
  readonly choices?: readonly { readonly id: string; readonly title: string }[];
  readonly media?: readonly { readonly url: string; readonly contentType: string }[];
  /** Of SMS. */
  readonly segments?: number;
}

/** All that an ordinary turn leaves behind. */
export interface KeptTurn {
  /** The message that was heard, with the address that is answered. */
  readonly message: ReceivedMessage;
  /** It was kept as received before, rather than coming in now. */
  readonly keptBefore: boolean;
  /** As it is after the turn. */
  readonly session: KeptSession;
  readonly answers: readonly Answer[];
  readonly replies: readonly TurnReply[];
  /** Id of the outbox batch that carries the replies. */
  readonly batchId: string;
  readonly timer?: { readonly id: string; readonly dueAt: Date; readonly step: string };
}

/** Texts by the shape of a turn: each is prepared once per connection. */
const texts = new Map<string, string>();

const SESSION_NEW = `
  insert into sessions (id, contact_id, address, consultation_id, flow, flow_version, state, status, turn, ended_at, promised)
  values ($8::uuid, $5::uuid, $4, $12::uuid, $13, $14::int, $9::jsonb, $10, $11::int, case when $10 <> 'active' then now() end,
    $9::jsonb->>'privacy')
  returning 1`;
// $12 to $14 stand here too, so that both shapes number alike.
const SESSION_NEXT = `
  update sessions set state = $9::jsonb, status = $10, turn = $11::int, address = $4, updated_at = now(),
    ended_at = case when $10 <> 'active' then now() end
  where id = $8::uuid and turn = $11::int - 1 and status = 'active' and flow = $13 and flow_version = $14::int
    and $12::uuid is not distinct from consultation_id
  returning 1`;

/**
 * Everything in one statement: the session over the turn before it, what was heard, the answers, the replies on their
 * outbox batch, the timer. It means the same as saveSession, keepProcessed, upsertAnswers, enqueue and setTimer one
 * after the other, at a third of the cost; storage/turns.test.ts holds the two against each other.
 */
function textOf(
  answers: number,
  replies: number,
  timer: boolean,
  first: boolean,
  keptBefore: boolean,
): string {
  const shape = `${answers} ${replies} ${timer} ${first} ${keptBefore}`;
  const known = texts.get(shape);
  if (known) return known;
  let n = 14;
  const next = (): string => `$${++n}`;
  const list = (count: number, row: () => string): string => Array.from({ length: count }, row).join(", ");
  const parts = [
    ...(keptBefore
      ? []
      : [`keyed as (insert into inbound_keys (channel, provider_id, message_id) values ($2, $3, $1::uuid))`]),
    `seen as (update addresses set last_inbound_at = now(), bad_since = null, bad_reason = null where address = $4)`,
    `moved as (${first ? SESSION_NEW : SESSION_NEXT})`,
  ];
  if (answers > 0)
    parts.push(`answered as (
      insert into answers (session_id, consultation_id, contact_id, question, value, said, language)
      values ${list(answers, () => `($8::uuid, $12::uuid, $5::uuid, ${next()}, ${next()}::jsonb, ${next()}, ${next()})`)}
      on conflict (session_id, question) do update
        set value = excluded.value, said = excluded.said, language = excluded.language, at = now())`);
  if (replies > 0) {
    const batch = next();
    parts.push(
      `batched as (
        insert into outbox_batches (id, channel, priority, ref) values (${batch}::uuid, $2, ${PRIORITY.reply}, $8::uuid))`,
      `replied as (
        insert into messages (id, direction, status, channel, address, contact_id, text, extras, kind, ref, batch_id,
          priority, on_doubt, segments)
        values ${list(
          replies,
          () =>
            `(${next()}::uuid, 'out', 'queued', $2, $4, $5::uuid, ${next()}, ${next()}::jsonb, 'reply', $8::uuid, ${batch}::uuid, ${PRIORITY.reply}, 'hold', ${next()}::smallint)`,
        )})`,
    );
  }
  if (timer)
    parts.push(`timed as (
      insert into timers (id, kind, ref, epoch, due_at, data)
      values (${next()}::uuid, 'session', $8::uuid, $11::int, ${next()}::timestamptz, ${next()}::jsonb)
      on conflict (kind, ref, epoch) do nothing)`);
  parts.push(
    keptBefore
      ? `heard as (
      update messages set status = 'processed', contact_id = $5::uuid, ref = $8::uuid, text = $6, extras = $7::jsonb,
        status_at = now()
      where id = $1::uuid and $2::text is not null and $3::text is not null)`
      : `heard as (
      insert into messages (id, direction, status, channel, address, contact_id, text, extras, kind, ref, provider_id)
      values ($1::uuid, 'in', 'processed', $2, $4, $5::uuid, $6, $7::jsonb, 'citizen', $8::uuid, $3))`,
  );
  // A session that was moved on by somebody else is an error of the statement: all of it is undone.
  const text = `with ${parts.join(",\n")} select 1 / count(*) as moved from moved`;
  texts.set(shape, text);
  return text;
}

const DIVISION_BY_ZERO = "22012";

/** Keeps an ordinary turn. Throws {@link SessionMoved} when the session is past the turn before it. */
export async function keepTurn(tx: Db, turn: KeptTurn): Promise<void> {
  const { message, keptBefore, session, answers, replies, batchId, timer } = turn;
  const { state } = session;
  const values: unknown[] = [
    message.id,
    message.channel,
    message.providerId,
    message.address,
    session.contactId,
    message.text,
    JSON.stringify(message.extras),
    session.id,
    JSON.stringify(state),
    session.status,
    session.turn,
    session.consultationId,
    state.flow,
    state.version,
  ];
  for (const { question, value, said, language } of answers)
    values.push(question, JSON.stringify(value), said, language);
  if (replies.length > 0) values.push(batchId);
  for (const { id, text, choices, media, segments } of replies)
    values.push(
      id,
      text,
      JSON.stringify({ ...(choices?.length ? { choices } : {}), ...(media?.length ? { media } : {}) }),
      segments ?? null,
    );
  if (timer) values.push(timer.id, timer.dueAt.toISOString(), JSON.stringify({ step: timer.step }));
  const text = textOf(answers.length, replies.length, timer !== undefined, session.turn === 1, keptBefore);
  try {
    await prepared(tx, text, values);
  } catch (error) {
    if ((error as { code?: unknown }).code === DIVISION_BY_ZERO)
      throw new SessionMoved(`session ${session.id} is past turn ${session.turn - 1}`);
    throw error;
  }
}
