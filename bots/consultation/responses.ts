import { againOf, type FlowDefinition, privacyOf } from "#flows";
import {
  type Consultation,
  type Db,
  type Response,
  readAnonymousResponses,
  readResponses,
  type Secrets,
} from "#storage";
import { openAnswer } from "../sealing.ts";
import type { Unit } from "../unit.ts";

/** Where responses are read, and the key of those that were sealed. */
export interface Reader {
  readonly db: Db;
  readonly secrets: Secrets;
}

/** In a unit of work. */
export const readerOf = ({ tx, app }: Unit): Reader => ({ db: tx, secrets: app.secrets });

/** All responses of a consultation, page by page, whatever was promised of their privacy. Throws Undecryptable. */
export async function* responsesOf(
  { db, secrets }: Reader,
  { id }: Pick<Consultation, "id">,
  flow: Pick<FlowDefinition, "again" | "privacy">,
  page?: number,
): AsyncGenerator<Response> {
  const privacy = privacyOf(flow);
  if (privacy === "anonymous") {
    yield* readAnonymousResponses(db, id, page);
    return;
  }
  for await (const response of readResponses(db, id, againOf(flow), page))
    yield privacy === "confidential"
      ? {
          ...response,
          answers: response.answers.map((answer) => openAnswer({ secrets }, response.session, answer)),
        }
      : response;
}
