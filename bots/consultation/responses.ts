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

/**
 * The responses of a consultation, page by page: what staff, results, exports and reports may see of them at this moment.
 * Of an anonymous one those that are shown so far; of a secret ballot nobody's votes before it is over. Throws
 * Undecryptable.
 */
export async function* responsesOf(
  { db, secrets }: Reader,
  { id, status }: Pick<Consultation, "id" | "status">,
  flow: Pick<FlowDefinition, "again" | "privacy" | "voters">,
  page?: number,
): AsyncGenerator<Response> {
  const privacy = privacyOf(flow);
  if (privacy === "anonymous") {
    yield* readAnonymousResponses(db, id, page);
    return;
  }
  const votesHidden = isSecretBallot(flow) && !isOver(status);
  for await (const response of readResponses(db, id, againOf(flow), page))
    if (votesHidden) yield { ...response, at: null, answers: [] };
    else
      yield privacy === "confidential"
        ? {
            ...response,
            answers: response.answers.map((answer) => openAnswer({ secrets }, response.session, answer)),
          }
        : response;
}

/** A committee's poll of which nobody learns who voted how. */
export const isSecretBallot = (flow: Pick<FlowDefinition, "privacy" | "voters">): boolean =>
  flow.voters !== undefined && privacyOf(flow) !== "identified";

/** Nobody can join any more. */
export const isOver = (status: Consultation["status"]): boolean =>
  status === "awaiting_report" || status === "closed";
