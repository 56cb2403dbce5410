import { segmentsOf } from "#channels";
import { BROADCAST_LIMITS, type BroadcastDraft, fillable, textLanguage } from "#flows";
import type { LanguageText, Reaching } from "#storage";
import type { Content } from "#templates";

/** Whom a draft reaches. Its text is no template that WhatsApp's carrier approved, so the service window counts. */
export function reachingOf(
  { audience, channels }: Pick<BroadcastDraft, "audience" | "channels">,
  { deployment }: Content,
): Reaching {
  return { audience, channels, defaultLanguage: deployment.defaultLanguage, withinWindow: true };
}

/** What the speakers of each of the deployment's languages are sent, the default language first. */
export function languageTexts(
  texts: BroadcastDraft["texts"],
  { deployment }: Content,
): readonly LanguageText[] {
  const { defaultLanguage, languages } = deployment;
  const codes = [
    defaultLanguage,
    ...languages.map(({ code }) => code).filter((code) => code !== defaultLanguage),
  ];
  return codes.map((language) => {
    const { named, nameless } = fillable(texts[textLanguage(texts, language, deployment)] ?? "");
    return { language, named, nameless, segments: segmentsOf(nameless).segments };
  });
}

/** The longest that a text becomes by a name. */
export const longest = (text: string): string =>
  fillable(text).named.replaceAll("{name}", "N".repeat(BROADCAST_LIMITS.name));
