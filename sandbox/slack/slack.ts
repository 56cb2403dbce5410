import type { Surroundings } from "../surroundings.ts";
import { type Delivery, openDelivery } from "./deliver.ts";
import { openPeople, type People } from "./people.ts";
import { openPosts, type Posts } from "./posts.ts";
import { openTickets, type Tickets } from "./tickets.ts";
import { openViews, type Views } from "./views.ts";

/** The parts of the Slack stand-in. */
export interface Slack {
  readonly delivery: Delivery;
  readonly posts: Posts;
  readonly views: Views;
  readonly tickets: Tickets;
  readonly people: People;
}

export function openSlack(around: Surroundings): Slack {
  const delivery = openDelivery(around);
  const tickets = openTickets();
  const posts = openPosts(around);
  const views = openViews(around, tickets);
  return { delivery, posts, views, tickets, people: openPeople(around, { delivery, posts, views, tickets }) };
}
