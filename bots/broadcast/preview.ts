import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { type BroadcastDraft, fieldsOf, PLACEHOLDER_LIMITS } from "#flows";
import { PREVIEWED, type PreviewedText, previewAudience } from "#storage";
import type { Unit } from "../unit.ts";
import { addressedBy } from "./reach.ts";
import { languageName, number } from "./words.ts";

/** Languages that are shown, those of most people first: a post in Slack has room for so many. */
const LANGUAGES = 5;
/** Characters of one text in a preview; the whole text stands elsewhere in the post. */
const SHOWN = 400;
/** Characters of it with its escapes: Slack's limit of 3,000 is for all of a language. */
const ESCAPED = 900;

export interface Preview {
  readonly texts: readonly PreviewedText[];
  /** Only the first were looked at. */
  readonly partial: boolean;
}

/** What real people of the audience would read; nothing when everybody reads the same. */
export async function previewOf(
  unit: Unit,
  draft: Pick<BroadcastDraft, "audience" | "channels" | "texts" | "messageClass">,
  recipients: number,
): Promise<Preview> {
  if (recipients === 0 || fieldsOf(draft.texts).length === 0) return { texts: [], partial: false };
  const texts = await previewAudience(unit.tx, addressedBy(draft, unit.app.content));
  return { texts, partial: recipients > PREVIEWED };
}

const WHY = { longest: "the longest", shortest: "the shortest", missing: "without" } as const;

/** The preview as Slack shows it, under the texts. */
export function previewBlocks(
  { app }: Unit,
  draft: Pick<BroadcastDraft, "texts">,
  { texts, partial }: Preview,
): KnownBlock[] {
  const fields = fieldsOf(draft.texts).slice(0, PLACEHOLDER_LIMITS.fields);
  const gapWords = (gap: number): string => fields.filter((_field, at) => (gap & (1 << at)) !== 0).join(", ");
  return [...Map.groupBy(texts, ({ language }) => language)].slice(0, LANGUAGES).map(([language, shown]) => {
    const lines = shown.map(
      ({ why, gap, name, text }) =>
        `_${WHY[why]}${why === "missing" ? ` ${gapWords(gap)}` : ""}${name ? `, ${escapeMrkdwn(name)}` : ""}:_ ${escapeMrkdwn(text.replace(/\n/g, " ⏎ ").slice(0, SHOWN)).slice(0, ESCAPED)}`,
    );
    const among = partial ? ` (of the first ${number(PREVIEWED)})` : "";
    return {
      type: "context",
      elements: [
        {
          type: "mrkdwn",
          text: `*${languageName(language, app.content.deployment)}*, as real people get it${among}\n${lines.join("\n")}`,
        },
      ],
    };
  });
}
