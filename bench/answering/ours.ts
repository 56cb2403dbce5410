/** The product as it is: HTTP process and dispatcher in one, as `npm start` runs them. */
import { sql } from "drizzle-orm";
import { publishFlow, rows } from "#storage";
import { readConfig } from "../../bots/config.ts";
import { startDispatcher } from "../../bots/dispatch/index.ts";
import { openApp, openData } from "../../bots/open-app.ts";
import { startServer } from "../../bots/server.ts";

const config = readConfig(process.env);
const data = await openData(config, { migrate: true });
const app = await openApp(config, data);
const flow = app.content.flows.get("three-questions");
if (!flow) throw new Error("the templates have no flow three-questions");
const version = await publishFlow(app.database.db, flow);
const open = await rows(app.database.db, sql`select 1 from consultations`);
if (open.length === 0)
  await app.database.db.execute(sql`
    insert into consultations (id, flow, flow_version, title, keywords, status, opened_at)
    values (${app.newId()}, ${flow.id}, ${version}, 'Three questions', array['JOIN'], 'open', now())`);
startDispatcher(app, app.channels);
const { address } = await startServer(app);
process.send?.({ port: Number(new URL(address).port) });
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system, memory: process.memoryUsage.rss() });
});
