import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import postgres from "postgres";
import { migrate, openPostgres, openSecrets } from "#storage";
import { importFile } from "../bots/contacts/index.ts";
import { DEPLOYMENT } from "../test/support/citizen-app.ts";
import { makeDatabase } from "./database.ts";
import type { Row } from "./row.ts";

/** A file of contacts, beside the bare COPY of the same people and numbers into tables of the same shape. */
export async function importing(adminUrl: string, people: number): Promise<readonly Row[]> {
  const made = await makeDatabase(adminUrl);
  const folder = await mkdtemp(join(tmpdir(), "saypro-bench-"));
  const database = openPostgres(made.url);
  const bare = postgres(made.url, { max: 1, onnotice: () => {} });
  try {
    await migrate(database);
    const file = join(folder, "people.csv");
    await pipeline(Readable.from(lines(people)), createWriteStream(file));
    const request = {
      file,
      report: join(folder, "faults.csv"),
      actor: "cli",
      map: new Map(),
      consentSource: "bench",
      dryRun: false,
    };
    const begun = performance.now();
    const outcome = await importFile(
      { db: database.db, secrets: openSecrets("0".repeat(64)) },
      DEPLOYMENT,
      request,
      new Date(),
    );
    const ours = people / ((performance.now() - begun) / 1_000);
    if (outcome.added !== people) throw new Error(`${outcome.added} of ${people} were added`);
    const copied = performance.now();
    await bare`create table bare_contacts (like contacts including all)`;
    await bare`create table bare_addresses (like addresses including all)`;
    await pipeline(
      Readable.from(copyLines(people, (n, id) => `${id}\tPerson ${n}\ten\t{"ward": ${(n % 12) + 1}}\n`)),
      await bare`copy bare_contacts (id, name, language, fields) from stdin`.writable(),
    );
    await pipeline(
      Readable.from(copyLines(people, (n, id) => `sms:${numberOf(n)}\t${id}\tsms\n`)),
      await bare`copy bare_addresses (address, contact_id, channel) from stdin`.writable(),
    );
    const beside = people / ((performance.now() - copied) / 1_000);
    return [
      {
        name: `import of ${people} rows, beside COPY`,
        value: ours,
        unit: "1/s",
        beside,
        ratio: ours / beside,
      },
    ];
  } finally {
    await bare.end();
    await database.close();
    await rm(folder, { recursive: true, force: true });
    await made.drop();
  }
}

const numberOf = (n: number): string => `+2782${String(n + 1_000_000).padStart(7, "0")}`;

function* lines(people: number): Generator<string> {
  yield "name,phone,language,ward\n";
  for (let n = 0; n < people; n++) yield `Person ${n},${numberOf(n)},en,${(n % 12) + 1}\n`;
}

function* copyLines(people: number, line: (n: number, id: string) => string): Generator<string> {
  for (let n = 0; n < people; n++)
    yield line(n, `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`);
}
