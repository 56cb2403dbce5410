import type { BroadcastFinding } from "#flows";
import type { Broadcast } from "#storage";

/** What came of an act of staff: the broadcast as it is now, or why nothing was done, in words for them. */
export type Outcome =
  | { readonly ok: true; readonly broadcast: Broadcast; readonly words: string }
  | { readonly ok: false; readonly words: string; readonly findings?: readonly BroadcastFinding[] };

export const refused = (words: string, findings?: readonly BroadcastFinding[]): Outcome => ({
  ok: false,
  words,
  ...(findings ? { findings } : {}),
});

export const GONE = "This broadcast is not there any more.";
