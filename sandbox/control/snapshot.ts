import { credentials } from "../credentials.ts";
import { everybody } from "../slack/shapes.ts";
import type { Slack } from "../slack/slack.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Knobs, Phone, Post, SlackChannel, SlackUser, Text, View } from "../world.ts";

/** Everything that the page shows when it opens. */
export interface Snapshot {
  readonly town: string;
  readonly lines: { readonly sms: string; readonly whatsapp: string };
  readonly bot: { readonly id: string; readonly name: string };
  readonly knobs: Knobs;
  readonly phones: readonly Phone[];
  readonly texts: readonly Text[];
  readonly users: readonly SlackUser[];
  readonly channels: readonly SlackChannel[];
  readonly posts: readonly Post[];
  readonly homes: readonly View[];
  readonly modals: Readonly<Record<string, readonly View[]>>;
}

/** The newest of each conversation; older ones are in the journal. */
const PER_PHONE = 200;
const PER_CHANNEL = 300;

export function snapshot(around: Surroundings, slack: Slack): Snapshot {
  const { state } = around;
  const users = everybody(state);
  return {
    town: state.town.name,
    lines: state.town.lines,
    bot: { id: credentials.slack.botUserId, name: credentials.slack.botName },
    knobs: state.knobs,
    phones: [...state.phones.values()],
    texts: [...state.phones.keys()].flatMap((number) => state.textsOf(number).slice(-PER_PHONE)),
    users,
    channels: [...state.channels.values()],
    posts: [...state.channels.keys()].flatMap((id) => state.postsIn(id).slice(-PER_CHANNEL)),
    homes: [...state.homes.values()],
    modals: Object.fromEntries(users.map((u) => [u.id, slack.views.stack(u.id)])),
  };
}
