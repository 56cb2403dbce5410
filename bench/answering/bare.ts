/**
 * What answering costs at the least: the survey by hand in one file, three statements for the conversation and two that
 * remove duplicates and keep every message, the reply straight to the carrier. It has none of the promises.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import postgres from "postgres";
import { Pool } from "undici";

const { DATABASE_URL = "", TWILIO_API_URL = "", TWILIO_AUTH_TOKEN = "", PUBLIC_URL = "" } = process.env;
const { TWILIO_ACCOUNT_SID = "", TWILIO_SMS_FROM = "" } = process.env;

const sql = postgres(DATABASE_URL, { max: 10, onnotice: () => {} });
await sql`create table if not exists bare_keys (sid text primary key)`;
await sql`create table if not exists bare_messages (id bigint generated always as identity primary key, sender text, body text, at timestamptz default now())`;
await sql`create table if not exists bare_sessions (sender text primary key, state jsonb not null)`;
await sql`create table if not exists bare_answers (sender text, question text, value text, at timestamptz default now())`;
const carrier = new Pool(TWILIO_API_URL, { connections: 64 });
const authorization = `Basic ${Buffer.from(`${TWILIO_ACCOUNT_SID}:${TWILIO_AUTH_TOKEN}`).toString("base64")}`;

type State = { at: "name" | "rating" | "comment" | "end"; name?: string };

function turn(
  state: State | undefined,
  said: string,
): { state: State; reply: string; answer?: [string, string] } {
  if (!state || state.at === "end") return { state: { at: "name" }, reply: "Welcome! What is your name?" };
  if (state.at === "name")
    return {
      state: { at: "rating", name: said },
      reply: `Thank you ${said}. How do you rate the service, from 1 to 5?`,
      answer: ["name", said],
    };
  if (state.at === "rating")
    return /^[1-5]$/.test(said)
      ? {
          state: { ...state, at: "comment" },
          reply: "Any comment for the municipality? Comment freely.",
          answer: ["rating", said],
        }
      : { state, reply: "Sorry, please answer with a number from 1 to 5." };
  return { state: { ...state, at: "end" }, reply: "Thank you for taking part!", answer: ["comment", said] };
}

async function handle(form: Record<string, string>): Promise<void> {
  const { MessageSid = "", From = "", Body = "" } = form;
  const reply = await sql.begin(async (tx) => {
    const fresh = await tx`insert into bare_keys values (${MessageSid}) on conflict do nothing returning 1`;
    if (fresh.length === 0) return undefined;
    await tx`insert into bare_messages (sender, body) values (${From}, ${Body})`;
    const [row] = await tx<
      { state: State }[]
    >`select state from bare_sessions where sender = ${From} for update`;
    const next = turn(row?.state, Body);
    await tx`insert into bare_sessions values (${From}, ${tx.json(next.state)})
      on conflict (sender) do update set state = excluded.state`;
    if (next.answer)
      await tx`insert into bare_answers (sender, question, value) values (${From}, ${next.answer[0]}, ${next.answer[1]})`;
    return next.reply;
  });
  if (reply === undefined) return;
  const answer = await carrier.request({
    method: "POST",
    path: `/2010-04-01/Accounts/${TWILIO_ACCOUNT_SID}/Messages.json`,
    headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ To: From, From: TWILIO_SMS_FROM, Body: reply }).toString(),
  });
  await answer.body.dump();
}

function signed(url: string, form: Record<string, string>, signature: string): boolean {
  const text = Object.keys(form)
    .sort()
    .reduce((all, name) => all + name + form[name], PUBLIC_URL + url);
  const expected = createHmac("sha1", TWILIO_AUTH_TOKEN).update(text).digest();
  const given = Buffer.from(signature, "base64");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const form = Object.fromEntries(new URLSearchParams(body));
  if (!signed(request.url ?? "", form, String(request.headers["x-twilio-signature"])))
    return response.writeHead(403).end();
  // Like ours: answered when it is kept; the reply follows.
  await handle(form);
  response.writeHead(200, { "content-type": "text/xml" }).end("<Response/>");
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system, memory: process.memoryUsage.rss() });
});
