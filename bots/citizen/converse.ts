import { againOf, type FlowLibrary, type Input, privacyOf, start, type TurnContext, turn } from "#flows";
import type { Contact, Db, KeptSession, NamedConsultation, ReceivedMessage } from "#storage";
import {
  bringForward,
  changeContact,
  findConsultation,
  findFlowVersion,
  flowLibrary,
  hasFinished,
  hasTakenPart,
  MAX_ACTIVE_SESSIONS,
  mayVote,
  stopOldest,
} from "#storage";
import type { App } from "../app.ts";
import { openState } from "../sealing.ts";
import type { Unit } from "../unit.ts";
import type { Heard } from "./hearing.ts";
import { withRoom } from "./room.ts";
import { say } from "./say.ts";
import { statementsFor } from "./statements.ts";
import { askAgain, takeTurn } from "./take-turn.ts";

/** What a turn is told of the world. */
export function turnContext(app: App, contact: Contact, now: Date): TurnContext {
  const { timezone, defaultLanguage } = app.content.deployment;
  return {
    now: now.toISOString(),
    language: contact.language ?? defaultLanguage,
    timezone,
    contact: { ...(contact.name === null ? {} : { name: contact.name }), fields: contact.fields },
  };
}

/** The flows in the versions that a session keeps, ready for its next turn. */
export async function flowsOf(app: App, db: Db, { state }: KeptSession): Promise<FlowLibrary> {
  const library = flowLibrary(app.database, app.clock);
  await library.load(db, [state, ...Object.values(state.calls)]);
  return library;
}

/** A message as the engine hears it. */
export function inputOf({ text, extras: { choice, media, location } }: ReceivedMessage): Input {
  return {
    kind: "said",
    text,
    ...(choice === undefined ? {} : { choice }),
    ...(media === undefined ? {} : { media }),
    ...(location === undefined ? {} : { location }),
  };
}

/**
 * Begins the conversation of a consultation, also while another one waits: that keeps its place. The same one again
 * asks its open question again. Returns the session whose turn kept the message.
 */
export async function join(
  heard: Heard,
  { id: consultationId, flow, flowVersion: version, title, open }: NamedConsultation,
  told?: string,
): Promise<string | undefined> {
  const { unit, message, situation } = heard;
  const contact = told === undefined ? heard.contact : { ...heard.contact, language: told };
  if (told !== undefined && told !== heard.contact.language)
    await changeContact(unit.tx, contact.id, { language: told });
  // Staff were silent for so long that the keyword came through: the bot answers this person again.
  if (heard.contact.handedOver) await changeContact(unit.tx, contact.id, { handedOver: false });
  const running = situation.sessions.find((session) => session.consultationId === consultationId);
  if (running) {
    await bringForward(unit.tx, running.id);
    await askAgain(unit, contact, message.address, running);
    return undefined;
  }
  const library = flowLibrary(unit.app.database, unit.app.clock);
  await library.load(unit.tx, [{ flow, version }]);
  const definition = library.get(flow, version);
  const { voters } = definition ?? {};
  if (voters && !(await mayVote(unit.tx, consultationId, contact.id))) {
    await say({ ...heard, contact }, "voters_only", { values: { title } });
    return undefined;
  }
  if (definition && againOf(definition) === "refuse" && (await tookPart(unit, consultationId, contact.id))) {
    await say({ ...heard, contact }, "already_answered", { values: { title } });
    return undefined;
  }
  if (situation.sessions.length >= MAX_ACTIVE_SESSIONS) await stopOldest(unit.tx, contact.id);
  const id = unit.app.newId();
  const privacy = definition ? privacyOf(definition) : "identified";
  const context = {
    ...turnContext(unit.app, contact, unit.now),
    ...(await statementsFor(unit.tx, library, { flow, version, consultationId })),
  };
  const first = await withRoom(unit, { id, consultationId }, (full) =>
    start(library, flow, version, id, { ...context, full }),
  );
  const { language } = first.session;
  const before = [
    ...(open ? [] : [unit.app.content.say("late_comment", language, { title })]),
    ...(privacy === "identified" ? [] : [unit.app.content.say(`privacy_${privacy}`, language)]),
  ];
  await takeTurn(unit, {
    contact,
    address: message.address,
    session: {
      id,
      contactId: contact.id,
      address: message.address,
      consultationId,
      status: "active",
      turn: 0,
      state: { ...first.session, ...(privacy === "identified" ? {} : { privacy }) },
    },
    turn: {
      ...first,
      effects: [...before.map((text) => ({ kind: "send", text }) as const), ...first.effects],
    },
    heard: { ...heard, contact },
  });
  return id;
}

const tookPart = async ({ tx }: Unit, consultation: string, contact: string): Promise<boolean> =>
  (await hasFinished(tx, consultation, contact)) || (await hasTakenPart(tx, consultation, contact));

/**
 * Nobody can join any more, unless the flow takes late comments and nobody was told yet what came of it. Those who come
 * late are few: what they say could not be anonymous.
 */
export async function joinEnded(heard: Heard, ended: NamedConsultation): Promise<string | undefined> {
  const { tx } = heard.unit;
  const consultation = await findConsultation(tx, ended.id);
  const flow = await findFlowVersion(tx, ended.flow, ended.flowVersion);
  const late = flow?.late && privacyOf(flow) !== "anonymous";
  if (late && consultation?.status !== "closed") return join(heard, ended);
  await say(heard, "consultation_closed", { values: { title: ended.title } });
  return undefined;
}

/** Takes the message as the answer that a conversation waits for, the latest first. Returns the session that took it. */
export async function answer(heard: Heard): Promise<string | undefined> {
  const { unit, contact, message, situation } = heard;
  for (const session of situation.sessions) {
    const library = await flowsOf(unit.app, unit.tx, session);
    const state = openState(unit.app, session);
    const context = {
      ...turnContext(unit.app, contact, unit.now),
      ...(await statementsFor(unit.tx, library, { ...session.state, ...session })),
    };
    const taken = await withRoom(unit, session, (full) =>
      turn(library, state, inputOf(message), { ...context, full }),
    );
    if (taken.effects.length === 0) continue;
    await takeTurn(unit, { contact, address: message.address, session, turn: taken, heard });
    return session.id;
  }
  return undefined;
}
