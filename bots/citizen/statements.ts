import { dayOf, type FlowDefinition, type FlowLibrary, type TurnContext } from "#flows";
import { addOfferedStatement, type Db, type KeptSession, listApprovedStatements, PRIORITY } from "#storage";
import type { Unit } from "../unit.ts";
import { statementBlocks } from "./statement-blocks.ts";
import type { Sum } from "./sum-up.ts";

const asksForOpinions = ({ steps }: Pick<FlowDefinition, "steps">): boolean =>
  Object.values(steps).some(({ kind }) => kind === "opinions");

/** The statements of other citizens that this conversation asks about; nothing where its flow asks about none. */
export async function statementsFor(
  db: Db,
  library: FlowLibrary,
  { flow, version, consultationId }: { flow: string; version: number; consultationId: string | null },
): Promise<Pick<TurnContext, "statements">> {
  const definition = library.get(flow, version);
  if (consultationId === null || !definition || !asksForOpinions(definition)) return {};
  const statements: Record<string, { readonly id: string; readonly text: string }[]> = {};
  for (const { id, step, text } of await listApprovedStatements(db, consultationId)) {
    const known = statements[step] ?? [];
    known.push({ id, text });
    statements[step] = known;
  }
  return { statements };
}

/** Keeps the statements that a person offered, and shows them to staff, who decide. Nobody's name stands beside them. */
export async function keepOffers(
  unit: Unit,
  { consultationId }: Pick<KeptSession, "consultationId">,
  offers: Sum["offers"],
): Promise<void> {
  if (consultationId === null) return;
  const { deployment } = unit.app.content;
  for (const { at, text, language } of offers) {
    const id = unit.app.newId();
    const offeredOn = dayOf(unit.now.toISOString(), deployment.timezone);
    await addOfferedStatement(unit.tx, { id, consultationId, step: at, text, language, offeredOn });
    if (unit.app.channels.has("slack"))
      await unit.send([
        {
          to: `slack:${deployment.slack.inbox}`,
          text: "A citizen offers a statement for others to vote on.",
          blocks: statementBlocks(id, text),
          priority: PRIORITY.reply,
          kind: "statement_offer",
          ref: id,
        },
      ]);
  }
}
