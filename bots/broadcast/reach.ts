import { segmentsOf } from "#channels";
import {
  type BroadcastDraft,
  fieldsOf,
  fillVariant,
  PLACEHOLDER_LIMITS,
  textLanguage,
  variantsOf,
} from "#flows";
import type { Addressed, LanguageText, Reaching } from "#storage";
import type { Content } from "#templates";
import { templateFor } from "../approved-template.ts";

type Sent = Pick<BroadcastDraft, "audience" | "channels" | "texts" | "messageClass">;

/** Whom a draft reaches. On WhatsApp its texts count too: whether a template carries them outside the window. */
export function reachingOf(draft: Sent, content: Content): Reaching {
  return reachedBy(draft, languageTexts(draft, content), content);
}

/** Whom a draft reaches, and what it says to each. */
export function addressedBy(draft: Sent, content: Content): Addressed {
  const texts = languageTexts(draft, content);
  return { ...reachedBy(draft, texts, content), texts, valueLength: PLACEHOLDER_LIMITS.value };
}

function reachedBy(
  { audience, channels, texts }: Sent,
  written: readonly LanguageText[],
  { deployment }: Content,
): Reaching {
  const beyondWindow = written.flatMap(({ language, approvedAs }) => (approvedAs ? [language] : []));
  const { defaultLanguage } = deployment;
  return { audience, channels, defaultLanguage, beyondWindow, fields: placedFields(texts) };
}

/** What the texts name of a person, as far as drawing up takes it. */
const placedFields = (texts: BroadcastDraft["texts"]): readonly string[] =>
  fieldsOf(texts).slice(0, PLACEHOLDER_LIMITS.fields);

/** What the speakers of each of the deployment's languages are sent, the default language first. */
export function languageTexts(
  { texts }: Pick<Sent, "texts" | "messageClass">,
  { deployment }: Content,
): readonly LanguageText[] {
  const { defaultLanguage, languages } = deployment;
  const fields = placedFields(texts);
  const codes = [
    defaultLanguage,
    ...languages.map(({ code }) => code).filter((code) => code !== defaultLanguage),
  ];
  return codes.map((language) => {
    const written = textLanguage(texts, language, deployment);
    const text = texts[written] ?? "";
    const variants = variantsOf(text, fields);
    const carried = templateFor(longest(text), written, deployment);
    return {
      language,
      variants,
      segments: variants.map((variant) =>
        fillVariant(variant, []) === variant ? segmentsOf(variant).segments : null,
      ),
      ...(carried ? { approvedAs: carried.approvedAs } : {}),
    };
  });
}

/** The longest that a text becomes by what is known of its reader. */
export const longest = (text: string): string =>
  longestVariant(variantsOf(text, fieldsOf({ text }).slice(0, PLACEHOLDER_LIMITS.fields)));

function longestVariant(variants: readonly string[]): string {
  const values = Array.from({ length: PLACEHOLDER_LIMITS.fields }, () =>
    "N".repeat(PLACEHOLDER_LIMITS.value),
  );
  return variants
    .map((variant) => fillVariant(variant, values))
    .reduce((a, b) => (b.length > a.length ? b : a), "");
}

/** Segments for people of whom so much is known; of their values the longest that are taken. */
export function segmentsFor(text: LanguageText, gap: number): number {
  const variant = text.variants[gap] ?? "";
  return text.segments[gap] ?? segmentsOf(longestVariant([variant])).segments;
}
