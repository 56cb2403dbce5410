import { escapeMrkdwn } from "#channels";
import { decideOfferedStatement, findOfferedStatement, lastPost, PRIORITY } from "#storage";
import { statementBlocks } from "../citizen/index.ts";
import type { Unit } from "../unit.ts";
import { type Action, type ActionAsked, type Answer, whisper } from "./registry.ts";

/** Moderation: what citizens offer is put to everybody only once somebody of staff has read it. */
export const offeredStatementActions: Readonly<Record<string, Action>> = {
  statement_put: { permission: "consultations.run", run: decide("approved") },
  statement_set_aside: { permission: "consultations.run", run: decide("rejected") },
};

function decide(status: "approved" | "rejected") {
  return async (unit: Unit, { staff, value }: ActionAsked): Promise<Answer | undefined> => {
    const statement = await findOfferedStatement(unit.tx, value);
    if (!statement) return whisper("There is no such statement any more.");
    if (!(await decideOfferedStatement(unit.tx, value, status, staff.id)))
      return whisper("Somebody has decided on it already.");
    await unit.audit({
      actor: `staff:${staff.id}`,
      action: `consultation.statement_${status}`,
      subject: `consultation:${statement.consultationId}`,
      data: { statement: value },
    });
    const words =
      status === "approved"
        ? `:white_check_mark: Put to everybody by ${escapeMrkdwn(staff.name)}.`
        : `:no_entry_sign: Set aside by ${escapeMrkdwn(staff.name)}.`;
    const replaces = await lastPost(unit.tx, "statement_offer", value);
    await unit.send([
      {
        to: `slack:${unit.app.content.deployment.slack.inbox}`,
        text: "A statement that a citizen offered",
        blocks: statementBlocks(value, statement.text, words),
        priority: PRIORITY.reply,
        kind: "statement_offer",
        ref: value,
        ...(replaces ? { replaces } : {}),
      },
    ]);
    return undefined;
  };
}
