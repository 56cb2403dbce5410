/**
 * What sending costs at the least: rows claimed 500 at a time, 64 requests under way, outcomes written together. It has
 * no consent, no rate, no order, no lease, no doubt.
 */
import postgres from "postgres";
import { Pool } from "undici";
import { requestOf } from "./request.ts";

const IN_FLIGHT = 64;
const CLAIMED = 500;
const WRITTEN = 200;

const sql = postgres(process.env.DATABASE_URL ?? "", { max: 4, onnotice: () => {} });
const carrier = new Pool(process.env.TWILIO_API_URL ?? "", { connections: IN_FLIGHT });

async function send(): Promise<void> {
  const outcomes: { id: string; sid: string }[] = [];
  const write = async (): Promise<void> => {
    const some = outcomes.splice(0);
    if (some.length > 0)
      await sql`update bare_outbox o set status = 'sent', sid = x.sid
        from jsonb_to_recordset(${sql.json(some)}) as x (id uuid, sid text) where o.id = x.id`;
  };
  const claim = () => sql<{ id: string; address: string; text: string }[]>`
    update bare_outbox set status = 'sending' where id in (
      select id from bare_outbox where status = 'queued' order by id limit ${CLAIMED} for update skip locked)
    returning id, address, text`;
  let ahead = claim();
  for (;;) {
    const rows = await ahead;
    if (rows.length === 0) break;
    ahead = claim();
    let next = 0;
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        for (let row = rows[next++]; row; row = rows[next++]) {
          const { body } = await carrier.request(requestOf(row.address, row.text));
          outcomes.push({ id: row.id, sid: ((await body.json()) as { sid: string }).sid });
          if (outcomes.length >= WRITTEN) await write();
        }
      }),
    );
  }
  await write();
}

process.send?.({ port: 0 });
process.on("message", (said) => {
  if (said === "go") void send();
  else {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system, memory: process.memoryUsage.rss() });
  }
});
