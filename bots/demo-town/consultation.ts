import { sql } from "drizzle-orm";
import { type AnswerSpec, type Effect, type Flow, type Session, start, turn } from "#flows";
import { type Db, PRIORITY, type StaffMember } from "#storage";
import type { Content } from "#templates";
import { COMMENTS } from "./comments.ts";
import type { DatedAudit } from "./dated-audit.ts";
import type { Dice } from "./dice.ts";
import { addPastMessages, type PastMessage } from "./past-messages.ts";
import type { Resident } from "./people.ts";
import { TOWN } from "./town.ts";

const RESPONDENTS = 240;
const DAY = 86_400_000;
/** Opened so many days ago, open for as many more. */
const OPEN_DAYS = 6;
/** One in so many puts the phone away before the end. */
const GIVES_UP = 0.06;
/** Longer than this a conversation is not simulated. */
const TURNS = 20;

interface Conversation {
  readonly session: Session;
  readonly contactId: string;
  readonly address: string;
  readonly status: string;
  readonly turns: number;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly answers: readonly (Extract<Effect, { kind: "record" }> & { readonly at: Date })[];
}

/** The kinder wards and the unhappier ones: results differ by ward, as they do. */
const MOOD: Readonly<Record<number, number>> = { 1: 1, 2: 1, 4: -2, 5: -1, 7: -1, 9: -1, 11: -2, 12: 1 };

function reply(dice: Dice, answer: AnswerSpec, first: boolean, resident: Resident, language: string): string {
  const mood = MOOD[resident.ward] ?? 0;
  switch (answer.type) {
    case "text":
      return first
        ? (resident.name?.split(" ")[0] ?? "Anon")
        : dice.pick(COMMENTS[resident.language ?? language] ?? COMMENTS.en ?? ["-"]);
    case "scale":
    case "number": {
      const [low, high] =
        answer.type === "scale" ? [answer.from, answer.to] : [answer.min ?? 1, answer.max ?? 5];
      const middle = (low + high) / 2 + mood * 0.4;
      const drawn = Math.round(middle + (dice.roll() + dice.roll() - 1) * 0.6 * (high - low));
      return String(Math.min(high, Math.max(low, drawn)));
    }
    case "choice":
    case "choices":
      return String(1 + Math.floor(dice.roll() ** 1.5 * answer.choices.length));
    case "yes_no":
      return dice.chance(0.62 + mood * 0.08) ? "1" : "2";
    default:
      return "-";
  }
}

/** One resident's conversation, through the engine itself; what it sends and hears is added to `messages`. */
function converse(
  dice: Dice,
  flow: Flow,
  resident: Resident,
  startedAt: Date,
  now: Date,
  messages: PastMessage[],
): Conversation {
  const library = { get: (id: string) => (id === flow.id ? flow : undefined) };
  const address = resident.whatsapp === undefined ? `sms:${resident.sms}` : `whatsapp:${resident.whatsapp}`;
  const language =
    resident.language !== null && flow.languages.includes(resident.language) ? resident.language : "en";
  const contact = {
    ...(resident.name === null ? {} : { name: resident.name }),
    fields: { ward: resident.ward },
  };
  const answers: (Extract<Effect, { kind: "record" }> & { at: Date })[] = [];
  let at = startedAt;
  const sessionId = dice.id(startedAt);
  const heard = (text: string) =>
    messages.push({
      direction: "in",
      address,
      contactId: resident.id,
      text,
      kind: "citizen",
      ref: sessionId,
      priority: null,
      at,
    });
  const carryOut = (effects: readonly Effect[]) => {
    for (const effect of effects) {
      if (effect.kind === "send")
        messages.push({
          direction: "out",
          address,
          contactId: resident.id,
          text: effect.text,
          kind: "reply",
          ref: sessionId,
          priority: PRIORITY.reply,
          at: new Date(at.getTime() + 400),
        });
      if (effect.kind === "record") answers.push({ ...effect, at });
    }
  };
  heard(flow.keywords[0] ?? "");
  const context = () => ({ now: at.toISOString(), language, contact });
  let { session, effects } = start(library, flow.id, flow.version, sessionId, context());
  carryOut(effects);
  let turns = 1;
  while (session.state === "waiting" && turns < TURNS) {
    const step = flow.steps[session.at];
    const expiry = session.wakeAt === undefined ? undefined : new Date(session.wakeAt);
    if (step?.kind !== "ask" || (expiry !== undefined && expiry < now && dice.chance(GIVES_UP))) {
      if (expiry === undefined || expiry > now) break;
      at = expiry;
      ({ session, effects } = turn(library, session, { kind: "expired", step: session.at }, context()));
      carryOut(effects);
      turns++;
      break;
    }
    at = new Date(at.getTime() + dice.between(8, 400) * 1000);
    // One in thirty mistypes, and is asked again.
    const mistyped = step.answer.type !== "text" && dice.chance(0.03);
    const said = mistyped ? "?" : reply(dice, step.answer, answers.length === 0, resident, language);
    heard(said);
    ({ session, effects } = turn(library, session, { kind: "said", text: said }, context()));
    carryOut(effects);
    turns++;
  }
  return {
    session,
    contactId: resident.id,
    address,
    status: session.outcome ?? "expired",
    turns,
    startedAt,
    endedAt: at,
    answers,
  };
}

