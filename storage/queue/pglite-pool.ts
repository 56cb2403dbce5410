import { EventEmitter } from "node:events";
import type { PGlite } from "@electric-sql/pglite";

interface Result<Row> {
  readonly rows: Row[];
  readonly rowCount: number | null;
}

interface Notification {
  readonly channel: string;
  readonly payload: string;
}

type Listener = (notification: Notification) => void;

/**
 * The embedded engine in the shape of a pg.Pool, as far as BullMQ's Postgres backend uses one. There is one session, so
 * every client is the same session; LISTEN goes to PGlite's own listen, since notifications do not come as results.
 */
class PgliteClient extends EventEmitter {
  readonly #pglite: PGlite;
  readonly #listening = new Map<string, () => Promise<void>>();

  constructor(pglite: PGlite) {
    super();
    this.#pglite = pglite;
  }

  async query<Row>(text: string, params?: readonly unknown[]): Promise<Result<Row>> {
    const channel = listenedChannel(text);
    if (channel) {
      await this.#listen(channel);
      return { rows: [], rowCount: 0 };
    }
    if (params && params.length > 0) return result(await this.#pglite.query(text, [...params]));
    // Without parameters a text may hold several statements, as migrations do.
    const results = await this.#pglite.exec(text);
    return result(results.at(-1));
  }

  async #listen(channel: string): Promise<void> {
    if (this.#listening.has(channel)) return;
    this.#listening.set(channel, async () => {});
    const unlisten = await this.#pglite.listen(channel, (payload) =>
      this.emit("notification", { channel, payload } satisfies Notification),
    );
    this.#listening.set(channel, () => unlisten());
  }

  release(destroy?: boolean): void {
    if (destroy !== true) return;
    for (const unlisten of this.#listening.values()) void unlisten().catch(() => {});
    this.#listening.clear();
    this.removeAllListeners();
  }
}

export interface PglitePool {
  readonly options: { readonly keepAlive: true };
  query<Row>(text: string, params?: readonly unknown[]): Promise<Result<Row>>;
  connect(): Promise<PgliteClient>;
  end(): Promise<void>;
  on(event: string, listener: Listener): PglitePool;
  removeAllListeners(): PglitePool;
}

export function pgliteAsPool(pglite: PGlite): PglitePool {
  const shared = new PgliteClient(pglite);
  const clients: PgliteClient[] = [];
  const pool: PglitePool = {
    // In one process a connection cannot drop in silence.
    options: { keepAlive: true },
    query: (text, params) => shared.query(text, params),
    connect: async () => {
      const client = new PgliteClient(pglite);
      clients.push(client);
      return client;
    },
    end: async () => {
      for (const client of clients) client.release(true);
    },
    on: () => pool,
    removeAllListeners: () => pool,
  };
  return pool;
}

function result<Row>(
  from: { readonly rows: unknown[]; readonly affectedRows?: number } | undefined,
): Result<Row> {
  const found = (from?.rows ?? []) as Row[];
  return { rows: found, rowCount: from?.affectedRows || found.length };
}

/** BullMQ's SQL begins with comment lines. */
function listenedChannel(text: string): string | undefined {
  const bare = text.replace(/^\s*--.*$/gm, "").trim();
  return /^LISTEN\s+"?([\w$]+)"?\s*;?$/i.exec(bare)?.[1];
}
