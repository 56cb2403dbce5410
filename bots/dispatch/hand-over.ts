import type { Address, ApprovedTemplate, Channel, Choice, Media, OutboundMessage, Receipt } from "#channels";
import type { Outcome, Outgoing } from "#storage";
import { afterFailure } from "./retry.ts";

/** What a hand-over needs from outside. */
export interface Surroundings {
  readonly channel: Channel;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** The carrier throttled us, and perhaps said for how long. */
  readonly throttled: (restMs: number | undefined) => void;
  /** No further hand-over begins after this (milliseconds since 1970): consent and leases were looked at before. */
  readonly beginBefore: number;
}

/** An adapter answers within its own time limits; one that does not leaves a doubt. Less than the lease. */
export const ANSWER_WITHIN_MS = 30_000;

/** Goes back without an attempt used up. */
const GIVEN_BACK: Outcome = {
  kind: "again",
  delayMs: 0,
  counted: false,
  failure: null,
  code: null,
  detail: null,
};

/** The channel's own form of a message that was claimed. */
export function outbound(message: Outgoing): OutboundMessage {
  const extras = message.extras as {
    readonly choices?: readonly Choice[];
    readonly media?: readonly Media[];
    readonly approvedAs?: Omit<ApprovedTemplate, "variables">;
    readonly blocks?: readonly unknown[];
  };
  return {
    id: message.id,
    to: message.address as Address,
    text: message.text,
    ...(extras.choices ? { choices: extras.choices } : {}),
    ...(extras.media ? { media: extras.media } : {}),
    ...(extras.approvedAs ? { approvedAs: { ...extras.approvedAs, variables: [message.text] } } : {}),
    ...(extras.blocks ? { blocks: extras.blocks } : {}),
    ...(message.lastInboundAt ? { lastInboundAt: message.lastInboundAt } : {}),
    ...(message.thread ? { thread: message.thread } : {}),
    ...(message.replaces ? { replaces: message.replaces } : {}),
  };
}

/**
 * Hands messages to one address over, one after the other; `done` is called for each as soon as its outcome is known.
 * What follows a message that must be tried again or is in doubt waits with it.
 */
export async function handOver(
  messages: readonly Outgoing[],
  surroundings: Surroundings,
  done: (message: Outgoing, outcome: Outcome) => void,
): Promise<void> {
  let before: Outcome | undefined;
  for (const message of messages) {
    const outcome: Outcome = follows(before, surroundings) ?? (await handOne(message, surroundings));
    done(message, outcome);
    before = outcome;
  }
}

function follows(before: Outcome | undefined, { now, beginBefore }: Surroundings): Outcome | undefined {
  if (before?.kind === "again") return { ...before, counted: false };
  if (before?.kind === "doubt" || now() > beginBefore) return GIVEN_BACK;
  return undefined;
}

async function handOne(message: Outgoing, surroundings: Surroundings): Promise<Outcome> {
  const receipt = await hand(surroundings.channel, outbound(message));
  if (receipt.status !== "failed" && receipt.status !== "undelivered")
    return { kind: "sent", providerId: receipt.providerId ?? null };
  const { failure, detail, retryAfterMs } = receipt;
  const code = receipt.code ?? null;
  if (failure === "throttled") surroundings.throttled(retryAfterMs);
  const { expiresAt, attempts } = message;
  const verdict = afterFailure(failure, attempts, surroundings.random(), {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(expiresAt === null ? {} : { expiresInMs: Date.parse(expiresAt) - surroundings.now() }),
  });
  return verdict.kind === "doubt" ? { kind: "doubt", detail } : { ...verdict, failure, code, detail };
}

/** A channel neither throws nor stays silent; one that does is a bug, and whether the message went is unknown. */
async function hand(channel: Channel, message: OutboundMessage): Promise<Receipt> {
  const unknown = (detail: string): Receipt => ({ status: "failed", failure: "unknown_outcome", detail });
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Receipt>((resolve) => {
    const words = `The carrier was silent for ${ANSWER_WITHIN_MS / 1000} seconds.`;
    timer = setTimeout(() => resolve(unknown(words)), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([channel.send(message), silence]);
  } catch (error) {
    return unknown(`The channel broke: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
