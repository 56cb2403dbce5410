import { credentials } from "../credentials.ts";
import type { State } from "../state.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Post, SlackChannel, SlackUser, View } from "../world.ts";

const { teamId, appId, botId, botUserId, botName } = credentials.slack;
const emptyText = (text: string) => ({ type: "plain_text", text, emoji: true });

/** Slack's JSON of a user. */
export function userJson(user: SlackUser): object {
  return {
    id: user.id,
    team_id: user.external ? "T0OUTSIDE" : teamId,
    ...(user.external ? { is_stranger: true } : {}),
    name: user.handle,
    deleted: false,
    real_name: user.name,
    tz: "Africa/Johannesburg",
    tz_label: "South Africa Standard Time",
    tz_offset: 7200,
    is_admin: false,
    is_bot: user.id === botUserId,
    is_app_user: false,
    profile: {
      title: user.title,
      real_name: user.name,
      real_name_normalized: user.name,
      display_name: user.name,
      display_name_normalized: user.name,
      email: emailOf(user),
      team: teamId,
    },
  };
}

export function emailOf(user: SlackUser): string {
  return user.email ?? `${user.handle}@sandbox.example`;
}

export function everybody(state: State): readonly SlackUser[] {
  return [
    ...state.town.slackUsers,
    { id: botUserId, name: botName, handle: botName.toLowerCase(), title: "App" },
  ];
}

export function channelJson(channel: SlackChannel): object {
  const dm = channel.kind === "dm";
  return {
    id: channel.id,
    ...(dm
      ? { user: channel.members.find((m) => m !== botUserId) }
      : { name: channel.name, name_normalized: channel.name }),
    is_channel: !dm,
    is_im: dm,
    is_group: false,
    is_mpim: false,
    is_private: dm || (channel.isPrivate ?? false),
    is_archived: false,
    is_general: false,
    is_member: channel.members.includes(botUserId),
    is_shared: false,
    is_ext_shared: false,
    created: 1_750_000_000,
    creator: botUserId,
    num_members: channel.members.length,
    topic: { value: channel.topic ?? "", creator: botUserId, last_set: 0 },
    purpose: { value: "", creator: "", last_set: 0 },
  };
}

/** A stored message; a thread's first message also says how many replies it has. */
export function messageJson(post: Post, thread: readonly Post[] = []): object {
  const bot = post.user === botUserId;
  return {
    type: "message",
    user: post.user,
    ...(bot ? { bot_id: botId, app_id: appId } : {}),
    text: post.text,
    ts: post.ts,
    team: teamId,
    ...(post.blocks ? { blocks: post.blocks } : {}),
    ...(post.threadTs ? { thread_ts: post.threadTs } : {}),
    ...(post.edited ? { edited: { user: post.user, ts: post.edited } } : {}),
    ...(post.reactions ? { reactions: post.reactions.map((r) => ({ ...r, count: r.users.length })) } : {}),
    ...(post.files ? { files: post.files } : {}),
    ...(post.metadata ? { metadata: post.metadata } : {}),
    ...(thread.length > 0
      ? {
          thread_ts: post.ts,
          reply_count: thread.length,
          reply_users: [...new Set(thread.map((p) => p.user))],
          latest_reply: thread.at(-1)?.ts,
        }
      : {}),
  };
}

export function viewJson(view: View): object {
  return {
    id: view.id,
    team_id: teamId,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.privateMetadata,
    callback_id: view.callbackId,
    state: { values: view.values },
    hash: view.hash,
    title: view.title ?? emptyText("View Title"),
    close: view.close ?? null,
    submit: view.submit ?? null,
    clear_on_close: view.clearOnClose,
    notify_on_close: view.notifyOnClose,
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: appId,
    external_id: view.externalId,
    app_installed_team_id: teamId,
    bot_id: botId,
  };
}

/** What every interaction payload begins with. */
export function interaction(around: Surroundings, userId: string): object {
  const user = everybody(around.state).find((u) => u.id === userId);
  return {
    team: { id: teamId, domain: "sandbox" },
    user: {
      id: userId,
      username: user ? user.handle : userId,
      name: user ? user.handle : userId,
      team_id: teamId,
    },
    api_app_id: appId,
    token: "sandbox-verification-token",
    enterprise: null,
    is_enterprise_install: false,
  };
}
