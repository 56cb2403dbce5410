import { type BroadcastDraft, type BroadcastFinding, fillIn } from "#flows";
import type { Content } from "#templates";

/** A draft with what was given for its template's values written into its texts, in each language's way. */
export function filledDraft(
  draft: BroadcastDraft,
  { broadcasts, deployment }: Content,
): { readonly draft: BroadcastDraft; readonly findings: readonly BroadcastFinding[] } {
  const values = draft.template && broadcasts.get(draft.template.id)?.values;
  if (!draft.template || !values) return { draft, findings: [] };
  const { texts, faults } = fillIn(draft.texts, values, draft.template.values, {
    defaultLanguage: deployment.defaultLanguage,
    country: deployment.country,
    currency: deployment.costs.currency,
  });
  const findings = Object.entries(faults).map(
    ([value, words]): BroadcastFinding => ({ level: "block", part: "value", value, words }),
  );
  return { draft: { ...draft, texts }, findings };
}
