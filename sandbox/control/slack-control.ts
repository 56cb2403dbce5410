import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Entries, Outcome, Place } from "../slack/people.ts";
import type { Slack } from "../slack/slack.ts";
import { dmOf } from "../state.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Post } from "../world.ts";
import { Refused } from "./parts.ts";

const entry = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);
const entries = z.record(z.string(), z.union([entry, z.record(z.string(), entry)]));
const user = z.string().min(1);
const who = z.strictObject({ user });
const place = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("message"), channel: z.string(), ts: z.string() }),
    z.strictObject({ kind: z.literal("modal") }),
    z.strictObject({ kind: z.literal("home") }),
  ])
  .default({ kind: "modal" });
const press = z.strictObject({
  user,
  place,
  actionId: z.string(),
  blockId: z.string().optional(),
  value: z.string().optional(),
  entry: entry.optional(),
});
const options = z.strictObject({ user, place, actionId: z.string(), typed: z.string() });
const messages = z.object({
  channel: z.string().optional(),
  user: z.string().optional(),
  /** A message's ts: only later ones. */
  since: z.string().optional(),
  thread: z.string().optional(),
  contains: z.string().optional(),
});

/** What a member of staff sees and does in Slack. */
export function mountSlackControl(api: FastifyInstance, around: Surroundings, slack: Slack): void {
  const { state } = around;
  const { people, posts, views } = slack;
  const known = (id: string): string => {
    const found = state.town.slackUsers.find((u) => u.id === id || u.name === id || u.handle === id);
    if (!found) throw new Refused(404, `There is no Slack user ${id}.`);
    return found.id;
  };
  const told = (outcome: Outcome) => outcome;

  api.get("/slack/users", async () => state.town.slackUsers);
  api.get("/slack/channels", async (request) => {
    const { user: wanted } = request.query as { user?: string };
    const id = wanted ? known(wanted) : undefined;
    return [...state.channels.values()].filter((c) => (id ? c.members.includes(id) : c.kind === "channel"));
  });
  api.get("/slack/messages", async (request): Promise<readonly Post[]> => {
    const query = messages.parse(request.query);
    const viewer = query.user ? known(query.user) : undefined;
    const where = query.channel === undefined ? undefined : posts.channel(query.channel);
    if (query.channel !== undefined && !where)
      throw new Refused(404, `There is no channel ${query.channel}.`);
    const all = where ? state.postsIn(where.id) : [...state.posts.values()];
    return all.filter(
      (p) =>
        !p.deleted &&
        (!viewer || (state.channels.get(p.channel)?.members.includes(viewer) ?? false)) &&
        (!p.ephemeralTo || p.ephemeralTo === viewer) &&
        (!query.since || p.ts > query.since) &&
        (!query.thread || p.threadTs === query.thread || p.ts === query.thread) &&
        (!query.contains || JSON.stringify([p.text, p.blocks]).includes(query.contains)),
    );
  });
  api.post("/slack/messages", async (request) => {
    const body = z
      .strictObject({
        user,
        channel: z.string(),
        text: z.string().min(1).max(12_000),
        threadTs: z.string().optional(),
      })
      .parse(request.body);
    return people.write(known(body.user), body.channel, body.text, body.threadTs);
  });
  api.post("/slack/commands", async (request) => {
    const body = z
      .strictObject({ user, channel: z.string().optional(), line: z.string().max(12_000) })
      .parse(request.body);
    const id = known(body.user);
    return told(await people.command(id, body.channel ?? dmOf(id), body.line));
  });
  api.get("/slack/home", async (request) => {
    const { user: id } = who.parse(request.query);
    return state.homes.get(known(id)) ?? null;
  });
  api.post("/slack/home", async (request) => {
    const body = who.parse(request.body);
    const outcome = await people.openHome(known(body.user));
    return { ...outcome, view: state.homes.get(known(body.user)) ?? null };
  });
  api.post("/slack/actions", async (request) => {
    const body = press.parse(request.body);
    return told(
      await people.press({
        user: known(body.user),
        place: body.place as Place,
        actionId: body.actionId,
        ...(body.blockId !== undefined ? { blockId: body.blockId } : {}),
        ...(body.value !== undefined ? { value: body.value } : {}),
        ...(body.entry !== undefined ? { entry: body.entry } : {}),
      }),
    );
  });
  api.post("/slack/options", async (request) => {
    const body = options.parse(request.body);
    return people.options(known(body.user), body.place as Place, body.actionId, body.typed);
  });

  api.get("/slack/modal", async (request) => {
    const { user: id } = who.parse(request.query);
    return views.stack(known(id)).at(-1) ?? null;
  });
  const modal = z.strictObject({ user, values: entries.default({}) });
  api.put("/slack/modal", async (request) => {
    const body = modal.parse(request.body);
    return told(await people.fill(known(body.user), body.values as Entries));
  });
  api.post("/slack/modal/submit", async (request) => {
    const body = modal.parse(request.body);
    const outcome = await people.submit(known(body.user), body.values as Entries);
    return { ...outcome, view: views.stack(known(body.user)).at(-1) ?? null };
  });
  api.post("/slack/modal/close", async (request) => {
    const body = z.strictObject({ user, all: z.boolean().default(false) }).parse(request.body);
    return told(await people.closeModal(known(body.user), body.all));
  });
}
