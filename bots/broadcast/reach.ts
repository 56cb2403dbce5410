import { segmentsOf } from "#channels";
import { BROADCAST_LIMITS, type BroadcastDraft, fillable, textLanguage } from "#flows";
import type { LanguageText, Reaching } from "#storage";
import type { Content } from "#templates";
import { templateFor } from "../approved-template.ts";

/** Whom a draft reaches. On WhatsApp its texts count too: whether a template carries them outside the window. */
export function reachingOf(
  { audience, channels, texts }: Pick<BroadcastDraft, "audience" | "channels" | "texts">,
  content: Content,
): Reaching {
  const { defaultLanguage } = content.deployment;
  const beyondWindow = languageTexts(texts, content).flatMap(({ language, approvedAs }) =>
    approvedAs ? [language] : [],
  );
  return { audience, channels, defaultLanguage, beyondWindow };
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
    const written = textLanguage(texts, language, deployment);
    const text = texts[written] ?? "";
    const { named, nameless } = fillable(text);
    const carried = templateFor(longest(text), written, deployment);
    return {
      language,
      named,
      nameless,
      segments: segmentsOf(nameless).segments,
      ...(carried ? { approvedAs: carried.approvedAs } : {}),
    };
  });
}

/** The longest that a text becomes by a name. */
export const longest = (text: string): string =>
  fillable(text).named.replaceAll("{name}", "N".repeat(BROADCAST_LIMITS.name));
