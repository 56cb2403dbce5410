import { type FormEvent, type KeyboardEvent, useMemo, useState } from "react";
import type { Outcome } from "../../slack/people.ts";
import type { SlackChannel } from "../../world.ts";
import { ask, words } from "./ask.ts";
import { type Desk, isVisible } from "./desk.ts";
import { SlackPost } from "./post.tsx";
import { Scroll } from "./scroll.tsx";

interface Props {
  readonly desk: Desk;
  readonly channel: SlackChannel;
  readonly thread?: string;
}

/** A channel or a direct conversation; with `thread`, one thread of it. */
export function Conversation({ desk, channel, thread }: Props) {
  const { live, user, go } = desk;
  const posts = useMemo(
    () => live.posts.filter((p) => p.channel === channel.id && isVisible(p, user.id)),
    [live.posts, channel.id, user.id],
  );
  const shown = posts.filter((p) => (thread ? p.threadTs === thread || p.ts === thread : !p.threadTs));
  const last = shown.at(-1)?.ts;
  const dm = channel.kind === "dm";
  const name = dm ? live.bot.name : `#${channel.name}`;

  return (
    <div className="slack-main">
      <header>
        {thread ? (
          <>
            <button type="button" className="back" onClick={() => go({ kind: "channel", id: channel.id })}>
              ← Back to {name}
            </button>
            <h3>Thread</h3>
          </>
        ) : (
          <>
            <h3>{name}</h3>
            {channel.topic ? <p>{channel.topic}</p> : null}
          </>
        )}
      </header>
      <Scroll
        className="posts"
        role="log"
        label={thread ? `Thread in ${name}` : `Messages in ${name}`}
        newest={`${thread} ${last}`}
      >
        <ol>
          {shown.length === 0 ? (
            <li className="empty">{live.posts.length === 0 ? <FirstSteps /> : "Nothing here yet."}</li>
          ) : null}
          {shown.map((post) => (
            <SlackPost
              key={post.ts}
              desk={desk}
              post={post}
              replies={thread ? [] : posts.filter((p) => p.threadTs === post.ts)}
              inThread={thread !== undefined}
            />
          ))}
        </ol>
      </Scroll>
      <Composer
        desk={desk}
        channel={channel}
        label={thread ? "Reply in thread" : `Message ${name}`}
        {...(thread ? { thread } : {})}
      />
    </div>
  );
}

/** In place of the very first message: who opens the sandbox does not know yet what it is for. */
function FirstSteps() {
  return (
    <div className="first-steps">
      <p>Nothing here yet. To begin with, type one of these below:</p>
      <dl>
        <dt>/saypro broadcast</dt>
        <dd>
          Write to the town. Somebody else has to agree: choose them in “Slack as”, such as Thabo Nkosi, and
          look into #approvals.
        </dd>
        <dt>/saypro crisis</dt>
        <dd>Call people out of bed. Their phones are on the left, or above, under “Officers”.</dd>
        <dt>/saypro consultation</dt>
        <dd>What residents say who text JOIN from a phone.</dd>
        <dt>/saypro help</dt>
        <dd>Everything that you may do.</dd>
      </dl>
    </div>
  );
}

function Composer({ desk, channel, thread, label }: Props & { readonly label: string }) {
  const [draft, setDraft] = useState("");
  const [problem, setProblem] = useState("");
  const send = async () => {
    const text = draft.trim();
    if (!text) return;
    setDraft("");
    setProblem("");
    const body = { user: desk.user.id, channel: channel.id };
    try {
      const outcome = text.startsWith("/")
        ? await ask<Outcome>("POST", "/slack/commands", { ...body, line: text })
        : await ask<Outcome>("POST", "/slack/messages", {
            ...body,
            text,
            ...(thread ? { threadTs: thread } : {}),
          });
      if (!outcome.ok) setProblem(outcome.problem ?? "Slack could not do that.");
    } catch (error) {
      setProblem(words(error));
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void send();
  };
  return (
    <form className="composer" onSubmit={onSubmit}>
      {problem ? (
        <p role="alert" className="problem">
          {problem}
        </p>
      ) : null}
      <div>
        <textarea
          aria-label={label}
          placeholder={`${label}, or /saypro help`}
          rows={1}
          maxLength={12_000}
          value={draft}
          onChange={(e) => setDraft(e.target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" disabled={!draft.trim()}>
          Send
        </button>
      </div>
    </form>
  );
}
