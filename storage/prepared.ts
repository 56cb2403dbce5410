import type { Db } from "./database.ts";

/** What both drivers have in common below drizzle: a statement's text with $1, $2 … and its values. */
interface Driver {
  unsafe?(text: string, values: unknown[], options: { prepare: true }): Promise<unknown[]>;
  query?(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * Runs a hot statement in the same transaction as `tx`, kept prepared by the connection: one round trip, where an
 * unprepared one with parameters takes two. Values are strings, numbers, booleans and null; JSON is passed as text.
 */
export async function prepared<T>(tx: Db, text: string, values: readonly unknown[]): Promise<T[]> {
  const { client } = (tx as unknown as { readonly session: { readonly client: Driver } }).session;
  if (client.unsafe) return (await client.unsafe(text, [...values], { prepare: true })) as T[];
  if (client.query) return (await client.query(text, [...values])).rows as T[];
  throw new Error("this connection has no driver that keeps statements prepared");
}
