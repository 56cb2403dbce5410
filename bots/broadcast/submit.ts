import { type BegunFrom, type BroadcastDraft, shortHash, stepBroadcast } from "#flows";
import {
  type Broadcast,
  type BroadcastContent,
  findBroadcast,
  insertBroadcast,
  lockBroadcast,
  may,
  nextEpoch,
  PRIORITY,
  publishTemplate,
  rewriteBroadcast,
  type StaffMember,
  timesReturned,
} from "#storage";
import type { Unit } from "../unit.ts";
import { postForApproval, voidApprovalPost } from "./approval-post.ts";
import { rolesWords, standingOf } from "./approvals.ts";
import { hashOf } from "./content-hash.ts";
import { type Estimate, estimate } from "./estimate.ts";
import { filledDraft } from "./fill.ts";
import { findingsOf } from "./findings.ts";
import { GONE, type Outcome, refused } from "./outcome.ts";

/**
 * Asks for approval of a new broadcast, or of one that its author has changed; an approval that it had is void. Only its
 * author may change it: whoever else touched the words could not be kept from approving them.
 */
export async function submitBroadcast(
  unit: Unit,
  author: StaffMember,
  written: BroadcastDraft,
  changed?: string,
): Promise<Outcome> {
  const { tx, app } = unit;
  if (!may(author, "broadcasts.draft")) return refused("Your roles do not allow drafting broadcasts.");
  const { deployment } = app.content;
  const { draft } = filledDraft(written, app.content);
  const reach = await estimate(tx, draft, app.content);
  const blocking = (await findingsOf(unit, written, reach)).filter(({ level }) => level === "block");
  if (blocking.length > 0) return refused("There is something to put right first.", blocking);
  const unsent = draft.channels.find((name) => !canBroadcast(unit, name));
  if (unsent)
    return refused("A channel is off.", [
      { level: "block", part: "channels", words: `${unsent} is not connected for broadcasts at present.` },
    ]);
  if (reach.count.recipients === 0)
    return refused("Nobody would get it.", [
      {
        level: "block",
        part: "audience",
        words: "Nobody in this audience can be reached on these channels.",
      },
    ]);
  const id = changed ?? app.newId();
  const before = changed === undefined ? undefined : await lockBroadcast(tx, changed);
  if (changed !== undefined) {
    if (!before) return refused(GONE);
    if (before.createdBy !== author.id)
      return refused("Only its author may change it. Return it with a reason instead.");
    const edited = stepBroadcast(before.status, "edit");
    if (!edited.ok) return refused(edited.words);
  }
  const template = await begunFrom(unit, draft, before);
  const content = await contentOf(unit, id, draft, reach, template);
  if (before) {
    await rewriteBroadcast(tx, id, "awaiting_approval", content);
    if (before.status !== "draft") await voidApprovalPost(unit, before, author.name);
  } else
    await insertBroadcast(tx, {
      ...content,
      id,
      status: "awaiting_approval",
      priority: PRIORITY.bulk,
      createdBy: author.id,
    });
  await unit.audit({
    actor: `staff:${author.id}`,
    action: before ? "broadcast.changed" : "broadcast.drafted",
    subject: `broadcast:${id}`,
    data: { hash: content.contentHash },
  });
  await unit.audit({
    actor: `staff:${author.id}`,
    action: "broadcast.submitted",
    subject: `broadcast:${id}`,
    data: { hash: content.contentHash, recipients: content.expectedRecipients, cost: reach.cost },
  });
  if (content.expiresAt)
    await unit.wake({
      kind: "broadcast",
      ref: id,
      epoch: await nextEpoch(tx, "broadcast", id),
      dueAt: new Date(content.expiresAt),
      data: { do: "expire" },
    });
  const broadcast = await findBroadcast(tx, id);
  if (!broadcast) throw new Error("the broadcast was not kept");
  const standing = await standingOf(unit, broadcast, reach);
  await postForApproval(unit, broadcast, standing, author.name);
  return {
    ok: true,
    broadcast,
    words: [
      `"${broadcast.title}" awaits approval in ${deployment.slack.approvals} (${shortHash(content.contentHash)}) by ${rolesWords(standing.missing)}.`,
      standing.stuck,
    ]
      .filter(Boolean)
      .join(" "),
  };
}

function canBroadcast(unit: Unit, name: string): boolean {
  return [...unit.app.channels.values()].some(
    (channel) => channel.name === name && channel.name !== "slack" && !channel.limits.repliesOnly,
  );
}

async function contentOf(
  unit: Unit,
  id: string,
  draft: BroadcastDraft,
  reach: Estimate,
  template: BegunFrom | null,
): Promise<BroadcastContent> {
  const content = {
    title: draft.title.trim(),
    texts: Object.fromEntries(Object.entries(draft.texts).filter(([, text]) => text.trim() !== "")),
    audience: draft.audience,
    channels: draft.channels,
    sendAt: draft.sendAt ?? null,
    expiresAt: draft.expiresAt ?? null,
    expectedRecipients: reach.count.recipients,
    messageClass: draft.messageClass ?? ("service" as const),
    sensitive: draft.sensitive ?? false,
    template,
  };
  return { ...content, contentHash: hashOf(id, content, await timesReturned(unit.tx, id)) };
}

/** Pins the template's version; a broadcast that is changed keeps the one that it was begun from. */
async function begunFrom(
  { tx, app }: Unit,
  { template }: BroadcastDraft,
  before: Broadcast | undefined,
): Promise<BegunFrom | null> {
  if (!template) return before?.template ?? null;
  if (before?.template?.id === template.id) return before.template;
  const definition = app.content.broadcasts.get(template.id);
  if (!definition) return null;
  return { ...template, version: await publishTemplate(tx, definition) };
}
