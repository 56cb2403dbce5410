/** BullMQ used by hand: one job a message, 64 at once, the outcome written by each job. */
import { Queue, Worker } from "bullmq";
import postgres from "postgres";
import { Pool } from "undici";
import { requestOf } from "./request.ts";

const IN_FLIGHT = 64;
const AT_ONCE = 1_000;
const { DATABASE_URL = "", REDIS_URL = "", TWILIO_API_URL = "", BENCH_QUEUE = "bench" } = process.env;
const { hostname: host, port } = new URL(REDIS_URL);
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const sql = postgres(DATABASE_URL, { max: 10, onnotice: () => {} });
const carrier = new Pool(TWILIO_API_URL, { connections: IN_FLIGHT });

const queue = new Queue(BENCH_QUEUE, { connection });
const waiting = await sql<{ id: string; address: string; text: string }[]>`
  select id, address, text from bare_outbox where status = 'queued' order by id`;
for (let i = 0; i < waiting.length; i += AT_ONCE)
  await queue.addBulk(
    waiting
      .slice(i, i + AT_ONCE)
      .map((data) => ({ name: "send", data, opts: { attempts: 5, removeOnComplete: true } })),
  );

function send(): void {
  new Worker(
    BENCH_QUEUE,
    async ({ data }) => {
      const { body } = await carrier.request(requestOf(data.address, data.text));
      const { sid } = (await body.json()) as { sid: string };
      await sql`update bare_outbox set status = 'sent', sid = ${sid} where id = ${data.id}`;
    },
    { connection, concurrency: IN_FLIGHT },
  );
}

process.send?.({ port: 0 });
process.on("message", (said) => {
  if (said === "go") send();
  else if (said === "forget") void queue.obliterate({ force: true });
  else {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system, memory: process.memoryUsage.rss() });
  }
});
