import { join } from "node:path";
import { type FastifyInstance, fastify } from "fastify";
import { mountControl } from "./control/control.ts";
import { openJournal } from "./journal.ts";
import { openMediaStore } from "./media.ts";
import { mountMeta } from "./meta/graph.ts";
import { openMeta } from "./meta/meta.ts";
import { mountPage } from "./serve-page.ts";
import { openSlack } from "./slack/slack.ts";
import { mountSocketMode } from "./slack/socket-mode.ts";
import { mountSlack } from "./slack/web-api.ts";
import { createState, type State } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";
import { mountTwilio } from "./twilio/messages-api.ts";
import { openTwilio } from "./twilio/twilio.ts";
import type { Town } from "./world.ts";

export interface SandboxOptions {
  readonly town: Town;
  /** 0: any free port. */
  readonly port: number;
  /** The product's server, without a slash at its end. */
  readonly server: string;
  /** What the product believes its address to be (PUBLIC_URL); carriers sign it. Default: `server`. */
  readonly publicUrl?: string;
  /** Where the journal and the photos are kept; absent: in memory. */
  readonly folder?: string;
  /** Which carrier takes WhatsApp; absent: what the journal says, else Meta. */
  readonly whatsapp?: "meta" | "twilio";
}

export interface Sandbox {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly state: State;
  /** The product's server may start later than the sandbox, on a port that is known only then. */
  setServer(server: string, publicUrl?: string): void;
  close(): Promise<void>;
}

const BODY_LIMIT = 12 * 1024 * 1024;

/** Starts all stand-ins in one HTTP server on the loopback. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const journal = openJournal(options.folder);
  const state = createState(options.town, journal.kept, journal);
  if (options.whatsapp && options.whatsapp !== state.knobs.whatsapp)
    state.change({ kind: "knobs", knobs: { ...state.knobs, whatsapp: options.whatsapp } });
  const app = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true });
  const timers = new Set<NodeJS.Timeout>();
  let { server } = options;
  let publicUrl = options.publicUrl ?? server;
  let url = "";
  let closed = false;

  const around: Surroundings = {
    state,
    server: () => server,
    publicUrl: () => publicUrl,
    url: () => url,
    later: (ms, work) => {
      if (closed) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        Promise.resolve(work()).catch((error: unknown) => around.problem("sandbox", String(error)));
      }, ms);
      timers.add(timer);
    },
    problem: (where, detail) => state.notify({ kind: "problem", where, detail }),
  };

  parseRawBodies(app);
  const media = openMediaStore(options.folder ? join(options.folder, "media") : undefined);
  const twilio = openTwilio(around, media);
  const meta = openMeta(around, media);
  const slack = openSlack(around);
  mountTwilio(app, around, twilio, media);
  mountMeta(app, around, meta, media);
  mountSlack(app, around, slack, (id, type, bytes) => media.put(id, type, bytes));
  mountControl(app, around, { twilio, meta, slack, media });
  await mountPage(app);
  url = await app.listen({ port: options.port, host: "127.0.0.1" });
  const sockets = mountSocketMode(app.server, around, slack);
  twilio.resume();
  meta.resume();

  return {
    get url() {
      return url;
    },
    state,
    setServer: (address, known) => {
      server = address;
      publicUrl = known ?? address;
    },
    close: async () => {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      sockets.close();
      await app.close();
      journal.close();
    },
  };
}

/** Forms stay text, so that repeated and unknown keys can be seen; everything else but JSON stays bytes. */
function parseRawBodies(app: FastifyInstance): void {
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => done(null, body),
  );
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
}
