import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { BroadcastTemplate } from "#flows";
import { canonicalJson } from "./canonical-json.ts";
import { type Db, rows } from "./database.ts";

/** Keeps a template as it stands and returns its version: the same content has the same version, changed content the next. */
export async function publishTemplate(tx: Db, template: BroadcastTemplate): Promise<number> {
  const text = canonicalJson(template);
  const hash = createHash("sha256").update(text).digest("hex");
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${template.id}, 2))`);
  const [published] = await rows<{ version: number }>(
    tx,
    sql`
      with known as (select version from template_versions where template = ${template.id} and hash = ${hash}),
      added as (
        insert into template_versions (template, version, hash, definition)
        select ${template.id},
               coalesce((select max(version) from template_versions where template = ${template.id}), 0) + 1,
               ${hash}, ${text}::jsonb
        where not exists (select from known)
        returning version)
      select version from known union all select version from added`,
  );
  if (!published) throw new Error(`template ${template.id} was not published`);
  return published.version;
}
