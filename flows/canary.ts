/**
 * The first few of a large broadcast: what becomes of them decides whether the rest goes out.
 *
 * Glossary
 * - **Canary**: the first share of the recipients, picked by a hash of their ids.
 * - **Settled**: the carrier said what became of it in the end.
 */

export interface CanaryRules {
  /** Broadcasts to fewer people go out at once. */
  readonly from: number;
  /** In [0, 1]: the part of the recipients that goes first, and at least so many people. */
  readonly share: number;
  readonly least: number;
  /** In [0, 1], of those that were handed over: more failures, or more people who opt out, stop it. */
  readonly failed: number;
  readonly optedOut: number;
  /** In [0, 1]: at least so many have to be confirmed as delivered when the waiting is over. */
  readonly confirmed: number;
  /** How long the rest waits for receipts at most. */
  readonly waitMinutes: number;
}

export interface CanaryCounts {
  /** Handed over or failed before. */
  readonly begun: number;
  readonly delivered: number;
  readonly failed: number;
  /** People who asked for no more messages since they got it. */
  readonly optedOut: number;
  /** Nothing of it waits to be handed over. */
  readonly through: boolean;
  /** Since it began. */
  readonly waitedMs: number;
}

export type CanaryVerdict =
  | { readonly kind: "wait" }
  | { readonly kind: "go" }
  /** `words`: why, for staff. */
  | { readonly kind: "stop"; readonly words: string };

/** One that fails, or opts out, is chance. */
const FEW = 2;
/** Once so many are settled there is nothing to wait for. */
const ENOUGH = 0.95;

/** Of ten thousand, how many go first: a little more than asked for, so that chance leaves no fewer than `least`. */
export function canaryShare(recipients: number, { from, share, least }: CanaryRules): number {
  if (recipients < from || share === 0) return 0;
  const wanted = Math.max(least, recipients * share);
  return Math.min(10_000, Math.ceil(((wanted + 3 * Math.sqrt(wanted)) / recipients) * 10_000));
}

/** Whether the rest may go, has to wait, or is stopped. */
export function judgeCanary(counts: CanaryCounts, rules: CanaryRules): CanaryVerdict {
  const { begun, delivered, failed, optedOut, through, waitedMs } = counts;
  const percent = (part: number): string => `${Math.round((100 * part) / Math.max(1, begun))} %`;
  const above = (part: number, limit: number): boolean =>
    part > FEW && part > limit * Math.max(begun, rules.least);
  if (above(failed, rules.failed))
    return { kind: "stop", words: `${failed} of the first ${begun} failed (${percent(failed)})` };
  if (above(optedOut, rules.optedOut))
    return { kind: "stop", words: `${optedOut} of the first ${begun} opted out (${percent(optedOut)})` };
  if (through && delivered + failed >= begun * ENOUGH) return { kind: "go" };
  if (!through || waitedMs < rules.waitMinutes * 60_000) return { kind: "wait" };
  return delivered < rules.confirmed * begun
    ? {
        kind: "stop",
        words: `only ${delivered} of the first ${begun} were confirmed as delivered within ${rules.waitMinutes} minutes`,
      }
    : { kind: "go" };
}
