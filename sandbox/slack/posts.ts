import { slackTs } from "../carrier-ids.ts";
import { credentials } from "../credentials.ts";
import { dmOf, postKey } from "../state.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Block, Post, SlackChannel } from "../world.ts";
import { blockFaults } from "./block-rules.ts";
import { withIds } from "./views.ts";

export interface PostRequest {
  readonly channel: string;
  readonly text?: string;
  readonly blocks?: unknown;
  readonly attachments?: readonly unknown[];
  readonly thread_ts?: string;
  readonly metadata?: unknown;
}

export type Refusal = { readonly error: string; readonly messages?: readonly string[] };
export type Posted = { readonly post: Post } | Refusal;

export interface Posts {
  channel(reference: string | undefined): SlackChannel | undefined;
  find(channel: string, ts: string | undefined): Post | undefined;
  /** A message of the app, or of a person when `user` says so. */
  add(
    request: PostRequest,
    extra?: { readonly user?: string; readonly ephemeralTo?: string; readonly files?: Post["files"] },
  ): Posted;
  update(request: PostRequest & { readonly ts?: string }): Posted;
  remove(channel: string, ts: string | undefined): Refusal | undefined;
  /** What a conversation shows to everybody, oldest first. */
  visible(channel: string): readonly Post[];
  thread(channel: string, ts: string): readonly Post[];
}

const MAX_TEXT = 40_000;
const { botUserId } = credentials.slack;

export function openPosts(around: Surroundings): Posts {
  const { state } = around;
  const find = (channel: string, ts: string | undefined) => {
    const post = ts ? state.posts.get(postKey(channel, ts)) : undefined;
    return post && !post.deleted ? post : undefined;
  };
  /** An id, a `#name`, a name, or a user (whose conversation with the app is meant). */
  const channel = (reference: string | undefined): SlackChannel | undefined => {
    if (!reference) return undefined;
    const direct = state.channels.get(reference);
    if (direct) return direct;
    if (/^[UW]/.test(reference)) return state.channels.get(dmOf(reference));
    const name = reference.replace(/^#/, "");
    return [...state.channels.values()].find((c) => c.kind === "channel" && c.name === name);
  };
  const contentFault = (request: PostRequest): Refusal | undefined => {
    const faults = request.blocks === undefined ? [] : blockFaults(request.blocks, "message");
    if (faults.length > 0) return { error: "invalid_blocks", messages: faults };
    const empty =
      !request.text && !(Array.isArray(request.blocks) && request.blocks.length > 0) && !request.attachments;
    if (empty) return { error: "no_text" };
    if ((request.text?.length ?? 0) > MAX_TEXT) return { error: "msg_too_long" };
    return undefined;
  };
  const blocksOf = (request: PostRequest) =>
    Array.isArray(request.blocks) && request.blocks.length > 0
      ? { blocks: withIds(request.blocks as readonly Block[]) }
      : {};

  return {
    channel,
    find,
    add: (request, extra = {}) => {
      const where = channel(request.channel);
      if (!where) return { error: "channel_not_found" };
      const user = extra.user ?? botUserId;
      if (user === botUserId && !where.members.includes(botUserId)) return { error: "not_in_channel" };
      const fault = extra.files ? undefined : contentFault(request);
      if (fault) return fault;
      if (extra.ephemeralTo && !where.members.includes(extra.ephemeralTo))
        return { error: "user_not_in_channel" };
      const parent = request.thread_ts ? find(where.id, request.thread_ts) : undefined;
      if (request.thread_ts && !parent) return { error: "thread_not_found" };
      // A reply to a reply joins the same thread.
      const threadTs = parent ? (parent.threadTs ?? parent.ts) : undefined;
      const post: Post = {
        channel: where.id,
        ts: slackTs(),
        user,
        text: request.text ?? "",
        ...blocksOf(request),
        ...(threadTs ? { threadTs } : {}),
        ...(extra.ephemeralTo ? { ephemeralTo: extra.ephemeralTo } : {}),
        ...(extra.files ? { files: extra.files } : {}),
        ...(request.metadata ? { metadata: request.metadata } : {}),
      };
      state.change({ kind: "post", post });
      return { post };
    },
    update: (request) => {
      const where = channel(request.channel);
      if (!where) return { error: "channel_not_found" };
      const old = find(where.id, request.ts);
      if (!old || old.ephemeralTo) return { error: "message_not_found" };
      if (old.user !== botUserId) return { error: "cant_update_message" };
      const fault = contentFault(request);
      if (fault) return fault;
      // As Slack documents: blocks that are not given stay, an empty array removes them.
      const { blocks, ...rest } = old;
      const kept = request.blocks === undefined && blocks ? { blocks } : blocksOf(request);
      const post: Post = { ...rest, text: request.text ?? "", edited: slackTs(), ...kept };
      state.change({ kind: "post", post });
      return { post };
    },
    remove: (reference, ts) => {
      const where = channel(reference);
      if (!where) return { error: "channel_not_found" };
      const post = find(where.id, ts);
      if (!post) return { error: "message_not_found" };
      if (post.user !== botUserId) return { error: "cant_delete_message" };
      state.change({ kind: "post", post: { ...post, deleted: true } });
      return undefined;
    },
    visible: (id) => state.postsIn(id).filter((p) => !p.deleted && !p.ephemeralTo),
    thread: (id, ts) => state.postsIn(id).filter((p) => !p.deleted && !p.ephemeralTo && p.threadTs === ts),
  };
}
