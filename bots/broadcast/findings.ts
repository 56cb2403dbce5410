import {
  type BroadcastDraft,
  type BroadcastFinding,
  checkBroadcast,
  checkWording,
  fieldsOf,
  nearNames,
  PLACEHOLDER_LIMITS,
  placeholdersOf,
  textLanguage,
} from "#flows";
import { fieldNames } from "#storage";
import type { Unit } from "../unit.ts";
import type { Estimate } from "./estimate.ts";
import { filledDraft } from "./fill.ts";
import { people } from "./words.ts";

/**
 * Everything that can be said about a draft before it goes out: its parts, its wording by the program's rules and the
 * municipality's own, and its placeholders among the people whom it reaches. The texts are as they would be sent.
 */
export async function findingsOf(
  unit: Unit,
  given: BroadcastDraft,
  reach: Estimate,
): Promise<readonly BroadcastFinding[]> {
  const { content, config } = unit.app;
  const { draft, findings: values } = filledDraft(given, content);
  const unfilled = new Set(values.map(({ value }) => value));
  const { deployment, guidelines } = content;
  // Where one of several senders is a name, some people read it.
  const named = config.twilio?.smsFrom?.find((from) => !from.startsWith("+"));
  const sending = {
    kind: draft.messageClass ?? "service",
    stopWords: deployment.keywords.stop,
    ...(named && draft.channels.includes("sms") ? { senderName: named } : {}),
  };
  return [
    ...checkBroadcast(draft, deployment, unit.now.toISOString()),
    ...values,
    ...Object.entries(draft.texts).flatMap(([language, text]) =>
      checkWording(text, language, guidelines, sending),
    ),
    ...(await placeholderFindings(unit, draft, reach, unfilled)),
  ];
}

/** Placeholders that nobody or not everybody of the audience has a value for. */
async function placeholderFindings(
  unit: Unit,
  { texts }: BroadcastDraft,
  { count }: Estimate,
  unfilled: ReadonlySet<string | undefined>,
): Promise<readonly BroadcastFinding[]> {
  const { deployment } = unit.app.content;
  const fields = fieldsOf(texts).slice(0, PLACEHOLDER_LIMITS.fields);
  const about = fields.filter((field) => field !== "name" && !unfilled.has(field));
  if (about.length === 0) return [];
  const lacking = (field: string, parts = count.parts): number =>
    parts
      .filter(({ gap }) => (gap & (1 << fields.indexOf(field))) !== 0)
      .reduce((n, part) => n + part.people, 0);
  const nobody = about.filter((field) => lacking(field) === count.recipients);
  const known = nobody.length > 0 ? await fieldNames(unit.tx) : [];
  const codes = deployment.languages.map(({ code }) => code);
  const gets = (language: string): string =>
    textLanguage(texts, codes.includes(language) ? language : deployment.defaultLanguage, deployment);
  return Object.entries(texts).flatMap(([language, text]) => {
    const readers = count.parts.filter((part) => gets(part.language) === language);
    const seen = new Map(placeholdersOf(text).map((placeholder) => [placeholder.field, placeholder]));
    return about.flatMap((field): BroadcastFinding[] => {
      const placeholder = seen.get(field);
      if (!placeholder) return [];
      const block = (words: string): BroadcastFinding => ({
        level: "block",
        part: "text",
        language,
        rule: "placeholder",
        words,
      });
      if (nobody.includes(field) && !known.includes(field)) {
        const near = nearNames(field, ["name", ...known]).map((name) => `{${name}}`);
        return [
          block(
            near.length > 0
              ? `Nothing is known of anybody under {${field}}. Did you mean ${near.join(" or ")}?`
              : `Nothing is known of anybody under {${field}}. There is: ${["name", ...known].map((name) => `{${name}}`).join(", ")}.`,
          ),
        ];
      }
      const without = lacking(field, readers);
      return without > 0 && placeholder.fallback === undefined
        ? [
            block(
              `{${field}} is not known of ${people(without)}: give them words of their own, {${field}|...}, or leave them out.`,
            ),
          ]
        : [];
    });
  });
}
