import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import { v5, v7 } from "uuid";
import {
  appendAudit,
  type Db,
  findErased,
  getSetting,
  type ImportedContact,
  importContacts,
  numberOf,
  type Secrets,
  setSetting,
} from "#storage";
import type { Deployment } from "#templates";
import { csvLine } from "../csv.ts";
import { openTable, type Table, UnreadableFile } from "../table/index.ts";
import { type Column, namesNumbers, REPORT_PREFIX, readHeader } from "./columns.ts";
import { erasedHash } from "./find.ts";
import { type RowFault, readRow } from "./row.ts";

/** People in one transaction. A killed import loses the work of at most one batch. */
const BATCH = 1_000;

export interface ImportRequest {
  readonly file: string;
  /** As its owner calls it, where it lies under another name. */
  readonly name?: string;
  /** Of a workbook; without it the first that has a column of numbers. */
  readonly sheet?: string;
  /** Who imports, for the audit log: `cli`, `staff:<id>`, `api:<key>`. */
  readonly actor: string;
  /** Header → meaning; see columns.ts. */
  readonly map: ReadonlyMap<string, string>;
  /** How these people agreed to be written to, for the consent ledger. */
  readonly consentSource: string;
  /** Checks everything and writes nothing but the report. */
  readonly dryRun: boolean;
  /** Where rows that cannot be imported are written, with what is wrong. */
  readonly report: string;
  readonly onProgress?: (read: number, size: number) => void;
}

export interface ImportOutcome {
  /** The sheet that was read, of a workbook. */
  readonly sheet?: string;
  /** When a file with the same content was imported last, ISO 8601. */
  readonly before?: string;
  /** Rows below the header. */
  readonly rows: number;
  readonly faulty: number;
  /** Rows of people who stood in the file before. */
  readonly repeated: number;
  readonly added: number;
  readonly merged: number;
  readonly optedOut: number;
  /** People who were erased: only they themselves can come back. */
  readonly erased: number;
  /** Rows that an earlier run, which was stopped, had kept. */
  readonly resumedAfter: number;
}

interface ImportKeys {
  readonly db: Db;
  readonly secrets: Secrets;
}

interface Checkpoint {
  readonly row: number;
  readonly added: number;
  readonly merged: number;
  readonly optedOut: number;
  readonly erased: number;
  readonly repeated: number;
}

const NOTHING: Checkpoint = { row: 0, added: 0, merged: 0, optedOut: 0, erased: 0, repeated: 0 };

/**
 * Imports people from a CSV file or a workbook, in batches that commit together with how far the import is: the same file given
 * again after a crash goes on from there. Memory does not grow with the file. Throws UnreadableFile when the file as
 * a whole cannot be used; a faulty row goes to the report and stops nothing.
 */
export async function importFile(
  keys: ImportKeys,
  deployment: Pick<Deployment, "country" | "languages" | "wards">,
  request: ImportRequest,
  now: Date,
): Promise<ImportOutcome> {
  const { file, map } = request;
  const fits = (cells: readonly string[]): boolean => namesNumbers(cells, map);
  const table = await openTable(file, { fits, ...(request.sheet ? { sheet: request.sheet } : {}) });
  try {
    return await importTable(keys, deployment, request, table, now);
  } finally {
    await table.close();
  }
}

