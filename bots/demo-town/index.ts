import { sql } from "drizzle-orm";
import { getSetting, setSetting } from "#storage";
import type { App } from "../app.ts";
import { makeDice } from "./dice.ts";
import { addLiaisons, addResidents, addStaff, drawResidents } from "./people.ts";

const SEEDED = "demo-town.seeded";

/**
 * Fills an empty database with the made-up town, once: later starts find it there. All or nothing. Returns whether it
 * was seeded now.
 */
export function seedDemoTown(app: Pick<App, "database" | "content" | "clock">): Promise<boolean> {
  return app.database.db.transaction(async (tx) => {
    await tx.execute(sql`lock table settings in share row exclusive mode`);
    if ((await getSetting(tx, SEEDED)) !== undefined) return false;
    const now = app.clock();
    const dice = makeDice(12);
    const staff = await addStaff(tx, dice, now);
    const by = (handle: string) => staff.find((member) => member.handle === handle)?.id;
    const residents = drawResidents(dice, now);
    await addResidents(tx, dice, residents);
    await addLiaisons(tx, dice, now, by("karen"));
    await setSetting(tx, SEEDED, { at: now.toISOString() });
    return true;
  });
}
