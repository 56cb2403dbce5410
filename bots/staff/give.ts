import type { RespondFn } from "@slack/bolt";
import type { KnownBlock } from "@slack/types";
import type { App } from "../app.ts";
import { faultOf } from "./fault.ts";
import type { Answer } from "./registry.ts";
import { noteOf, oneMoment } from "./views.ts";

/** The part of Slack's Web API that answers are given by. */
export interface SlackApi {
  readonly views: {
    open(arguments_: object): Promise<{ view?: { id?: string } }>;
    push(arguments_: object): Promise<{ view?: { id?: string } }>;
    update(arguments_: object): Promise<unknown>;
    publish(arguments_: object): Promise<unknown>;
  };
  readonly chat: { postEphemeral(arguments_: object): Promise<unknown> };
}

/** Where an answer goes: what Slack gave us to give it with. */
export interface Place {
  readonly slack: SlackApi;
  /** Good for three seconds. */
  readonly triggerId?: string;
  /** The modal that was acted in. */
  readonly viewId?: string;
  /** Asked beside a message: whispers go there. */
  readonly respond?: RespondFn;
}

/** A modal that is not there after this is announced by one that says so: Slack's 3 seconds are soon over. */
const PATIENCE_MS = 1_500;

/**
 * Works, then gives the answer. `opens` tells that a modal is expected: when the work takes long, a waiting one is opened
 * first and filled afterwards. Never throws: what fails is logged, and said to the person as far as Slack lets us.
 */
export async function answer(
  app: App,
  place: Place,
  what: string,
  opens: boolean,
  work: () => Promise<Answer | undefined>,
): Promise<void> {
  let waiting: Promise<string | undefined> | undefined;
  const patience = setTimeout(() => {
    if (opens) waiting = openWaiting(place);
  }, PATIENCE_MS);
  try {
    const given = await work().catch((error: unknown) => sorry(app, what, error));
    clearTimeout(patience);
    const waitingId = await waiting;
    await give(place, waitingId === undefined ? given : inWaiting(given), waitingId);
  } catch (error) {
    app.log.warn({ what, ...faultOf(error) }, "an answer could not be shown in Slack");
  } finally {
    clearTimeout(patience);
  }
}

/** What a person reads when the program is at fault. */
export function sorry(app: App, what: string, error: unknown): Answer {
  const reference = app.newId().slice(-8);
  app.log.error({ what, reference, ...faultOf(error) }, "a request from Slack failed; nothing was changed");
  return {
    kind: "whisper",
    text: `Something went wrong on our side and nothing was changed. Try again; if it happens again, tell whoever runs this system the reference ${reference}.`,
  };
}

async function openWaiting({ slack, triggerId, viewId }: Place): Promise<string | undefined> {
  if (triggerId === undefined) return undefined;
  const call = { trigger_id: triggerId, view: oneMoment };
  try {
    return (await (viewId ? slack.views.push(call) : slack.views.open(call))).view?.id;
  } catch {
    return undefined;
  }
}

/** Whatever comes of it stands in the modal that waits for it. */
function inWaiting(given: Answer | undefined): Answer {
  if (given?.kind === "open" || given?.kind === "update") return { kind: "update", view: given.view };
  const text = given?.kind === "whisper" ? given : ({ kind: "whisper", text: "Done." } as const);
  return { kind: "update", view: noteOf(text) };
}

async function give(place: Place, given: Answer | undefined, waitingId: string | undefined): Promise<void> {
  const { slack, triggerId, respond } = place;
  const viewId = waitingId ?? place.viewId;
  if (given === undefined || given.kind === "close" || given.kind === "errors") return;
  if (given.kind === "update") {
    if (viewId) await slack.views.update({ view_id: viewId, view: given.view });
    return;
  }
  if (given.kind === "whisper" && respond) {
    await respond({
      response_type: "ephemeral",
      replace_original: false,
      text: given.text,
      ...(given.blocks ? { blocks: given.blocks as KnownBlock[] } : {}),
    });
    return;
  }
  if (triggerId === undefined) return;
  const call = { trigger_id: triggerId, view: given.kind === "open" ? given.view : noteOf(given) };
  await (viewId ? slack.views.push(call) : slack.views.open(call));
}
