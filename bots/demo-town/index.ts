import { sql } from "drizzle-orm";
import { type Db, getSetting, publishFlow, type StaffMember, setSetting } from "#storage";
import type { App } from "../app.ts";
import { addConsultation } from "./consultation.ts";
import { addPastAudits, type DatedAudit } from "./dated-audit.ts";
import { makeDice } from "./dice.ts";
import { addPastCrisis } from "./past-crisis.ts";
import { addLiaisons, addResidents, addStaff, drawResidents, type Liaison, RESIDENTS } from "./people.ts";

const SEEDED = "demo-town.seeded";
const CONSULTATION = "three-questions";
const SEED = 12;
const DAY = 86_400_000;

type Seeding = Pick<App, "database" | "content" | "clock">;

/**
 * Fills an empty database with the made-up town, once: later starts find it there. All or nothing. Returns whether it
 * was seeded now.
 */
export function seedDemoTown(app: Seeding): Promise<boolean> {
  return app.database.db.transaction(async (tx) => {
    await tx.execute(sql`lock table settings in share row exclusive mode`);
    if ((await getSetting(tx, SEEDED)) !== undefined) return false;
    await addTown(tx, app);
    await setSetting(tx, SEEDED, { at: app.clock().toISOString() });
    return true;
  });
}

async function addTown(tx: Db, { content, clock }: Seeding): Promise<void> {
  const now = clock();
  const dice = makeDice(SEED);
  const staff = await addStaff(tx, dice, now);
  const residents = drawResidents(dice, now);
  await addResidents(tx, dice, residents);
  const karen = staff.find((member) => member.handle === "karen");
  const liaisons = await addLiaisons(tx, dice, now, karen?.id);
  const audits = [...beginnings(now, staff, liaisons, karen)];
  audits.push(...(await addPastCrisis(tx, dice, now, content, staff, residents, liaisons)));
  const definition = content.flows.get(CONSULTATION);
  if (definition !== undefined) {
    const version = await publishFlow(tx, definition, content.flows);
    const flow = { ...definition, version };
    audits.push(...(await addConsultation(tx, dice, now, content, flow, staff, residents)));
  }
  await addPastAudits(tx, audits);
}

/** How the town came into the system. */
function beginnings(
  now: Date,
  staff: readonly StaffMember[],
  liaisons: readonly Liaison[],
  mediaDesk: StaffMember | undefined,
): readonly DatedAudit[] {
  const day = (ago: number, n = 0) => new Date(now.getTime() - ago * DAY + n * 60_000);
  return [
    ...staff.map(({ id, handle, roles }, n) => ({
      at: day(400, n),
      entry: { actor: "cli", action: "staff.added", subject: `staff:${id}`, data: { handle, roles } },
    })),
    {
      at: day(240),
      entry: { actor: "cli", action: "contacts.imported", subject: "contacts", data: { people: RESIDENTS } },
    },
    ...liaisons.map(({ id, outlet }, n) => ({
      at: day(150, n),
      entry: {
        actor: mediaDesk === undefined ? "cli" : `staff:${mediaDesk.id}`,
        action: "liaison.registered",
        subject: `liaison:${id}`,
        data: { outlet },
      },
    })),
  ];
}
