import { memo, useState } from "react";
import type { Outcome } from "../../slack/people.ts";
import type { Post } from "../../world.ts";
import { ask, words } from "./ask.ts";
import { Blocks, Mrkdwn } from "./blocks.tsx";
import { timeOf } from "./clock.ts";
import type { Desk } from "./desk.ts";
import type { Act } from "./element.tsx";

interface Props {
  readonly desk: Desk;
  readonly post: Post;
  readonly replies: readonly Post[];
  readonly inThread: boolean;
}

const EMOJI: Readonly<Record<string, string>> = {
  eyes: "👀",
  white_check_mark: "✅",
  x: "❌",
  "+1": "👍",
  warning: "⚠️",
};

/** One Slack message with its buttons, reactions and thread. */
export const SlackPost = memo(function SlackPost({ desk, post, replies, inThread }: Props) {
  const { live, user, go } = desk;
  const [problem, setProblem] = useState("");
  const author = live.users.find((u) => u.id === post.user);
  const bot = post.user === live.bot.id;
  const at = Number(post.ts.split(".")[0]) * 1000;
  const act: Act = async ({ actionId, blockId, value, entry }) => {
    setProblem("");
    try {
      const outcome = await ask<Outcome>("POST", "/slack/actions", {
        user: user.id,
        place: { kind: "message", channel: post.channel, ts: post.ts },
        actionId,
        ...(blockId ? { blockId } : {}),
        ...(value !== undefined ? { value } : {}),
        ...(entry !== undefined ? { entry } : {}),
      });
      if (!outcome.ok) setProblem(outcome.problem ?? "Slack could not do that.");
    } catch (error) {
      setProblem(words(error));
    }
  };
  const thread = () => go({ kind: "channel", id: post.channel, thread: post.threadTs ?? post.ts });
  return (
    <li className={`post ${post.ephemeralTo ? "ephemeral" : ""}`}>
      <span className={`face ${bot ? "bot" : ""}`} aria-hidden="true">
        {(author?.name ?? "?")[0]}
      </span>
      <div className="post-body">
        <p className="by">
          <b>{author?.name ?? post.user}</b>
          {bot ? <span className="app">APP</span> : null}
          <time dateTime={new Date(at).toISOString()}>{timeOf(at)}</time>
          {post.pinned ? <span title="Pinned">📌</span> : null}
        </p>
        {post.ephemeralTo ? <p className="only-you">Only visible to you</p> : null}
        {post.blocks ? (
          <Blocks blocks={post.blocks} live={live} act={act} />
        ) : (
          <Mrkdwn text={post.text} live={live} />
        )}
        {post.edited ? <span className="edited">(edited)</span> : null}
        {post.files?.map((file) => (
          <p key={file.id}>
            <a href={file.url} download={file.name}>
              📄 {file.name}
            </a>
          </p>
        ))}
        {problem ? (
          <p role="alert" className="problem">
            {problem}
          </p>
        ) : null}
        <p className="under">
          {post.reactions?.map((r) => (
            <span key={r.name} className="reaction" title={r.name}>
              {EMOJI[r.name] ?? `:${r.name}:`} {r.users.length}
            </span>
          ))}
          {!inThread && replies.length > 0 ? (
            <button type="button" className="link" onClick={thread}>
              {replies.length === 1 ? "1 reply" : `${replies.length} replies`}
            </button>
          ) : null}
          {!inThread && replies.length === 0 && !post.ephemeralTo ? (
            <button type="button" className="link quiet" onClick={thread}>
              Reply in thread
            </button>
          ) : null}
        </p>
      </div>
    </li>
  );
});
