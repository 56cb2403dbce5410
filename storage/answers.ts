import { sql } from "drizzle-orm";
import type { AnswerValue } from "#flows";
import { type Db, rows } from "./database.ts";

export interface Answer {
  /** Step id; inside a called flow `call-step/step`. */
  readonly question: string;
  readonly value: AnswerValue;
  /** What the person wrote. */
  readonly said: string;
  readonly language: string;
}

/** Whose answers: one session of one person. */
export interface AnswersOf {
  readonly sessionId: string;
  readonly contactId: string;
  readonly consultationId: string | null;
}

/** Keeps answers; a question that was answered before has its newest answer. */
export async function upsertAnswers(tx: Db, of: AnswersOf, answers: readonly Answer[]): Promise<void> {
  // The last one counts: one statement may touch a row only once.
  const last = [...new Map(answers.map((answer) => [answer.question, answer])).values()];
  if (last.length === 0) return;
  await tx.execute(sql`
    insert into answers (session_id, consultation_id, contact_id, question, value, said, language)
    select ${of.sessionId}::uuid, ${of.consultationId}::uuid, ${of.contactId}::uuid, question, value, said, language
    from jsonb_to_recordset(${JSON.stringify(last)}::jsonb) as a (question text, value jsonb, said text, language text)
    on conflict (session_id, question) do update
      set value = excluded.value, said = excluded.said, language = excluded.language, at = now()`);
}

/** The person went back: these answers count no longer. */
export async function forgetAnswers(tx: Db, sessionId: string, questions: readonly string[]): Promise<void> {
  if (questions.length === 0) return;
  await tx.execute(sql`
    delete from answers where session_id = ${sessionId}
      and question in (select jsonb_array_elements_text(${JSON.stringify(questions)}::jsonb))`);
}

/** Puts another value in place of one that stands there; its time stays. */
export async function replaceAnswer(tx: Db, sessionId: string, answer: Answer): Promise<void> {
  const { question, value, said, language } = answer;
  await tx.execute(sql`
    update answers set value = ${JSON.stringify(value)}::jsonb, said = ${said}, language = ${language}
    where session_id = ${sessionId} and question = ${question}`);
}

export interface KeptAnswer extends Answer {
  readonly at: string;
}

/** One session's answers, in the order in which they came. */
export function listAnswers(db: Db, sessionId: string): Promise<readonly KeptAnswer[]> {
  return rows<KeptAnswer>(
    db,
    sql`select question, value, said, language, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
        from answers where session_id = ${sessionId} order by answers.at, question`,
  );
}
