import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Flow, FlowDefinition, FlowLibrary } from "#flows";
import { canonicalJson } from "./canonical-json.ts";
import { type Database, type Db, rows } from "./database.ts";

/** Versions kept in memory; the one that was loaded first goes first. */
const MAX_LOADED = 1_000;
/** A called flow is begun in its newest version; one published by another process is seen after this time. */
const NEWEST_FOR_MS = 5_000;

/**
 * Makes a definition available to sessions and returns its version: the same content has the same version, changed
 * content the next. `callable`, when given, are the definitions by id from which the flows that it calls are
 * published too.
 */
export async function publishFlow(
  tx: Db,
  definition: FlowDefinition,
  callable?: ReadonlyMap<string, FlowDefinition>,
): Promise<number> {
  if (callable)
    for (const flow of reachable(definition, callable))
      if (flow.id !== definition.id) await publish(tx, flow);
  return publish(tx, definition);
}

async function publish(tx: Db, definition: FlowDefinition): Promise<number> {
  const text = canonicalJson(definition);
  const hash = createHash("sha256").update(text).digest("hex");
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${definition.id}, 1))`);
  const [published] = await rows<{ version: number }>(
    tx,
    sql`
      with known as (select version from flow_versions where flow = ${definition.id} and hash = ${hash}),
      added as (
        insert into flow_versions (flow, version, hash, definition)
        select ${definition.id}, coalesce((select max(version) from flow_versions where flow = ${definition.id}), 0) + 1,
               ${hash}, ${text}::jsonb
        where not exists (select from known)
        returning version)
      select version from known union all select version from added`,
  );
  if (!published) throw new Error(`flow ${definition.id} was not published`);
  return published.version;
}

/** Ids of the flows that a definition calls itself. */
function calledBy(definition: FlowDefinition): readonly string[] {
  return Object.values(definition.steps).flatMap((step) => (step.kind === "call" ? [step.flow] : []));
}

function reachable(
  definition: FlowDefinition,
  among: ReadonlyMap<string, FlowDefinition>,
): ReadonlySet<FlowDefinition> {
  const found = new Set([definition]);
  for (const flow of found)
    for (const id of calledBy(flow)) {
      const called = among.get(id);
      if (called) found.add(called);
    }
  return found;
}

/** The published versions, as the engine asks for them: at once, without waiting. */
export interface LoadedFlows extends FlowLibrary {
  /**
   * Loads what a turn with these versions may need: themselves, and the newest of every flow that they call. Versions
   * never change, so what was loaded once is not asked for again.
   */
  load(tx: Db, versions: readonly { readonly flow: string; readonly version: number }[]): Promise<void>;
}

const libraries = new WeakMap<Database, LoadedFlows>();

/** The library over this database; one in each process. */
export function flowLibrary(database: Database, clock: () => Date): LoadedFlows {
  const known = libraries.get(database);
  if (known) return known;
  const made = openLibrary(clock);
  libraries.set(database, made);
  return made;
}

function openLibrary(clock: () => Date): LoadedFlows {
  const loaded = new Map<string, Flow>();
  const newest = new Map<string, { readonly version: number; readonly readAt: number }>();
  const keyOf = (flow: string, version: number) => `${flow} ${version}`;
  const keep = (flow: Flow): Flow => {
    const known = loaded.get(keyOf(flow.id, flow.version));
    if (known) return known;
    for (const oldest of loaded.keys()) {
      if (loaded.size < MAX_LOADED) break;
      loaded.delete(oldest);
    }
    loaded.set(keyOf(flow.id, flow.version), flow);
    return flow;
  };
  const read = async (tx: Db, flow: string, version?: number): Promise<Flow | undefined> => {
    const [row] = await rows<{ version: number; definition: FlowDefinition }>(
      tx,
      sql`select version, definition from flow_versions
          where flow = ${flow} and version = coalesce(${version ?? null}::int, (select max(version) from flow_versions where flow = ${flow}))`,
    );
    return row && keep({ ...row.definition, version: row.version });
  };
  return {
    get: (flow, version = newest.get(flow)?.version) =>
      version === undefined ? undefined : loaded.get(keyOf(flow, version)),
    async load(tx, versions) {
      const toVisit: Flow[] = [];
      for (const { flow, version } of versions) {
        const found = loaded.get(keyOf(flow, version)) ?? (await read(tx, flow, version));
        if (found) toVisit.push(found);
      }
      const now = clock().getTime();
      const visited = new Set<string>();
      for (const flow of toVisit)
        for (const called of calledBy(flow)) {
          if (visited.has(called)) continue;
          visited.add(called);
          const known = newest.get(called);
          const fresh = known && now - known.readAt < NEWEST_FOR_MS;
          const found = fresh ? loaded.get(keyOf(called, known.version)) : await read(tx, called);
          if (!found) continue;
          if (!fresh) newest.set(called, { version: found.version, readAt: now });
          toVisit.push(found);
        }
    },
  };
}

/** One published version, to show what was asked. */
/** The number of the version that was published last; undefined: none was. */
export async function newestVersion(db: Db, flow: string): Promise<number | undefined> {
  const [found] = await rows<{ version: number | null }>(
    db,
    sql`select max(version)::int as version from flow_versions where flow = ${flow}`,
  );
  return found?.version ?? undefined;
}

export async function findFlowVersion(
  db: Db,
  flow: string,
  version: number,
): Promise<FlowDefinition | undefined> {
  const [found] = await rows<{ definition: FlowDefinition }>(
    db,
    sql`select definition from flow_versions where flow = ${flow} and version = ${version}`,
  );
  return found?.definition;
}
