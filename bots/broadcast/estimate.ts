import { type Segments, segmentsOf } from "#channels";
import { type BroadcastDraft, type MessageClass, placeholdersOf, textLanguage } from "#flows";
import {
  type AudienceCount,
  type Broadcast,
  type Cap,
  countAudience,
  countCapped,
  type Db,
  recentOfClass,
} from "#storage";
import type { Content } from "#templates";
import type { Unit } from "../unit.ts";
import { languageTexts, longest, reachingOf, segmentsFor } from "./reach.ts";

export interface TextEstimate {
  readonly language: string;
  /** How it travels by SMS; with placeholders, for the longest values. */
  readonly segments: Segments;
  /** With placeholders in it the real figure may be lower. */
  readonly upTo: boolean;
  /** Who gets this text: its speakers, and those for whom it stands in. */
  readonly people: number;
}

export interface Estimate {
  readonly count: AudienceCount;
  readonly texts: readonly TextEstimate[];
  /** Languages of recipients that have no text of their own: they get another. */
  readonly standIns: readonly { readonly language: string; readonly gets: string; readonly people: number }[];
  /** Left out because they have had enough messages of its kind. */
  readonly capped: number;
  /** In the deployment's currency. */
  readonly cost: number;
  readonly costByChannel: Readonly<Record<string, number>>;
  readonly upTo: boolean;
}

/** What sending this draft now would mean: who gets which text, in how many segments, at what cost. */
export async function estimate(db: Db, draft: BroadcastDraft, content: Content): Promise<Estimate> {
  const capped = await capOf(db, draft.messageClass ?? "service", content);
  const reaching = { ...reachingOf(draft, content), ...(capped ? { capped } : {}) };
  const count = await countAudience(db, reaching);
  return estimateFor(draft, count, content, await countCapped(db, reaching));
}

/** How many messages of its kind a person may have had; undefined: too few went out for anybody to have had enough. */
export async function capOf(
  db: Db,
  messageClass: MessageClass,
  { deployment }: Pick<Content, "deployment">,
  but?: string,
): Promise<Cap | undefined> {
  const rule = deployment.sending.caps[messageClass];
  if (!rule || messageClass === "emergency") return undefined;
  const refs = await recentOfClass(db, messageClass, rule.days, but);
  return refs.length < rule.messages ? undefined : { ...rule, refs };
}

/** Who would get a broadcast now, as `estimate` counts. */
export function reachOf({ tx, app }: Unit, broadcast: Broadcast): Promise<Estimate> {
  return estimate(tx, draftOfBroadcast(broadcast), app.content);
}

/** What a broadcast says, as the draft that it was. */
export const draftOfBroadcast = (broadcast: Broadcast): BroadcastDraft => ({
  title: broadcast.title,
  texts: broadcast.texts,
  audience: broadcast.audience,
  channels: broadcast.channels,
  messageClass: broadcast.messageClass,
  sensitive: broadcast.sensitive,
  ...(broadcast.sendAt ? { sendAt: broadcast.sendAt } : {}),
  ...(broadcast.expiresAt ? { expiresAt: broadcast.expiresAt } : {}),
  ...(broadcast.template
    ? { template: { id: broadcast.template.id, values: broadcast.template.values } }
    : {}),
});

/** Somebody who writes a text changes it with every letter, but not whom it reaches. */
const FRESH_MS = 20_000;
const MAX_COUNTS = 50;
const counts = new WeakMap<
  Content,
  Map<string, { readonly at: number; readonly count: AudienceCount; readonly capped: number }>
>();

/** The same for a draft that is being written: the audience is not counted again with every letter. */
export async function estimateLive(
  db: Db,
  draft: BroadcastDraft,
  content: Content,
  now: Date,
): Promise<Estimate> {
  const known = counts.get(content) ?? new Map();
  counts.set(content, known);
  const key = JSON.stringify([reachingOf(draft, content), draft.messageClass]);
  const fresh = known.get(key);
  if (fresh && now.getTime() - fresh.at < FRESH_MS)
    return estimateFor(draft, fresh.count, content, fresh.capped);
  const reach = await estimate(db, draft, content);
  if (known.size >= MAX_COUNTS) known.clear();
  known.set(key, { at: now.getTime(), count: reach.count, capped: reach.capped });
  return reach;
}

export function estimateFor(
  draft: BroadcastDraft,
  count: AudienceCount,
  content: Content,
  capped = 0,
): Estimate {
  const { costs, languages, defaultLanguage } = content.deployment;
  const known = (language: string): string =>
    languages.some(({ code }) => code === language) ? language : defaultLanguage;
  const gets = (language: string): string => textLanguage(draft.texts, known(language), content.deployment);
  const texts = Object.entries(draft.texts)
    .filter(([, text]) => text.trim() !== "")
    .map(([language, text]) => ({
      language,
      segments: segmentsOf(longest(text)),
      upTo: placeholdersOf(text).length > 0,
      people: count.parts
        .filter((part) => gets(part.language) === language)
        .reduce((n, part) => n + part.people, 0),
    }));
  const written = new Map(languageTexts(draft, content).map((text) => [text.language, text]));
  const costByChannel: Record<string, number> = {};
  for (const { channel, language, gap, people } of count.parts) {
    const text = written.get(known(language));
    const each =
      channel === "whatsapp"
        ? costs.whatsapp
        : channel === "sms" && text
          ? segmentsFor(text, gap) * costs.sms
          : 0;
    costByChannel[channel] = (costByChannel[channel] ?? 0) + people * each;
  }
  const cost = Object.values(costByChannel).reduce((sum, one) => sum + one, 0);
  const standIns = Object.entries(count.byLanguage)
    .map(([language, people]) => ({ language, gets: gets(language), people }))
    .filter(({ language, gets: other }) => language !== other);
  return {
    count,
    texts,
    standIns,
    capped,
    cost,
    costByChannel,
    upTo: texts.some(({ upTo, people }) => upTo && people > 0),
  };
}
