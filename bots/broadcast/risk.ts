import { type BroadcastDraft, holdsLink, type Risk, riskOf } from "#flows";
import { wasSentBefore } from "#storage";
import { isQuiet } from "../quiet-hours.ts";
import type { Unit } from "../unit.ts";
import type { Estimate } from "./estimate.ts";

type Assessed = Pick<BroadcastDraft, "texts" | "messageClass" | "sensitive"> & {
  readonly sendAt?: string | null;
};

/** How much care it needs as things stand now: the audience grows, and night falls, between two approvals. */
export async function assess(
  { tx, app, now }: Unit,
  draft: Assessed,
  { count, cost }: Pick<Estimate, "count" | "cost">,
  id: string,
): Promise<Risk> {
  const { deployment } = app.content;
  const start = draft.sendAt ? new Date(draft.sendAt) : now;
  return riskOf(
    {
      people: count.recipients,
      cost,
      messageClass: draft.messageClass ?? "service",
      sensitive: draft.sensitive ?? false,
      night: isQuiet(start < now ? now : start, deployment.timezone, deployment),
      firstUse: !(await wasSentBefore(
        tx,
        id,
        deployment.defaultLanguage,
        draft.texts[deployment.defaultLanguage] ?? "",
      )),
      links: Object.values(draft.texts).some(holdsLink),
    },
    deployment.approval.risk,
  );
}
