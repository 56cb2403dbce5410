import { useEffect, useMemo, useState } from "react";
import type { SlackChannel } from "../../world.ts";
import { ask } from "./ask.ts";
import { Conversation } from "./conversation.tsx";
import { type Desk, isVisible, type Where } from "./desk.ts";
import { Home } from "./home.tsx";
import type { Live } from "./live.ts";
import { Modal } from "./modal.tsx";

/** Slack as one member of staff sees it, with a switch to the others. */
export function SlackPane({ live }: { readonly live: Live }) {
  const people = useMemo(() => live.users.filter((u) => u.id !== live.bot.id), [live.users, live.bot.id]);
  const [userId, setUserId] = useState(() => sessionStorage.getItem("slack-user") ?? "");
  const user = people.find((u) => u.id === userId) ?? people[0];
  const [places, setPlaces] = useState<Readonly<Record<string, Where>>>({});
  const [seen, setSeen] = useState<Readonly<Record<string, string>>>({});
  const [opened] = useState(() => (Date.now() / 1000).toFixed(6));

  const channels = useMemo(
    () => live.channels.filter((c) => user && c.members.includes(user.id)),
    [live.channels, user],
  );
  const where: Where = (user && places[user.id]) ?? first(channels);
  const current = where.kind === "channel" ? where.id : "";
  const newest = live.posts.findLast((p) => p.channel === current)?.ts;
  useEffect(() => {
    if (user && current && newest) setSeen((before) => ({ ...before, [`${user.id} ${current}`]: newest }));
  }, [user, current, newest]);

  if (!user) return null;
  const go = (next: Where) => {
    setPlaces((before) => ({ ...before, [user.id]: next }));
    if (next.kind === "home") void ask("POST", "/slack/home", { user: user.id }).catch(() => {});
  };
  const desk: Desk = { live, user, go };
  const unread = (channel: SlackChannel) =>
    live.posts.filter(
      (p) =>
        p.channel === channel.id &&
        isVisible(p, user.id) &&
        p.user !== user.id &&
        p.ts > (seen[`${user.id} ${channel.id}`] ?? opened),
    ).length;
  const dm = channels.find((c) => c.kind === "dm");
  const stack = live.modals[user.id] ?? [];
  const channel = channels.find((c) => c.id === current);

  return (
    <section className="slack" id="slack" aria-label={`Slack as ${user.name}`}>
      <div className="slack-side">
        <label className="who">
          Slack as
          <select
            aria-label="Slack user"
            value={user.id}
            onChange={(e) => {
              setUserId(e.target.value);
              sessionStorage.setItem("slack-user", e.target.value);
            }}
          >
            {people.map((u) => (
              <option key={u.id} value={u.id}>
                {u.name}
              </option>
            ))}
          </select>
          <span>{user.title}</span>
        </label>
        <nav aria-label="Slack channels">
          <h3>Channels</h3>
          <ul>
            {channels
              .filter((c) => c.kind === "channel")
              .map((c) => (
                <li key={c.id}>
                  <Entry
                    label={c.name}
                    sign="#"
                    unread={unread(c)}
                    current={c.id === current}
                    onClick={() => go({ kind: "channel", id: c.id })}
                  />
                </li>
              ))}
          </ul>
          <h3>Apps</h3>
          <ul>
            <li>
              <Entry
                label={`${live.bot.name} home`}
                sign="⌂"
                unread={0}
                current={where.kind === "home"}
                onClick={() => go({ kind: "home" })}
              />
            </li>
            {dm ? (
              <li>
                <Entry
                  label={live.bot.name}
                  sign="●"
                  unread={unread(dm)}
                  current={dm.id === current}
                  onClick={() => go({ kind: "channel", id: dm.id })}
                />
              </li>
            ) : null}
          </ul>
        </nav>
      </div>
      {where.kind === "home" ? <Home desk={desk} /> : null}
      {channel ? (
        <Conversation
          key={`${user.id} ${channel.id}`}
          desk={desk}
          channel={channel}
          {...(where.kind === "channel" && where.thread ? { thread: where.thread } : {})}
        />
      ) : null}
      {stack.length > 0 ? <Modal key={user.id} desk={desk} stack={stack} /> : null}
    </section>
  );
}

function Entry(props: {
  readonly label: string;
  readonly sign: string;
  readonly unread: number;
  readonly current: boolean;
  readonly onClick: () => void;
}) {
  const { label, sign, unread, current, onClick } = props;
  return (
    <button
      type="button"
      aria-current={current ? "page" : undefined}
      className={unread > 0 && !current ? "unread" : ""}
      onClick={onClick}
    >
      <span aria-hidden="true">{sign}</span>
      <span className="entry-label">{label}</span>
      {unread > 0 && !current ? (
        <span className="badge">
          {unread}
          <span className="hidden"> unread</span>
        </span>
      ) : null}
    </button>
  );
}

function first(channels: readonly SlackChannel[]): Where {
  const [, id, thread] = /^#\/slack\/([A-Z0-9]+)(?:\/([\d.]+))?/.exec(location.hash) ?? [];
  const linked = channels.find((c) => c.id === id);
  if (linked) return { kind: "channel", id: linked.id, ...(thread ? { thread } : {}) };
  return channels[0] ? { kind: "channel", id: channels[0].id } : { kind: "home" };
}
