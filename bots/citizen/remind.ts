import {
  countReminder,
  findConsultation,
  findContact,
  findSession,
  lastSaid,
  listSilentSessions,
  lockNumber,
  PRIORITY,
  type SilentSession,
} from "#storage";
import type { App } from "../app.ts";
import { templateFor } from "../approved-template.ts";
import { homePrefix, isQuiet, zoneOf } from "../quiet-hours.ts";
import { commit } from "../unit.ts";

/** Reminders of one look, and sessions of one page. */
const AT_ONCE = 100;
/** Pages of one look: people in whose quiet hours it is must not keep the others from being reminded. */
const PAGES = 50;

/** Looking costs a pass over the open conversations. */
const EVERY_MS = 60_000;

/** Reminds once a minute. For the reconciler. */
export function reminding(): (app: App) => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async (app) => {
    const now = app.clock().getTime();
    if (now - last < EVERY_MS) return;
    last = now;
    await remindSilent(app);
  };
}

/**
 * Reminds people who have not finished, outside the quiet hours where they are. While these last in the municipality
 * only those are looked at who may be elsewhere.
 */
export async function remindSilent(app: App): Promise<void> {
  const { deployment } = app.content;
  const now = app.clock();
  const elsewhere = isQuiet(now, deployment.timezone, deployment) ? homePrefix(deployment) : undefined;
  let after: SilentSession | undefined;
  for (let page = 0, reminded = 0; page < PAGES && reminded < AT_ONCE; page++) {
    const silent = await listSilentSessions(app.database.db, AT_ONCE, { after, elsewhere });
    after = silent.at(-1);
    for (const session of silent)
      if (!isQuiet(now, zoneOf(session, deployment), deployment)) {
        await remind(app, session.id);
        reminded++;
      }
    if (silent.length < AT_ONCE) return;
  }
}

async function remind(app: App, id: string): Promise<void> {
  await commit(app, async (unit) => {
    const waiting = await findSession(unit.tx, id);
    if (!waiting) return;
    // The person may be writing at this very moment: wait for that, then read again.
    await lockNumber(unit.tx, waiting.address);
    const session = await findSession(unit.tx, id);
    const contact = session && (await findContact(unit.tx, session.contactId));
    if (session?.status !== "active" || !contact || contact.optedOut || contact.handedOver) return;
    if (!(await countReminder(unit.tx, id, session.turn))) return;
    const { deployment } = app.content;
    const { language } = session.state;
    const title = session.consultationId
      ? ((await findConsultation(unit.tx, session.consultationId))?.title ?? "")
      : "";
    const said = await lastSaid(unit.tx, id);
    const text = [app.content.say("session_reminder", language, { title }), said?.text]
      .filter(Boolean)
      .join("\n");
    const carried = session.address.startsWith("whatsapp:")
      ? templateFor(text, language, deployment)
      : undefined;
    await unit.send([
      {
        ...said,
        to: session.address,
        contactId: contact.id,
        text,
        priority: PRIORITY.bulk,
        kind: "reminder",
        ref: id,
        ...(carried ? { approvedAs: carried.approvedAs } : {}),
      },
    ]);
  });
}
