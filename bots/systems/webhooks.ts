import { randomBytes } from "node:crypto";
import {
  addEndpoint,
  listEndpoints,
  retireEndpoint,
  rotateSecret,
  WEBHOOK_EVENTS,
  type WebhookEvent,
} from "#storage";
import type { Unit } from "../unit.ts";
import { whyNotCalled } from "./public-address.ts";

/** As the Standard Webhooks scheme writes a secret. */
const MARK = "whsec_";
const BYTES = 32;

/** Where a secret lives, for its encryption. */
export const SECRET_CONTEXT = "webhook_endpoints.secret";

export interface EndpointRequest {
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly actor: string;
}

export type EndpointMade =
  | { readonly ok: true; readonly secret: string }
  | { readonly ok: false; readonly field: "name" | "url" | "events"; readonly words: string };

const isEvent = (written: string): written is WebhookEvent =>
  WEBHOOK_EVENTS.some((event) => event === written);
const newSecret = (): string => MARK + randomBytes(BYTES).toString("base64");

/** From now on the address is told of these events. The secret is shown once. */
export async function makeEndpoint(unit: Unit, request: EndpointRequest): Promise<EndpointMade> {
  const { tx, app } = unit;
  const name = request.name.trim();
  const no = (field: "name" | "url" | "events", words: string): EndpointMade => ({ ok: false, field, words });
  if (!/^[\w .-]{1,60}$/.test(name))
    return no("name", "Name the system in 1 to 60 letters, digits and blanks.");
  if ((await listEndpoints(tx)).some((known) => known.name === name))
    return no("name", `There is one named ${name} already.`);
  const why = whyNotCalled(request.url, app.config.webhooksToPrivate);
  if (why) return no("url", `${request.url}: ${why}.`);
  const events = [...new Set(request.events.filter(isEvent))];
  const unknown = request.events.filter((event) => !isEvent(event));
  if (unknown.length > 0 || events.length === 0)
    return no("events", `${unknown.join(", ") || "None"}: choose from ${WEBHOOK_EVENTS.join(", ")}.`);
  const secret = newSecret();
  const id = app.newId();
  await addEndpoint(tx, {
    id,
    name,
    url: request.url,
    events,
    secret: app.secrets.encrypt(secret, SECRET_CONTEXT),
  });
  await unit.audit({
    actor: request.actor,
    action: "webhook.added",
    subject: `webhook:${id}`,
    data: { name, url: request.url, events },
  });
  return { ok: true, secret };
}

/** A new secret, which for a day signs beside the old one. Undefined: there is no such endpoint. */
export async function renewSecret(unit: Unit, name: string, actor: string): Promise<string | undefined> {
  const secret = newSecret();
  const id = await rotateSecret(unit.tx, name, unit.app.secrets.encrypt(secret, SECRET_CONTEXT));
  if (id === undefined) return undefined;
  await unit.audit({ actor, action: "webhook.secret_renewed", subject: `webhook:${id}`, data: { name } });
  return secret;
}

/** It is told nothing more. False: there is no such endpoint. */
export async function endEndpoint(unit: Unit, name: string, actor: string): Promise<boolean> {
  const id = await retireEndpoint(unit.tx, name);
  if (id === undefined) return false;
  await unit.audit({ actor, action: "webhook.retired", subject: `webhook:${id}`, data: { name } });
  return true;
}
