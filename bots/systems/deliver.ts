import { isIP } from "node:net";
import { Webhook } from "standardwebhooks";
import { Agent } from "undici";
import {
  claimDeliveries,
  type DeliveryOutcome,
  type DueDelivery,
  once,
  PRIORITY,
  settleDelivery,
} from "#storage";
import type { App } from "../app.ts";
import { openWaker } from "../dispatch/waker.ts";
import { commit } from "../unit.ts";
import { isPublic, lookupPublic } from "./public-address.ts";
import { endEndpoint, SECRET_CONTEXT } from "./webhooks.ts";

/** Waits before the second try and those after it, in seconds (standard-webhooks, "retry schedule"); then it is given up. */
const WAITS = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600] as const;
/** An endpoint has so long to answer: it should take the news and work afterwards. */
const ANSWER_MS = 15_000;
const AT_ONCE = 40;
/** What is due is looked for so often. */
const LOOK_EVERY_MS = 2_000;
/** Characters kept of an answer. */
const SAID = 200;
/** The endpoint asks not to be called any more. */
const GONE = 410;

/** Tells other systems what happened, until each has said that it knows, or is given up. */
export function startTelling(app: App): { stop(): Promise<void> } {
  const agent = openAgent(app);
  const waker = openWaker();
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const ticket = waker.ticket();
      const told = await tellDue(app, agent).catch((error: unknown) => {
        app.log.error({ err: error }, "other systems could not be told; tried again shortly");
        return 0;
      });
      if (told === 0 && !stopped) await waker.wait(ticket, LOOK_EVERY_MS);
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopped = true;
      waker.wake();
      await running;
      await agent.close();
    },
  };
}

/** Redirects are not followed: where they lead nobody has looked at. */
export function openAgent({ config }: Pick<App, "config">): Agent {
  return new Agent({
    connect: { timeout: 5_000, ...(config.webhooksToPrivate ? {} : { lookup: lookupPublic }) },
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  });
}

/** Makes every try that is due now. Returns how many. */
export async function tellDue(app: App, agent: Agent): Promise<number> {
  const due = await claimDeliveries(app.database.db, AT_ONCE);
  await Promise.all(
    due.map(async (delivery) => {
      const { outcome, gone } = await tell(app, agent, delivery);
      await commit(app, async (unit) => {
        await settleDelivery(unit.tx, delivery, outcome);
        if (gone) await endEndpoint(unit, delivery.name, "system");
        if (outcome.kind !== "dead" || !app.channels.has("slack")) return;
        const day = unit.now.toISOString().slice(0, 10);
        if (!(await once(unit.tx, `webhook.dead.${delivery.endpointId}.${day}`))) return;
        await unit.send([
          {
            to: `slack:${app.content.deployment.slack.operations}`,
            text: `:warning: ${delivery.name} could not be told what happened: ${outcome.said}. ${gone ? "It asked not to be called any more." : "When it works again: saypro webhook retry."}`,
            priority: PRIORITY.reply,
            kind: "notice",
          },
        ]);
      });
    }),
  );
  return due.length;
}

async function tell(
  app: App,
  agent: Agent,
  delivery: DueDelivery,
): Promise<{ readonly outcome: DeliveryOutcome; readonly gone?: true }> {
  const { id, url, event, data, createdAt, attempts, secrets } = delivery;
  const payload = JSON.stringify({ type: event, timestamp: createdAt, data });
  const now = app.clock();
  const failed = (said: string): { readonly outcome: DeliveryOutcome } => {
    const inSeconds = WAITS[attempts - 1];
    return {
      outcome: inSeconds === undefined ? { kind: "dead", said } : { kind: "later", said, inSeconds },
    };
  };
  try {
    const { origin, hostname, pathname, search } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, "");
    // An address in numbers is not looked up.
    if (!app.config.webhooksToPrivate && isIP(host) !== 0 && !isPublic(host))
      return { outcome: { kind: "dead", said: `${host} is not on the public Internet` } };
    const signature = secrets
      .map((sealed) => new Webhook(app.secrets.decrypt(sealed, SECRET_CONTEXT)).sign(id, now, payload))
      .join(" ");
    const answer = await agent.request({
      origin,
      path: pathname + search,
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "SayPro-Engage",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
        "webhook-signature": signature,
      },
      body: payload,
    });
    // What it says beside its status is not needed: it may be endless.
    answer.body.on("error", () => {}).destroy();
    const said = `it answered ${answer.statusCode}`;
    if (answer.statusCode >= 200 && answer.statusCode < 300) return { outcome: { kind: "delivered", said } };
    if (answer.statusCode === GONE) return { outcome: { kind: "dead", said }, gone: true };
    return failed(said);
  } catch (error) {
    return failed((error instanceof Error ? error.message : String(error)).slice(0, SAID));
  }
}
