import { randomUUID } from "node:crypto";

/** Slack's own limits. */
const TRIGGER_MS = 3_000;
const RESPONSE_MS = 30 * 60 * 1000;
const RESPONSE_USES = 5;
const MAX_TICKETS = 10_000;

export interface ResponseTicket {
  readonly channel: string;
  readonly user: string;
  /** The message that the interaction came from. */
  readonly ts?: string;
}

export type Exchanged = { readonly user: string } | { readonly error: string };

export interface Tickets {
  trigger(user: string): string;
  exchange(triggerId: string): Exchanged;
  responseUrl(base: string, ticket: ResponseTicket): string;
  respond(id: string): ResponseTicket | { readonly error: string };
}

/** Short-lived permissions: trigger ids open one view within three seconds, response addresses take five answers. */
export function openTickets(now: () => number = Date.now): Tickets {
  const triggers = new Map<string, { user: string; until: number; used: boolean }>();
  const responses = new Map<string, { ticket: ResponseTicket; until: number; uses: number }>();
  const keep = <T>(map: Map<string, T>, key: string, value: T) => {
    map.set(key, value);
    const oldest = map.keys().next().value;
    if (map.size > MAX_TICKETS && oldest !== undefined) map.delete(oldest);
  };
  return {
    trigger: (user) => {
      const id = `${now()}.${randomUUID().slice(0, 8)}.${randomUUID().replaceAll("-", "")}`;
      keep(triggers, id, { user, until: now() + TRIGGER_MS, used: false });
      return id;
    },
    exchange: (id) => {
      const trigger = triggers.get(id);
      if (!trigger) return { error: "invalid_trigger_id" };
      if (trigger.used) return { error: "exchanged_trigger_id" };
      if (now() > trigger.until) return { error: "expired_trigger_id" };
      trigger.used = true;
      return { user: trigger.user };
    },
    responseUrl: (base, ticket) => {
      const id = randomUUID();
      keep(responses, id, { ticket, until: now() + RESPONSE_MS, uses: 0 });
      return `${base}/slack-response/${id}`;
    },
    respond: (id) => {
      const kept = responses.get(id);
      if (!kept) return { error: "invalid_url" };
      kept.uses += 1;
      if (now() > kept.until) return { error: "expired_url" };
      if (kept.uses > RESPONSE_USES) return { error: "used_url" };
      return kept.ticket;
    },
  };
}
