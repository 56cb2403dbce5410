import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { button } from "../staff/inputs.ts";
import { section } from "../staff/views.ts";

/** A statement that a citizen offers, with the decision of staff, or with what was decided. */
export function statementBlocks(id: string, text: string, decided?: string): KnownBlock[] {
  return [
    section(
      `:ballot_box_with_ballot: A citizen offers a statement for others to vote on:\n> ${escapeMrkdwn(text.replaceAll("\n", " "))}`,
    ),
    decided === undefined
      ? {
          type: "actions",
          elements: [
            button("statement_put", "Put it to everybody", id, "primary"),
            button("statement_set_aside", "Set aside", id),
          ],
        }
      : section(decided),
  ];
}
