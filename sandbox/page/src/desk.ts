import type { Post, SlackUser } from "../../world.ts";
import type { Live } from "./live.ts";

/** Where the user is in Slack. */
export type Where =
  | { readonly kind: "channel"; readonly id: string; readonly thread?: string }
  | { readonly kind: "home" };

export interface Desk {
  readonly live: Live;
  readonly user: SlackUser;
  go(where: Where): void;
}

export function isVisible(post: Post, user: string): boolean {
  return !post.deleted && (!post.ephemeralTo || post.ephemeralTo === user);
}
