import { createHash } from "node:crypto";
import pg from "pg";
import type { Db } from "./database.ts";

/** The embedded engine below drizzle: a statement's text with $1, $2 … and its values. */
interface Embedded {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

const names = new Map<string, string>();

/** A statement that the connection keeps prepared, under a name made of its text. */
export function named(text: string, values: readonly unknown[]): pg.QueryConfig {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash("sha256").update(text).digest("base64url");
    names.set(text, name);
  }
  return { name, text, values: [...values] };
}

/**
 * Runs a hot statement in the same transaction as `tx`, kept prepared by the connection. Values are strings, numbers,
 * booleans and null; JSON is passed as text.
 */
export async function prepared<T>(tx: Db, text: string, values: readonly unknown[]): Promise<T[]> {
  const { client } = (tx as unknown as { readonly session: { readonly client: unknown } }).session;
  if (client instanceof pg.Pool || client instanceof pg.Client)
    return (await client.query(named(text, values))).rows as T[];
  return (await (client as Embedded).query(text, [...values])).rows as T[];
}
