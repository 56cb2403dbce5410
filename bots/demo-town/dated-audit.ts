import { type AuditEntry, appendAudit, type Db } from "#storage";

/** An audit entry of the past. */
export interface DatedAudit {
  readonly at: Date;
  readonly entry: AuditEntry;
}

/** Appends in the order of their times, whatever order they were told in. */
export async function addPastAudits(tx: Db, audits: readonly DatedAudit[]): Promise<void> {
  for (const { at, entry } of [...audits].sort((a, b) => a.at.getTime() - b.at.getTime()))
    await appendAudit(tx, entry, at);
}
