import { z } from "zod";
import { BROADCAST_LIMITS } from "#flows";
import type { Kind } from "./kind.ts";

/** A text that a broadcast can be begun from. What stands in [square brackets] is for staff to fill in. */
export interface BroadcastTemplate {
  readonly id: string;
  /** What staff choose it by. */
  readonly title: string;
  /** Per language. */
  readonly texts: Readonly<Record<string, string>>;
}

const schema = z.strictObject({
  id: z.string(),
  title: z.string().trim().min(1).max(75),
  texts: z.record(z.string(), z.string().trim().min(1).max(BROADCAST_LIMITS.text)),
});

export const broadcastKind: Kind<BroadcastTemplate> = {
  folder: "broadcasts",
  read(file, deployment) {
    const raw = file.shape(schema);
    if (!raw) return undefined;
    if (raw.id !== file.id)
      file.fault(["id"], `the id is "${raw.id}" in a file named ${file.id}.yaml`, `write id: ${file.id}`);
    const codes = deployment.languages.map(({ code }) => code);
    for (const language of Object.keys(raw.texts))
      if (!codes.includes(language))
        file.fault(
          ["texts", language],
          `"${language}" is not among the languages`,
          `use one of: ${codes.join(", ")}`,
        );
    const wanted = blanks(raw.texts[deployment.defaultLanguage]);
    if (wanted === undefined)
      file.fault(
        ["texts"],
        `the text in "${deployment.defaultLanguage}" is missing`,
        "write it: everybody without one in their language gets it",
      );
    for (const [language, text] of Object.entries(raw.texts))
      if (wanted !== undefined && blanks(text) !== wanted)
        file.fault(
          ["texts", language],
          `it has ${blanks(text)} parts in [square brackets], the default language ${wanted}`,
          "ask for the same facts in every language",
        );
    return raw;
  },
};

function blanks(text: string | undefined): number | undefined {
  return text === undefined ? undefined : (text.match(/\[[^\][]+\]/g) ?? []).length;
}
