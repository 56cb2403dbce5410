import type { Again, FlowDefinition, Privacy, Voters } from "./flow.ts";
import { DEFAULT_AGAIN } from "./flow.ts";

/** Without I, L, O and U, which are misread on the phone: https://www.crockford.com/base32.html */
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 6;

/**
 * The number under which a person's response is filed: six letters and digits from the random end of the session's id
 * (UUIDv7, RFC 9562 section 5.7), so that it tells neither how many came before nor when.
 */
export function receiptOf(sessionId: string): string {
  let bits = BigInt(`0x0${sessionId.replace(/[^0-9a-f]/gi, "").slice(-8)}`);
  let receipt = "";
  for (let i = 0; i < LENGTH; i++, bits >>= 5n) receipt = CROCKFORD[Number(bits & 31n)] + receipt;
  return receipt;
}

export const privacyOf = (flow: Pick<FlowDefinition, "privacy">): Privacy => flow.privacy ?? "identified";

/** How many of `eligible` voters a poll needs: a number, or more than half of them. */
export const quorumOf = ({ quorum }: Voters, eligible: number): number =>
  quorum === "majority" ? Math.floor(eligible / 2) + 1 : quorum;

/** What counts of a second response. Of anonymous ones nobody could say whose they are: there is one only. */
export const againOf = (flow: Pick<FlowDefinition, "again" | "privacy">): Again =>
  flow.again ?? (flow.privacy === "anonymous" ? "refuse" : DEFAULT_AGAIN);
