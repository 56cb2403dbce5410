import { type Db, readRecipients } from "#storage";
import { BYTE_ORDER_MARK, csvLine } from "../csv.ts";
import { failureWords } from "./failure-words.ts";

const HEAD = [
  "message",
  "address",
  "name",
  "language",
  "ward",
  "channel",
  "outcome",
  "reason",
  "carrier_code",
  "segments",
  "handed_over_at",
  "status_at",
];

/** Every recipient of a broadcast and what became of the message, as CSV; streamed. */
export async function* recipientsCsv(db: Db, id: string): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(HEAD);
  for await (const r of readRecipients(db, id))
    yield csvLine([
      r.message,
      r.address,
      r.name,
      r.language,
      r.ward,
      r.channel,
      r.outcome,
      r.failure === null ? null : failureWords(r.failure),
      r.code,
      r.segments,
      r.handedOverAt,
      r.statusAt,
    ]);
}
