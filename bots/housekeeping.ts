import {
  ensurePartitions,
  forgetActions,
  forgetConsoleSessions,
  forgetDeliveries,
  forgetRequests,
  getSetting,
  giveUpReceipts,
  setSetting,
} from "#storage";
import type { App } from "./app.ts";
import { digestWeek } from "./calendar/index.ts";

const EVERY_MS = 60 * 60_000;
const LAST = "housekeeping.last";

/** Once an hour, by whichever worker comes first: months of messages ahead, old keys and sessions forgotten. */
export async function keepHouse(app: App): Promise<void> {
  const { db } = app.database;
  const last = await getSetting<string>(db, LAST);
  const now = app.clock();
  if (last !== undefined && now.getTime() - Date.parse(last) < EVERY_MS) return;
  await setSetting(db, LAST, now.toISOString());
  await ensurePartitions(db);
  await forgetActions(db);
  await forgetConsoleSessions(db);
  await forgetRequests(db);
  await giveUpReceipts(db, app.content.deployment.sending.receiptHours, now);
  await forgetDeliveries(db);
  await digestWeek(app);
}
