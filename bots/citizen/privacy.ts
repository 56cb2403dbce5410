import { v4 } from "uuid";
import type { AnswerValue, Session } from "#flows";
import {
  type Answer,
  dissolveSession,
  emptyUnsaid,
  type KeptSession,
  type KeptState,
  listPromised,
  markPromiseKept,
  markUnsaid,
  type ReceivedMessage,
} from "#storage";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";

/** Conversations of one look. */
const AT_ONCE = 500;

/** What stands in a sealed state. */
type Inner = Pick<Session, "answers" | "variables" | "trail">;

const stateOf = (id: string): string => `sessions.state:${id}`;
const answerOf = (session: string, question: string): string => `answers.value:${session}/${question}`;

/** A session as it is kept: where privacy was promised, what the person answered is encrypted. */
export function sealState(
  { secrets }: Pick<App, "secrets">,
  state: Session,
  privacy: KeptState["privacy"],
): KeptState {
  if (privacy === undefined) return state;
  const { answers, variables, trail, ...rest } = state;
  const inner: Inner = { answers, variables, trail };
  const sealed = secrets.encrypt(JSON.stringify(inner), stateOf(state.id));
  return { ...rest, answers: {}, variables: {}, trail: [], privacy, sealed };
}

/** The engine's session, as it was before it was kept. Throws Undecryptable. */
export function openState({ secrets }: Pick<App, "secrets">, { state }: Pick<KeptSession, "state">): Session {
  const { privacy: _privacy, sealed, ...session } = state;
  if (sealed === undefined) return session;
  return { ...session, ...(JSON.parse(secrets.decrypt(sealed, stateOf(session.id))) as Inner) };
}

/** The answers as rows beside the session: of a confidential one encrypted, of an anonymous one none. */
export function sealAnswers(
  { secrets }: Pick<App, "secrets">,
  { id, state }: Pick<KeptSession, "id" | "state">,
  answers: readonly Answer[],
): readonly Answer[] {
  if (state.privacy === undefined) return answers;
  if (state.privacy === "anonymous") return [];
  return answers.map(({ question, value, said, language }) => ({
    question,
    // No answer of any type: whoever reads it without opening it sees so at once.
    value: {
      sealed: secrets.encrypt(JSON.stringify({ value, said }), answerOf(id, question)),
    } as unknown as AnswerValue,
    said: "",
    language,
  }));
}

/** What {@link sealAnswers} encrypted. Throws Undecryptable. */
export function openAnswer<A extends Pick<Answer, "question" | "value" | "said">>(
  { secrets }: Pick<App, "secrets">,
  session: string,
  answer: A,
): A {
  const { sealed = "" } = answer.value as { readonly sealed?: string };
  const opened = JSON.parse(secrets.decrypt(sealed, answerOf(session, answer.question))) as {
    readonly value: AnswerValue;
    readonly said: string;
  };
  return { ...answer, ...opened };
}

/** The message as it is kept: without its words, where privacy was promised. */
export const wordless = (message: ReceivedMessage, { state }: Pick<KeptSession, "state">): ReceivedMessage =>
  state.privacy === undefined ? message : { ...message, text: "", extras: {} };

/**
 * Keeps what was promised to those whose conversations have ended: anonymous ones are dissolved, and the words of both
 * sides are emptied. For the reconciler.
 */
export async function keepPromises(app: App): Promise<void> {
  for (const session of await listPromised(app.database.db, AT_ONCE))
    await commit(app, async ({ tx }) => {
      if (!(await markPromiseKept(tx, session.id))) return;
      if (session.state.privacy === "anonymous")
        await dissolveSession(tx, session, openState(app, session).answers, v4());
      else await markUnsaid(tx, session.id);
    });
  await emptyUnsaid(app.database.db, AT_ONCE);
}
