/**
 * The product's worker: sends what stands in the outbox once it hears "go"; "page NUMBER" makes a crisis message.
 * BENCH_UNLIMITED: faster than any carrier's rate that can be configured.
 */
import { PRIORITY } from "#storage";
import { readConfig } from "../../bots/config.ts";
import { startDispatcher } from "../../bots/dispatch/index.ts";
import { openApp, openData } from "../../bots/open-app.ts";
import { commit } from "../../bots/unit.ts";

const config = readConfig(process.env);
const app = await openApp(config, await openData(config));
const channels = new Map(
  [...app.channels].map(([name, channel]) => [
    name,
    process.env.BENCH_UNLIMITED ? { ...channel, limits: { ...channel.limits, perSecond: 1e6 } } : channel,
  ]),
);
process.send?.({ port: 0 });
process.on("message", (said: string) => {
  if (said === "go") startDispatcher(app, channels);
  else if (said.startsWith("page "))
    void commit(app, (unit) =>
      unit.send([
        {
          to: `sms:${said.slice(5)}`,
          text: "CRISIS: you are on call.",
          priority: PRIORITY.crisis,
          kind: "page",
          consentExempt: true,
        },
      ]),
    );
  else {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system, memory: process.memoryUsage.rss() });
  }
});
