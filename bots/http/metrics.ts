import { sql } from "drizzle-orm";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { rows } from "#storage";
import type { App } from "../app.ts";

const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: "saypro_" });

const queued = new Gauge({
  name: "saypro_outbox_messages",
  help: "Messages waiting or in flight, by priority (0 crisis, 1 reply, 2 bulk) and status",
  labelNames: ["priority", "status"],
  registers: [registry],
});
const oldest = new Gauge({
  name: "saypro_outbox_oldest_seconds",
  help: "Age of the oldest batch that is due, by priority",
  labelNames: ["priority"],
  registers: [registry],
});
const lateTimers = new Gauge({
  name: "saypro_timer_late_seconds",
  help: "How late the most overdue timer is",
  registers: [registry],
});

/** What the HTTP process counts itself. */
export const metrics = {
  arrivals: new Counter({
    name: "saypro_arrivals_total",
    help: "Inbound messages and receipts taken from carriers",
    labelNames: ["kind"],
    registers: [registry],
  }),
  webhookSeconds: new Histogram({
    name: "saypro_webhook_seconds",
    help: "Time to answer a carrier's webhook",
    labelNames: ["path"],
    registers: [registry],
  }),
};

/** Prometheus text. Gauges are read from the database at the moment of asking, so they hold for all processes. */
export async function renderMetrics(
  app: App,
): Promise<{ readonly contentType: string; readonly body: string }> {
  const { db } = app.database;
  const counts = await rows<{ priority: number; status: string; n: number }>(
    db,
    sql`select priority, status::text, count(*)::int as n from messages
        where status in ('queued', 'sending') and direction = 'out' group by 1, 2`,
  );
  const ages = await rows<{ priority: number; age: number }>(
    db,
    sql`select priority, extract(epoch from now() - min(due_at))::float8 as age from outbox_batches
        where not paused and due_at <= now() group by 1`,
  );
  const [late] = await rows<{ age: number | null }>(
    db,
    sql`select extract(epoch from now() - min(due_at))::float8 as age from timers where done_at is null and due_at <= now()`,
  );
  queued.reset();
  oldest.reset();
  for (const { priority, status, n } of counts) queued.set({ priority: String(priority), status }, n);
  for (const { priority, age } of ages) oldest.set({ priority: String(priority) }, age);
  lateTimers.set(late?.age ?? 0);
  return { contentType: registry.contentType, body: await registry.metrics() };
}
