import { randomBytes } from "node:crypto";
import { appendAudit, createConsoleLink, findStaffByHandle } from "#storage";
import { readConfig } from "../config.ts";
import { openData, StartError } from "../open-app.ts";

/** `saypro console-link <handle>`: whoever can run this on the server is trusted with it; the audit log says so. */
export async function consoleLink(handle: string): Promise<void> {
  const config = readConfig(process.env);
  const { database, release } = await openData(config);
  try {
    const staff = await findStaffByHandle(database.db, handle);
    if (!staff) throw new StartError(`There is no member of staff with the handle ${handle}.`);
    const token = randomBytes(32).toString("base64url");
    await database.db.transaction(async (tx) => {
      await createConsoleLink(tx, staff.id, token);
      await appendAudit(tx, { actor: "cli", action: "console.link_made", subject: `staff:${staff.id}` });
    });
    process.stdout.write(`${config.publicUrl}/console/login?token=${token}\nGood once, for 15 minutes.\n`);
  } finally {
    await database.close();
    await release();
  }
}
