import type { AnswerValue, Session } from "#flows";
import type { Answer, KeptSession, KeptState, ReceivedMessage, Secrets } from "#storage";

/** What is done so that answers stand in the database as was promised: encrypted, or not at all. */
interface Keys {
  readonly secrets: Secrets;
}

/** What stands in a sealed state. */
type Inner = Pick<Session, "answers" | "variables" | "trail">;

const stateOf = (id: string): string => `sessions.state:${id}`;
const answerOf = (session: string, question: string): string => `answers.value:${session}/${question}`;

/** A session as it is kept: where privacy was promised, what the person answered is encrypted. */
export function sealState({ secrets }: Keys, state: Session, privacy: KeptState["privacy"]): KeptState {
  if (privacy === undefined) return state;
  const { answers, variables, trail, ...rest } = state;
  const inner: Inner = { answers, variables, trail };
  const sealed = secrets.encrypt(JSON.stringify(inner), stateOf(state.id));
  return { ...rest, answers: {}, variables: {}, trail: [], privacy, sealed };
}

/** The engine's session, as it was before it was kept. Throws Undecryptable. */
export function openState({ secrets }: Keys, { state }: Pick<KeptSession, "state">): Session {
  const { privacy: _privacy, sealed, ...session } = state;
  if (sealed === undefined) return session;
  return { ...session, ...(JSON.parse(secrets.decrypt(sealed, stateOf(session.id))) as Inner) };
}

/** The answers as rows beside the session: of a confidential one encrypted, of an anonymous one none. */
export function sealAnswers(
  { secrets }: Keys,
  { id, state }: Pick<KeptSession, "id" | "state">,
  answers: readonly Answer[],
): readonly Answer[] {
  if (state.privacy === undefined) return answers;
  if (state.privacy === "anonymous") return [];
  return answers.map((answer) => sealAnswer({ secrets }, id, answer));
}

/** One answer of the session `id`, encrypted. */
export function sealAnswer(
  { secrets }: Keys,
  id: string,
  { question, value, said, language }: Answer,
): Answer {
  return {
    question,
    // No answer of any type: whoever reads it without opening it sees so at once.
    value: {
      sealed: secrets.encrypt(JSON.stringify({ value, said }), answerOf(id, question)),
    } as unknown as AnswerValue,
    said: "",
    language,
  };
}

/** What {@link sealAnswers} encrypted. Throws Undecryptable. */
export function openAnswer<A extends Pick<Answer, "question" | "value" | "said">>(
  { secrets }: Keys,
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