async function importTable(
  { db, secrets }: ImportKeys,
  deployment: Pick<Deployment, "country" | "languages" | "wards">,
  request: ImportRequest,
  table: Table,
  now: Date,
): Promise<ImportOutcome> {
  const { map, consentSource, dryRun } = request;
  const name = request.name ?? basename(request.file);
  const source = `import ${name}: ${consentSource}`;
  // Other columns or another consent make another import of the same file.
  const parts = [table.hash, [...map], consentSource, ...(table.sheet === undefined ? [] : [table.sheet])];
  const run = v5(JSON.stringify(parts), v5.URL);
  const checkpointKey = `import.${run}`;
  const doneKey = `imported.${table.hash}`;
  const before = await getSetting<string>(db, doneKey);
  const start = (dryRun ? undefined : await getSetting<Checkpoint | null>(db, checkpointKey)) ?? NOTHING;

  let done = start;
  let row = 0;
  let faulty = 0;
  let repeated = start.repeated;
  let columns: readonly Column[] | undefined;
  let batch = new Batch();
  const report = openReport(request.report);
  const flush = async (): Promise<void> => {
    const all = batch.people();
    batch = new Batch();
    const people = await withoutErased({ db, secrets }, all);
    if (dryRun) done = { ...done, erased: done.erased + all.length - people.length };
    if (dryRun || all.length === 0) return;
    await db.transaction(async (transaction) => {
      const tx = transaction as unknown as Db;
      const counts = await importContacts(tx, people, source);
      const { added, merged, optedOut } = counts;
      done = {
        row,
        repeated,
        added: done.added + added,
        merged: done.merged + merged,
        optedOut: done.optedOut + optedOut,
        erased: done.erased + all.length - people.length,
      };
      await setSetting(tx, checkpointKey, done);
    });
  };

  try {
    for await (const { row: place, cells, read: bytes } of table.rows()) {
      if (!columns) {
        columns = readHeader(cells, map);
        await report.begin(cells);
        continue;
      }
      const read = readRow(cells, columns, deployment, now);
      if ("addresses" in read) {
        if (row + 1 > start.row) {
          if (batch.full() || batch.joinsTwo(read.addresses)) await flush();
          row++;
          const consentId = v5(`${run} ${read.addresses[0]}`, v5.URL);
          if (batch.add({ ...read, id: v7(), consentId })) repeated++;
        } else row++;
      } else {
        row++;
        faulty++;
        await report.add(place, cells, read);
      }
      if (row % BATCH === 0) request.onProgress?.(bytes, table.size);
    }
    if (!columns) throw new UnreadableFile(`${request.file} has no rows.`);
    await flush();
  } finally {
    await report.end();
  }
  const { added, merged, optedOut, erased } = done;
  const outcome = {
    ...(table.sheet === undefined ? {} : { sheet: table.sheet }),
    ...(before === undefined ? {} : { before }),
    rows: row,
    faulty,
    repeated,
    added,
    merged,
    optedOut,
    erased,
    resumedAfter: start.row,
  };
  if (!dryRun)
    await db.transaction(async (transaction) => {
      const tx = transaction as unknown as Db;
      await setSetting(tx, checkpointKey, null);
      await setSetting(tx, doneKey, now.toISOString());
      await appendAudit(tx, {
        actor: request.actor,
        action: "contacts.imported",
        subject: `import:${run}`,
        data: { file: name, sha256: table.hash, source, ...outcome },
      });
    });
  request.onProgress?.(table.size, table.size);
  return outcome;
}

/** Who was erased is not taken in again from a list, by none of their numbers. */
async function withoutErased(
  { db, secrets }: ImportKeys,
  people: readonly ImportedContact[],
): Promise<readonly ImportedContact[]> {
  const hashes = people.map(({ addresses }) => addresses.map((address) => erasedHash(secrets, address)));
  const erased = await findErased(db, hashes.flat());
  return erased.size === 0 ? people : people.filter((_, i) => !hashes[i]?.some((hash) => erased.has(hash)));
}

/** People of one transaction; a number stands in it once. */
class Batch {
  readonly #people = new Map<string, ImportedContact>();
  readonly #byNumber = new Map<string, string>();

  full = (): boolean => this.#people.size >= BATCH;
  people = (): readonly ImportedContact[] => [...this.#people.values()];

  #owners(addresses: readonly string[]): readonly string[] {
    const owners = addresses.map((address) => this.#byNumber.get(numberOf(address) ?? address));
    return [...new Set(owners.filter((owner) => owner !== undefined))];
  }

  /** Two people of the batch turn out to be one: only the database can say who has which address. */
  joinsTwo = (addresses: readonly string[]): boolean => this.#owners(addresses).length > 1;

  /** True when the person was there already: what the later row says is added to it. */
  add(person: ImportedContact): boolean {
    const [owner] = this.#owners(person.addresses);
    const before = owner === undefined ? undefined : this.#people.get(owner);
    const merged = before && {
      ...before,
      ...person,
      id: before.id,
      consentId: before.consentId,
      addresses: [...new Set([...before.addresses, ...person.addresses])],
      fields: { ...before.fields, ...person.fields },
      groups: [...new Set([...(before.groups ?? []), ...(person.groups ?? [])])],
    };
    const kept = merged ?? person;
    this.#people.set(kept.id, kept);
    for (const address of kept.addresses) this.#byNumber.set(numberOf(address) ?? address, kept.id);
    return before !== undefined;
  }
}

/** Rows as they were with what is wrong behind them: corrected in place, the report is imported like the file. */
function openReport(path: string) {
  const stream = createWriteStream(path);
  const opened = once(stream, "open");
  const write = async (cells: readonly string[]): Promise<void> => {
    await opened;
    if (!stream.write(csvLine(cells))) await once(stream, "drain");
  };
  let width = 0;
  return {
    begin: (headers: readonly string[]) => {
      const own = headers.filter((header) => !header.startsWith(REPORT_PREFIX));
      width = own.length;
      const words = ["row", "column", "value", "reason", "remedy"];
      stream.write("\uFEFF");
      return write([...own, ...words.map((word) => `${REPORT_PREFIX}${word}`)]);
    },
    add: (place: number, cells: readonly string[], faults: readonly RowFault[]) => {
      const all = (part: keyof RowFault): string => faults.map((fault) => fault[part]).join("; ");
      const own = Array.from({ length: width }, (_, index) => cells[index] ?? "");
      return write([...own, String(place), all("column"), all("value"), all("reason"), all("remedy")]);
    },
    end: async () => {
      await opened;
      stream.end();
      await once(stream, "close");
    },
  };
}
