import {
  countReminder,
  findConsultation,
  findContact,
  findSession,
  lastSaid,
  listSilentSessions,
  lockNumber,
  PRIORITY,
} from "#storage";
import type { Deployment } from "#templates";
import type { App } from "../app.ts";
import { templateFor } from "../approved-template.ts";
import { commit } from "../unit.ts";

/** Reminders of one look. */
const AT_ONCE = 100;

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

/** Reminds people who have not finished, outside the quiet hours. */
export async function remindSilent(app: App): Promise<void> {
  if (isQuiet(app.clock(), app.content.deployment)) return;
  for (const id of await listSilentSessions(app.database.db, AT_ONCE)) await remind(app, id);
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

/** Whether it is one of the deployment's quiet hours now, which may go over midnight. */
export function isQuiet(
  now: Date,
  { quietHours, timezone }: Pick<Deployment, "quietHours" | "timezone">,
): boolean {
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(now);
  const { from, to } = quietHours;
  return from <= to ? clock >= from && clock < to : clock >= from || clock < to;
}
