import { type Segments, segmentsOf } from "#channels";
import { type BroadcastDraft, hasName, textLanguage } from "#flows";
import { type AudienceCount, type Broadcast, countAudience, type Db } from "#storage";
import type { Content } from "#templates";
import type { Unit } from "../unit.ts";
import { languageTexts, longest, reachingOf } from "./reach.ts";

export interface TextEstimate {
  readonly language: string;
  /** How it travels by SMS; with a name in it, for the longest name. */
  readonly segments: Segments;
  /** With a name in it the real figure may be lower. */
  readonly upTo: boolean;
  /** Who gets this text: its speakers, and those for whom it stands in. */
  readonly people: number;
}

export interface Estimate {
  readonly count: AudienceCount;
  readonly texts: readonly TextEstimate[];
  /** Languages of recipients that have no text of their own: they get another. */
  readonly standIns: readonly { readonly language: string; readonly gets: string; readonly people: number }[];
  /** In the deployment's currency. */
  readonly cost: number;
  readonly upTo: boolean;
}

/** What sending this draft now would mean: who gets which text, in how many segments, at what cost. */
export async function estimate(db: Db, draft: BroadcastDraft, content: Content): Promise<Estimate> {
  const count = await countAudience(db, reachingOf(draft, content));
  return estimateFor(draft, count, content);
}

/** Who would get a broadcast now, as `estimate` counts. */
export function reachOf({ tx, app }: Unit, broadcast: Broadcast): Promise<Estimate> {
  const { title, texts, audience, channels } = broadcast;
  return estimate(tx, { title, texts, audience, channels }, app.content);
}

/** Somebody who writes a text changes it with every letter, but not whom it reaches. */
const FRESH_MS = 20_000;
const MAX_COUNTS = 50;
const counts = new WeakMap<Content, Map<string, { readonly at: number; readonly count: AudienceCount }>>();

/** The same for a draft that is being written: the audience is not counted again with every letter. */
export async function estimateLive(
  db: Db,
  draft: BroadcastDraft,
  content: Content,
  now: Date,
): Promise<Estimate> {
  const known = counts.get(content) ?? new Map();
  counts.set(content, known);
  const key = JSON.stringify(reachingOf(draft, content));
  const fresh = known.get(key);
  if (fresh && now.getTime() - fresh.at < FRESH_MS) return estimateFor(draft, fresh.count, content);
  const reach = await estimate(db, draft, content);
  if (known.size >= MAX_COUNTS) known.clear();
  known.set(key, { at: now.getTime(), count: reach.count });
  return reach;
}

export function estimateFor(draft: BroadcastDraft, count: AudienceCount, content: Content): Estimate {
  const { costs, languages, defaultLanguage } = content.deployment;
  const known = (language: string): string =>
    languages.some(({ code }) => code === language) ? language : defaultLanguage;
  const gets = (language: string): string => textLanguage(draft.texts, known(language), content.deployment);
  const texts = Object.entries(draft.texts)
    .filter(([, text]) => text.trim() !== "")
    .map(([language, text]) => ({
      language,
      segments: segmentsOf(longest(text)),
      upTo: hasName(text),
      people: count.parts
        .filter((part) => gets(part.language) === language)
        .reduce((n, part) => n + part.people, 0),
    }));
  const filled = new Map(languageTexts(draft.texts, content).map((text) => [text.language, text]));
  let cost = 0;
  for (const { channel, language, named, people } of count.parts) {
    if (channel === "whatsapp") cost += people * costs.whatsapp;
    if (channel !== "sms") continue;
    const long = texts.find((text) => text.language === gets(language))?.segments.segments ?? 0;
    const segments = named ? long : (filled.get(known(language))?.segments ?? long);
    cost += people * segments * costs.sms;
  }
  const standIns = Object.entries(count.byLanguage)
    .map(([language, people]) => ({ language, gets: gets(language), people }))
    .filter(({ language, gets: other }) => language !== other);
  return { count, texts, standIns, cost, upTo: texts.some(({ upTo, people }) => upTo && people > 0) };
}
