import { randomBytes } from "node:crypto";
import postgres from "postgres";

/** A database of its own for one bench, on the server that `adminUrl` names. */
export interface BenchDatabase {
  readonly name: string;
  readonly url: string;
  readonly admin: postgres.Sql;
  drop(): Promise<void>;
}

export async function makeDatabase(adminUrl: string): Promise<BenchDatabase> {
  const name = `saypro_bench_${randomBytes(4).toString("hex")}`;
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name}`);
  return {
    name,
    url: Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href,
    admin,
    drop: async () => {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}
