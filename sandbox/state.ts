import { credentials } from "./credentials.ts";
import { calm } from "./knobs.ts";
import { phonesOf } from "./town.ts";
import type { Change, Knobs, Notice, Phone, Post, SlackChannel, Text, Town, View } from "./world.ts";

/** The oldest texts are forgotten beyond this many, as a carrier forgets after its retention. */
const MAX_TEXTS = 250_000;
const MAX_POSTS = 50_000;

/** Everything the carriers know, and the one way to change it. */
export interface State {
  readonly town: Town;
  readonly knobs: Knobs;
  readonly phones: ReadonlyMap<string, Phone>;
  readonly texts: ReadonlyMap<string, Text>;
  readonly channels: ReadonlyMap<string, SlackChannel>;
  readonly posts: ReadonlyMap<string, Post>;
  readonly homes: ReadonlyMap<string, View>;
  /** Texts of one phone, oldest first. */
  textsOf(phone: string): readonly Text[];
  postsIn(channel: string): readonly Post[];
  change(change: Change): void;
  /** Tells the page something that the journal need not keep. */
  notify(notice: Notice): void;
  watch(watcher: (notice: Notice) => void): () => void;
}

export interface Keeper {
  append(change: Change): void;
}

/** Builds the state from the town and the changes kept so far; later changes go to `keeper` first. */
export function createState(town: Town, kept: Iterable<Change>, keeper: Keeper): State {
  let knobs: Knobs = calm;
  const phones = new Map<string, Phone>();
  const texts = new Map<string, Text>();
  const byPhone = new Map<string, Set<string>>();
  const channels = new Map<string, SlackChannel>();
  const posts = new Map<string, Post>();
  const byChannel = new Map<string, Set<string>>();
  const homes = new Map<string, View>();
  const watchers = new Set<(notice: Notice) => void>();

  const forget = (id: string) => {
    const text = texts.get(id);
    if (!text) return;
    texts.delete(id);
    byPhone.get(text.phone)?.delete(id);
  };

  const apply = (change: Change) => {
    switch (change.kind) {
      case "phone":
        phones.set(change.phone.number, change.phone);
        break;
      case "text": {
        const { text } = change;
        texts.set(text.id, text);
        index(byPhone, text.phone, text.id);
        const oldest = texts.keys().next().value;
        if (texts.size > MAX_TEXTS && oldest) forget(oldest);
        break;
      }
      case "text-gone":
        forget(change.id);
        break;
      case "channel":
        channels.set(change.channel.id, change.channel);
        break;
      case "post": {
        const key = postKey(change.post.channel, change.post.ts);
        posts.set(key, change.post);
        index(byChannel, change.post.channel, key);
        const oldest = posts.keys().next().value;
        if (posts.size > MAX_POSTS && oldest) {
          byChannel.get(oldest.split(":")[0] ?? "")?.delete(oldest);
          posts.delete(oldest);
        }
        break;
      }
      case "home":
        homes.set(change.view.user, change.view);
        break;
      case "knobs":
        knobs = { ...calm, ...change.knobs };
        break;
    }
  };

  for (const phone of phonesOf(town)) phones.set(phone.number, phone);
  // People of another workspace see only what is shared with them.
  const everybody = [
    ...town.slackUsers.filter((u) => !u.external).map((u) => u.id),
    credentials.slack.botUserId,
  ];
  for (const channel of town.slackChannels)
    channels.set(channel.id, { ...channel, kind: "channel", members: everybody });
  for (const user of town.slackUsers) {
    const id = dmOf(user.id);
    channels.set(id, { id, name: user.name, kind: "dm", members: [user.id, credentials.slack.botUserId] });
  }
  for (const change of kept) apply(change);

  const tell = (notice: Notice) => {
    for (const watcher of watchers) watcher(notice);
  };
  return {
    town,
    get knobs() {
      return knobs;
    },
    phones,
    texts,
    channels,
    posts,
    homes,
    textsOf: (phone) => list(byPhone.get(phone), texts),
    postsIn: (channel) => list(byChannel.get(channel), posts),
    change: (change) => {
      keeper.append(change);
      apply(change);
      tell(change);
    },
    notify: tell,
    watch: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

function index(map: Map<string, Set<string>>, key: string, id: string): void {
  const ids = map.get(key);
  if (ids) ids.add(id);
  else map.set(key, new Set([id]));
}

function list<T>(ids: Iterable<string> | undefined, from: ReadonlyMap<string, T>): readonly T[] {
  return [...(ids ?? [])].flatMap((id) => from.get(id) ?? []);
}

export function postKey(channel: string, ts: string): string {
  return `${channel}:${ts}`;
}

/** The direct-message channel between a user and the bot. */
export function dmOf(user: string): string {
  return `D${user.slice(1)}`;
}
