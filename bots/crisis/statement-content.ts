import type { ChannelName } from "#channels";
import { checkStatement, contentHash, type Finding, markExercise, type StatementKind } from "#flows";
import {
  type Audience,
  type AudienceCount,
  type Crisis,
  countAudience,
  findCrisis,
  findVersion,
  type Liaison,
  listLiaisons,
  lockCrisis,
  lockVersion,
  type Reaching,
  type StatementVersion,
  type Texts,
  timesReturned,
} from "#storage";
import { templateFor } from "../approved-template.ts";
import type { Unit } from "../unit.ts";

/** Channels of a statement that belongs to no crisis. */
const DEFAULT_CHANNELS = ["sms", "whatsapp"] as const;

export interface Content {
  readonly kind: StatementKind;
  readonly texts: Texts;
  readonly audience: Audience;
  readonly channels: readonly string[];
  readonly embargoUntil?: string;
}

/**
 * What an approval binds to. How often it was returned is part of it, so that the same words can be decided on anew.
 */
export const hashOf = (content: Content, returned = 0): string => contentHash({ ...content, returned });

/** Of a stored version, made anew from what is stored: a row changed behind our back no longer fits its approvals. */
export async function storedHash(
  { tx }: Pick<Unit, "tx">,
  version: StatementVersion,
  crisis: Crisis | undefined,
): Promise<string> {
  const { kind, texts, audience, embargoUntil } = version;
  const content = { kind, texts, audience, channels: channelsOf(crisis) };
  return hashOf(
    { ...content, ...(embargoUntil === null ? {} : { embargoUntil }) },
    await timesReturned(tx, version.id),
  );
}

export const channelsOf = (crisis: Crisis | undefined): readonly string[] =>
  crisis?.definition.channels ?? DEFAULT_CHANNELS;

export async function crisisOf({ tx }: Unit, version: StatementVersion): Promise<Crisis | undefined> {
  return version.crisisId === null ? undefined : findCrisis(tx, version.crisisId);
}

/** A version to change: its crisis's row is taken first, as everywhere, so that nobody waits in a circle. */
export async function takeVersion(
  { tx }: Pick<Unit, "tx">,
  id: string,
): Promise<StatementVersion | undefined> {
  const crisisId = (await findVersion(tx, id))?.crisisId;
  if (crisisId) await lockCrisis(tx, crisisId);
  return lockVersion(tx, id);
}

export function findingsOf(
  { app }: Pick<Unit, "app">,
  version: Pick<StatementVersion, "kind" | "texts" | "replaces">,
  crisis: Crisis | undefined,
): readonly Finding[] {
  const { defaultLanguage } = app.content.deployment;
  return checkStatement({
    kind: version.kind,
    texts: version.texts,
    places: placesOf(crisis),
    languages: crisis ? Object.keys(crisis.definition.holding) : [defaultLanguage],
    defaultLanguage,
    replaces: version.replaces !== null,
  });
}

/** Of "Riverbend, Old Town and Mill Village" any one name counts. */
function placesOf(crisis: Crisis | undefined): readonly string[] {
  return (crisis?.place ?? "")
    .split(/,|;|\band\b|&/)
    .map((place) => place.trim())
    .filter((place) => place.length > 2);
}

/** What is sent: that of a drill says so. */
export function textsOf({ texts }: Pick<StatementVersion, "texts">, crisis: Crisis | undefined): Texts {
  if (crisis?.mode !== "drill") return texts;
  return Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, markExercise(text)]));
}

export interface Reach extends AudienceCount {
  readonly liaisons: number;
}

/**
 * How the public of a statement is found, on WhatsApp also where a template carries it outside the window. Whoever was
 * told an earlier version is told this one; liaisons get theirs as media, and no second copy.
 */
export async function reachingOf(
  unit: Pick<Unit, "tx" | "app">,
  version: StatementVersion,
  crisis: Crisis | undefined,
): Promise<Reaching> {
  const { app } = unit;
  const { deployment } = app.content;
  const media = await mediaOf(unit, crisis);
  const texts = textsOf(version, crisis);
  const beyondWindow = deployment.languages.flatMap(({ code }) => {
    const written = code in texts ? code : deployment.defaultLanguage;
    return templateFor(texts[written] ?? "", written, deployment) ? [code] : [];
  });
  return {
    audience: version.audience,
    channels: channelsOf(crisis).filter((channel) => app.channels.has(channel as ChannelName)),
    defaultLanguage: deployment.defaultLanguage,
    beyondWindow,
    following: { statementId: version.statementId, version: version.version },
    except: media.map(({ contactId }) => contactId),
  };
}

/** Whom it would reach now. */
export async function reachOf(
  unit: Pick<Unit, "tx" | "app">,
  version: StatementVersion,
  crisis: Crisis | undefined,
): Promise<Reach> {
  const count = await countAudience(unit.tx, await reachingOf(unit, version, crisis));
  return { ...count, liaisons: (await mediaOf(unit, crisis)).length };
}

/** Liaisons with an address on a channel that is switched on, who did not opt out. A drill has no media. */
export async function mediaOf(
  { tx, app }: Pick<Unit, "tx" | "app">,
  crisis: Crisis | undefined,
): Promise<readonly Liaison[]> {
  if (crisis?.mode === "drill") return [];
  return (await listLiaisons(tx)).filter(
    ({ address, optedOut }) =>
      !optedOut && app.channels.has(address?.slice(0, address.indexOf(":")) as ChannelName),
  );
}

/** "12,431 people (12,000 by SMS, 431 by WhatsApp) and 2 media liaisons". */
export function reachInWords(reach: Reach): string {
  const { recipients, byChannel, optedOut, unreachable, outsideWindow, liaisons } = reach;
  const names: Readonly<Record<string, string>> = { sms: "SMS", whatsapp: "WhatsApp" };
  const count = (n: number): string => n.toLocaleString("en-ZA").replace(/\s/g, " ");
  const by = Object.entries(byChannel).map(([channel, n]) => `${count(n)} by ${names[channel] ?? channel}`);
  return [
    `${count(recipients)} ${recipients === 1 ? "person" : "people"}${by.length > 0 ? ` (${by.join(", ")})` : ""}`,
    ` and ${count(liaisons)} media ${liaisons === 1 ? "liaison" : "liaisons"}`,
    optedOut > 0 ? `; ${count(optedOut)} who opted out are left out` : "",
    outsideWindow > 0 ? `; ${count(outsideWindow)} only have WhatsApp and did not write within 24 hours` : "",
    unreachable > 0 ? `; ${count(unreachable)} have no address that works` : "",
  ].join("");
}
