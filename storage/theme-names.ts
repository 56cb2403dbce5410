import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** A person's name for the theme that has these telling words. */
export interface ThemeName {
  readonly id: string;
  readonly question: string;
  readonly language: string;
  readonly terms: readonly string[];
  readonly name: string;
}

/** The newest first. */
export function listThemeNames(db: Db, consultation: string): Promise<readonly ThemeName[]> {
  return rows<ThemeName>(
    db,
    sql`select id, question, language, to_jsonb(terms) as terms, name from theme_names
        where consultation_id = ${consultation} order by named_at desc, id desc`,
  );
}

/** Puts names in the place of `former` ones (ids). */
export async function replaceThemeNames(
  tx: Db,
  consultation: string,
  former: readonly string[],
  names: readonly ThemeName[],
  namedBy: string,
): Promise<void> {
  await tx.execute(sql`
    delete from theme_names where consultation_id = ${consultation}
      and id in (select jsonb_array_elements_text(${JSON.stringify(former)}::jsonb)::uuid)`);
  await tx.execute(sql`
    insert into theme_names (id, consultation_id, question, language, terms, name, named_by)
    select n.id, ${consultation}::uuid, n.question, n.language, array(select jsonb_array_elements_text(n.terms)), n.name,
      ${namedBy}::uuid
    from jsonb_to_recordset(${JSON.stringify(names)}::jsonb)
      as n (id uuid, question text, language text, terms jsonb, name text)`);
}
