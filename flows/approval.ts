/**
 * What an approval binds to, and who may give it. The same for broadcasts and statements.
 *
 * Glossary
 * - **Content**: everything that the approver saw: texts, audience and its count, channels, time.
 * - **Content hash**: SHA-256 over the content as canonical JSON. An edit changes it, so an approval of the old one is void.
 * - **Author**: whoever wrote, edited or submitted it.
 */
import { createHash } from "node:crypto";

/** JSON with sorted keys and no spaces: one text for one value. What is undefined is not there. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((member) => canonicalJson(member ?? null)).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
}

export const contentHash = (content: object): string =>
  createHash("sha256").update(canonicalJson(content)).digest("hex");

/** Characters of a hash that people compare. */
export const shortHash = (hash: string): string => hash.slice(0, 8);

export interface Approvable {
  readonly awaitingApproval: boolean;
  /** Why not, when it does not await approval. */
  readonly whyNot: string;
  /** Of the content as it is now. */
  readonly contentHash: string;
  /** People: whoever is behind an account. */
  readonly authors: readonly string[];
}

export interface Approver {
  /** The human being: the same for all of their accounts. */
  readonly id: string;
  /** Whether their roles allow approving such things. */
  readonly allowed: boolean;
}

export type ApprovalRefusal = "not_allowed" | "own_work" | "not_waiting" | "changed";

/** Undefined: this person may decide on what they saw. */
export function whyNotApprove(
  approver: Approver,
  subject: Approvable,
  /** Hash of the content that the approver saw. */
  seenHash: string,
): { readonly code: ApprovalRefusal; readonly words: string } | undefined {
  if (!approver.allowed) return { code: "not_allowed", words: "Your roles do not allow approving this." };
  if (subject.authors.includes(approver.id))
    return {
      code: "own_work",
      words: "This is your own work: a second person has to approve it.",
    };
  if (!subject.awaitingApproval) return { code: "not_waiting", words: subject.whyNot };
  if (seenHash !== subject.contentHash)
    return {
      code: "changed",
      words:
        "It was changed since you looked at it. Read the newer message in this channel and decide on that.",
    };
  return undefined;
}

/** Short for where the reason does not matter. */
export const mayApprove = (approver: Approver, subject: Approvable, seenHash: string): boolean =>
  whyNotApprove(approver, subject, seenHash) === undefined;
