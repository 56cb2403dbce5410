import { slackId } from "../carrier-ids.ts";
import { credentials } from "../credentials.ts";
import { dmOf } from "../state.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Post, SlackChannel } from "../world.ts";
import type { Posted, PostRequest, Refusal } from "./posts.ts";
import { channelJson, emailOf, everybody, messageJson, userJson, viewJson } from "./shapes.ts";
import type { Slack } from "./slack.ts";
import { SOCKET_PATH } from "./socket-mode.ts";
import type { Shown } from "./views.ts";

/** Arguments as they come: JSON values are parsed, the rest is text. */
export type Args = Readonly<Record<string, unknown>>;
export type Reply = Readonly<Record<string, unknown>>;
export interface Method {
  /** Any other argument is refused: Slack would ignore a misspelt one. */
  readonly takes: readonly string[];
  readonly needs?: readonly string[];
  readonly token?: "app";
  run(args: Args): Reply;
}

const { teamId, teamName, botId, botUserId, botName, appId } = credentials.slack;
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;

const fail = ({ error, messages }: Refusal): Reply => ({
  ok: false,
  error,
  ...(messages ? { errors: messages, response_metadata: { messages } } : {}),
});
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

export function slackMethods(around: Surroundings, slack: Slack): Readonly<Record<string, Method>> {
  const { state } = around;
  const { posts, views } = slack;
  const posted = (result: Posted, extra: (post: Post) => Reply): Reply =>
    "error" in result
      ? fail(result)
      : { ok: true, channel: result.post.channel, ts: result.post.ts, ...extra(result.post) };
  const shown = (result: Shown): Reply =>
    "error" in result ? fail(result) : { ok: true, view: viewJson(result.view) };
  const within = (args: Args, run: (channel: SlackChannel) => Reply): Reply => {
    const channel = posts.channel(text(args.channel));
    return channel ? run(channel) : fail({ error: "channel_not_found" });
  };
  const user = (id: unknown) => everybody(state).find((u) => u.id === id);
  const save = (channel: SlackChannel): Reply => {
    state.change({ kind: "channel", channel });
    return { ok: true, channel: channelJson(channel) };
  };
  const marked = (args: Args, change: (post: Post) => Post | Refusal): Reply =>
    within(args, (channel) => {
      const post = posts.find(channel.id, text(args.timestamp));
      if (!post) return fail({ error: "message_not_found" });
      const next = change(post);
      if ("error" in next) return fail(next);
      state.change({ kind: "post", post: next });
      return { ok: true };
    });

  const POST_ARGS = [
    "channel",
    "text",
    "blocks",
    "attachments",
    "thread_ts",
    "metadata",
    "mrkdwn",
    "parse",
    "link_names",
  ];
  const PAGE_ARGS = ["cursor", "limit"];

  return {
    "api.test": { takes: ["error", "foo"], run: () => ({ ok: true }) },
    "auth.test": {
      takes: [],
      run: () => ({
        ok: true,
        url: `${around.url()}/sandbox/`,
        team: teamName,
        user: botName.toLowerCase(),
        team_id: teamId,
        user_id: botUserId,
        bot_id: botId,
        app_id: appId,
        is_enterprise_install: false,
      }),
    },
    "team.info": {
      takes: ["team"],
      run: () => ({ ok: true, team: { id: teamId, name: teamName, domain: "sandbox", email_domain: "" } }),
    },
    "bots.info": {
      takes: ["bot"],
      run: () => ({ ok: true, bot: { id: botId, app_id: appId, name: botName, user_id: botUserId } }),
    },
    "apps.connections.open": {
      takes: [],
      token: "app",
      run: () => ({
        ok: true,
        url: `${around.url().replace(/^http/, "ws")}${SOCKET_PATH}?ticket=${slackId("")}`,
      }),
    },

    "chat.postMessage": {
      takes: [
        ...POST_ARGS,
        "reply_broadcast",
        "unfurl_links",
        "unfurl_media",
        "username",
        "icon_emoji",
        "icon_url",
      ],
      needs: ["channel"],
      run: (args) =>
        posted(posts.add(args as unknown as PostRequest), (post) => ({ message: messageJson(post) })),
    },
    "chat.postEphemeral": {
      takes: [...POST_ARGS, "user", "username", "icon_emoji", "icon_url"],
      needs: ["channel", "user"],
      run: (args) => {
        const result = posts.add(args as unknown as PostRequest, { ephemeralTo: String(args.user) });
        return "error" in result ? fail(result) : { ok: true, message_ts: result.post.ts };
      },
    },
    "chat.update": {
      takes: [...POST_ARGS, "ts", "as_user", "reply_broadcast", "file_ids", "unfurl_links", "unfurl_media"],
      needs: ["channel", "ts"],
      run: (args) =>
        posted(posts.update(args as unknown as PostRequest), (post) => ({
          text: post.text,
          message: messageJson(post),
        })),
    },
    "chat.delete": {
      takes: ["channel", "ts", "as_user"],
      needs: ["channel", "ts"],
      run: (args) => {
        const refused = posts.remove(String(args.channel), text(args.ts));
        return refused ? fail(refused) : { ok: true, channel: args.channel, ts: args.ts };
      },
    },
    "chat.getPermalink": {
      takes: ["channel", "message_ts"],
      needs: ["channel", "message_ts"],
      run: (args) =>
        within(args, (channel) =>
          posts.find(channel.id, text(args.message_ts))
            ? {
                ok: true,
                channel: channel.id,
                permalink: `${around.server()}/sandbox/#/slack/${channel.id}/${String(args.message_ts)}`,
              }
            : fail({ error: "message_not_found" }),
        ),
    },

    "views.open": {
      takes: ["trigger_id", "interactivity_pointer", "view"],
      needs: ["trigger_id", "view"],
      run: (args) => shown(views.open(String(args.trigger_id), args.view)),
    },
    "views.push": {
      takes: ["trigger_id", "interactivity_pointer", "view"],
      needs: ["trigger_id", "view"],
      run: (args) => shown(views.push(String(args.trigger_id), args.view)),
    },
    "views.update": {
      takes: ["view_id", "external_id", "hash", "view"],
      needs: ["view"],
      run: (args) => {
        const viewId = text(args.view_id);
        const externalId = text(args.external_id);
        const hash = text(args.hash);
        return shown(
          views.update(
            {
              ...(viewId ? { viewId } : {}),
              ...(externalId ? { externalId } : {}),
              ...(hash ? { hash } : {}),
            },
            args.view,
          ),
        );
      },
    },
    "views.publish": {
      takes: ["user_id", "hash", "view"],
      needs: ["user_id", "view"],
      run: (args) =>
        user(args.user_id)
          ? shown(views.publish(String(args.user_id), args.view, text(args.hash)))
          : fail({ error: "user_not_found" }),
    },

    "conversations.open": {
      takes: ["users", "channel", "return_im", "prevent_creation"],
      run: (args) => {
        const id = text(args.users)?.split(",")[0] ?? "";
        const channel = state.channels.get(dmOf(id)) ?? posts.channel(text(args.channel));
        if (!channel) return fail({ error: "user_not_found" });
        return { ok: true, no_op: true, already_open: true, channel: channelJson(channel) };
      },
    },
    "conversations.list": {
      takes: [...PAGE_ARGS, "types", "exclude_archived"],
      run: (args) => {
        const types = (text(args.types) ?? "public_channel").split(",");
        const all = [...state.channels.values()].filter((c) =>
          types.includes(c.kind === "dm" ? "im" : c.isPrivate ? "private_channel" : "public_channel"),
        );
        return paged("channels", all.map(channelJson), args);
      },
    },
    "users.conversations": {
      takes: [...PAGE_ARGS, "types", "exclude_archived", "user"],
      run: (args) => {
        const member = text(args.user) ?? botUserId;
        const all = [...state.channels.values()].filter(
          (c) => c.kind === "channel" && c.members.includes(member),
        );
        return paged("channels", all.map(channelJson), args);
      },
    },
    "conversations.info": {
      takes: ["channel", "include_locale", "include_num_members"],
      needs: ["channel"],
      run: (args) => within(args, (channel) => ({ ok: true, channel: channelJson(channel) })),
    },
    "conversations.members": {
      takes: ["channel", ...PAGE_ARGS],
      needs: ["channel"],
      run: (args) => within(args, (channel) => paged("members", channel.members, args)),
    },
    "conversations.history": {
      takes: ["channel", ...PAGE_ARGS, "latest", "oldest", "inclusive", "include_all_metadata"],
      needs: ["channel"],
      run: (args) =>
        within(args, (channel) => {
          const all = between(posts.visible(channel.id), args).filter((p) => !p.threadTs);
          return paged(
            "messages",
            all.toReversed().map((p) => messageJson(p, posts.thread(channel.id, p.ts))),
            args,
          );
        }),
    },
    "conversations.replies": {
      takes: ["channel", "ts", ...PAGE_ARGS, "latest", "oldest", "inclusive", "include_all_metadata"],
      needs: ["channel", "ts"],
      run: (args) =>
        within(args, (channel) => {
          const ts = String(args.ts);
          const parent = posts.find(channel.id, ts);
          if (!parent) return fail({ error: "thread_not_found" });
          const replies = posts.thread(channel.id, ts);
          return paged(
            "messages",
            [messageJson(parent, replies), ...between(replies, args).map((p) => messageJson(p))],
            args,
          );
        }),
    },
    "conversations.create": {
      takes: ["name", "is_private"],
      needs: ["name"],
      run: (args) => {
        const name = String(args.name);
        if (!/^[a-z0-9_-]{1,80}$/.test(name)) return fail({ error: "invalid_name_specials" });
        if ([...state.channels.values()].some((c) => c.kind === "channel" && c.name === name))
          return fail({ error: "name_taken" });
        const isPrivate = args.is_private === "true" || args.is_private === true;
        return save({
          id: slackId("C"),
          name,
          kind: "channel",
          members: [botUserId],
          ...(isPrivate ? { isPrivate } : {}),
        });
      },
    },
    "conversations.join": {
      takes: ["channel"],
      needs: ["channel"],
      run: (args) =>
        within(args, (channel) =>
          save({ ...channel, members: [...new Set([...channel.members, botUserId])] }),
        ),
    },
    "conversations.invite": {
      takes: ["channel", "users", "force"],
      needs: ["channel", "users"],
      run: (args) =>
        within(args, (channel) => {
          const invited = String(args.users).split(",");
          if (invited.some((id) => !user(id))) return fail({ error: "user_not_found" });
          if (invited.every((id) => channel.members.includes(id)))
            return fail({ error: "already_in_channel" });
          return save({ ...channel, members: [...new Set([...channel.members, ...invited])] });
        }),
    },
    "conversations.setTopic": {
      takes: ["channel", "topic"],
      needs: ["channel", "topic"],
      run: (args) => within(args, (channel) => save({ ...channel, topic: String(args.topic) })),
    },
    "conversations.archive": {
      takes: ["channel"],
      needs: ["channel"],
      run: (args) => within(args, () => ({ ok: true })),
    },

    "users.info": {
      takes: ["user", "include_locale"],
      needs: ["user"],
      run: (args) => {
        const found = user(args.user);
        return found ? { ok: true, user: userJson(found) } : fail({ error: "user_not_found" });
      },
    },
    "users.list": {
      takes: [...PAGE_ARGS, "include_locale"],
      run: (args) => paged("members", everybody(state).map(userJson), args),
    },
    "users.lookupByEmail": {
      takes: ["email"],
      needs: ["email"],
      run: (args) => {
        const found = state.town.slackUsers.find((u) => emailOf(u) === args.email);
        return found ? { ok: true, user: userJson(found) } : fail({ error: "users_not_found" });
      },
    },

    "reactions.add": {
      takes: ["channel", "timestamp", "name"],
      needs: ["channel", "timestamp", "name"],
      run: (args) =>
        marked(args, (post) => {
          const name = String(args.name);
          const before = post.reactions ?? [];
          if (before.some((r) => r.name === name && r.users.includes(botUserId)))
            return { error: "already_reacted" };
          const users = [...(before.find((r) => r.name === name)?.users ?? []), botUserId];
          return { ...post, reactions: [...before.filter((r) => r.name !== name), { name, users }] };
        }),
    },
    "pins.add": {
      takes: ["channel", "timestamp"],
      needs: ["channel", "timestamp"],
      run: (args) =>
        marked(args, (post) => (post.pinned ? { error: "already_pinned" } : { ...post, pinned: true })),
    },
    "files.getUploadURLExternal": {
      takes: ["filename", "length", "alt_txt", "snippet_type", "alt_text"],
      needs: ["filename", "length"],
      run: (args) => {
        const id = slackId("F");
        return {
          ok: true,
          file_id: id,
          upload_url: `${around.url()}/slack-upload/${id}?name=${encodeURIComponent(String(args.filename))}`,
        };
      },
    },
    "files.completeUploadExternal": {
      takes: ["files", "channel_id", "channels", "initial_comment", "thread_ts", "blocks"],
      needs: ["files"],
      run: (args) => {
        const files = (args.files as readonly { id: string; title?: string }[]).map((f) => ({
          id: f.id,
          name: f.title ?? f.id,
          url: `/sandbox/api/media/${f.id}`,
        }));
        const channel = text(args.channel_id) ?? text(args.channels);
        if (channel) {
          const comment = text(args.initial_comment);
          const thread = text(args.thread_ts);
          const result = posts.add(
            { channel, ...(comment ? { text: comment } : {}), ...(thread ? { thread_ts: thread } : {}) },
            { files },
          );
          if ("error" in result) return fail(result);
        }
        return {
          ok: true,
          files: files.map((f) => ({ id: f.id, title: f.name, permalink: around.url() + f.url })),
        };
      },
    },
  };
}

function between(posts: readonly Post[], args: Args): readonly Post[] {
  const oldest = text(args.oldest);
  const latest = text(args.latest);
  const inclusive = args.inclusive === "true" || args.inclusive === true;
  return posts.filter(
    (p) =>
      (!oldest || p.ts > oldest || (inclusive && p.ts === oldest)) &&
      (!latest || p.ts < latest || (inclusive && p.ts === latest)),
  );
}

function paged(name: string, all: readonly unknown[], args: Args): Reply {
  const size = Math.min(Number(args.limit ?? 0) || DEFAULT_PAGE, MAX_PAGE);
  const start = Number(Buffer.from(text(args.cursor) ?? "", "base64").toString() || 0);
  const more = start + size < all.length;
  const next = more ? Buffer.from(String(start + size)).toString("base64") : "";
  return {
    ok: true,
    [name]: all.slice(start, start + size),
    has_more: more,
    response_metadata: { next_cursor: next },
  };
}