/** The consultation that runs when the town is opened: some have answered, and anyone can join by its keyword. */
export async function addConsultation(
  tx: Db,
  dice: Dice,
  now: Date,
  content: Content,
  flow: Flow,
  staff: readonly StaffMember[],
  residents: readonly Resident[],
): Promise<readonly DatedAudit[]> {
  const openedAt = new Date(now.getTime() - OPEN_DAYS * DAY);
  const naledi = staff.find((member) => member.handle === "naledi");
  const id = dice.id(openedAt);
  await tx.execute(sql`
    insert into consultations (id, flow, flow_version, title, keywords, status, opened_by, opened_at, closes_at, created_at)
    values (${id}, ${flow.id}, ${flow.version}, ${flow.title[content.deployment.defaultLanguage] ?? flow.id},
            array(select jsonb_array_elements_text(${JSON.stringify(flow.keywords)}::jsonb)), 'open', ${naledi?.id ?? null}::uuid,
            ${openedAt.toISOString()}::timestamptz, ${new Date(openedAt.getTime() + 2 * OPEN_DAYS * DAY).toISOString()}::timestamptz,
            ${openedAt.toISOString()}::timestamptz)`);
  const phones = new Set(TOWN.citizens.map((citizen) => citizen.name));
  const willing = residents.filter(
    ({ name, optedOutAt, smsFailsSince }) =>
      optedOutAt === undefined && smsFailsSince === undefined && !phones.has(name ?? ""),
  );
  const messages: PastMessage[] = [];
  const asked = new Set<Resident>();
  while (asked.size < RESPONDENTS) asked.add(dice.pick(willing));
  const conversations = [...asked].map((resident) => {
    // Most answer on the first two days.
    const startedAt = new Date(openedAt.getTime() + dice.roll() ** 2 * (OPEN_DAYS - 3) * DAY);
    return converse(dice, flow, resident, startedAt, now, messages);
  });
  await tx.execute(sql`
    insert into sessions (id, contact_id, address, consultation_id, flow, flow_version, state, status, turn, started_at,
                          updated_at, ended_at)
    select id, "contactId", address, ${id}, ${flow.id}, ${flow.version}, state, status, turns, "startedAt", "endedAt", "endedAt"
    from jsonb_to_recordset(${JSON.stringify(
      conversations.map(({ answers: _, session, ...rest }) => ({ ...rest, id: session.id, state: session })),
    )}::jsonb) as s (id uuid, "contactId" uuid, address text, state jsonb, status text, turns int, "startedAt" timestamptz,
                     "endedAt" timestamptz)`);
  await tx.execute(sql`
    insert into answers (session_id, question, consultation_id, contact_id, value, said, language, at)
    select "sessionId", question, ${id}, "contactId", value, said, language, at
    from jsonb_to_recordset(${JSON.stringify(
      conversations.flatMap(({ session, contactId, answers }) =>
        answers.map((answer) => ({ ...answer, sessionId: session.id, contactId })),
      ),
    )}::jsonb) as a ("sessionId" uuid, question text, "contactId" uuid, value jsonb, said text, language text, at timestamptz)`);
  await addPastMessages(tx, dice, messages);
  return [
    {
      at: openedAt,
      entry: {
        actor: `staff:${naledi?.id}`,
        action: "consultation.opened",
        subject: `consultation:${id}`,
        data: { flow: flow.id, version: flow.version },
      },
    },
  ];
}
