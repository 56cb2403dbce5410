import { verifyAudit } from "#storage";
import { readConfig } from "../config.ts";
import { openData } from "../open-app.ts";

/** `saypro audit verify`: exit 1 and the first wrong entry when the chain does not hold. */
export async function auditVerify(options: { readonly json?: boolean }): Promise<void> {
  const { database, release } = await openData(readConfig(process.env));
  try {
    const result = await verifyAudit(database.db);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else if (result.ok) process.stdout.write(`The audit chain holds: ${result.entries} entries.\n`);
    else process.stderr.write(`The audit chain is broken at entry ${result.seq}: ${result.fault}\n`);
    if (!result.ok) process.exitCode = 1;
  } finally {
    await database.close();
    await release();
  }
}
