import type { Address, ApprovedTemplate, Channel, Choice, Media, OutboundMessage, Receipt } from "#channels";
import type { Outcome, Outgoing } from "#storage";
import type { App } from "../app.ts";
import type { Rate } from "./rate.ts";
import { afterFailure } from "./retry.ts";

/** The channel's own form of a message that was claimed. */
export function outbound(message: Outgoing): OutboundMessage {
  const extras = message.extras as {
    readonly choices?: readonly Choice[];
    readonly media?: readonly Media[];
    readonly approvedAs?: ApprovedTemplate;
    readonly blocks?: readonly unknown[];
  };
  return {
    id: message.id,
    to: message.address as Address,
    text: message.text,
    ...(extras.choices ? { choices: extras.choices } : {}),
    ...(extras.media ? { media: extras.media } : {}),
    ...(extras.approvedAs ? { approvedAs: extras.approvedAs } : {}),
    ...(extras.blocks ? { blocks: extras.blocks } : {}),
    ...(message.lastInboundAt ? { lastInboundAt: message.lastInboundAt } : {}),
    ...(message.thread ? { thread: message.thread } : {}),
    ...(message.replaces ? { replaces: message.replaces } : {}),
  };
}

/** Hands a slice over, all at once but for messages to one address, which go one after the other. */
export async function sendSlice(
  app: App,
  channel: Channel,
  rate: Rate,
  slice: readonly Outgoing[],
): Promise<Outcome[]> {
  const byAddress = new Map<string, Outgoing[]>();
  for (const message of slice) {
    const list = byAddress.get(message.address);
    if (list) list.push(message);
    else byAddress.set(message.address, [message]);
  }
  const retries = new Map<number, string>();
  const outcomes = await Promise.all(
    [...byAddress.values()].map(async (messages) => {
      const settled: Outcome[] = [];
      for (const message of messages) {
        const before = settled.at(-1);
        // Order: what follows a message that must be tried again waits with it.
        settled.push(
          before?.kind === "again"
            ? { ...before, id: message.id, attempts: message.attempts, counted: false }
            : await sendOne(app, channel, rate, message, retries),
        );
      }
      return settled;
    }),
  );
  return outcomes.flat();
}

async function sendOne(
  app: App,
  channel: Channel,
  rate: Rate,
  message: Outgoing,
  retries: Map<number, string>,
): Promise<Outcome> {
  const { id, attempts } = message;
  const receipt = await hand(channel, outbound(message));
  if (receipt.status !== "failed" && receipt.status !== "undelivered")
    return { id, attempts, kind: "sent", providerId: receipt.providerId ?? null };
  const { failure, detail } = receipt;
  const code = receipt.code ?? null;
  if (failure === "throttled") rate.slowDown();
  const expiresInMs = message.expiresAt ? Date.parse(message.expiresAt) - app.clock().getTime() : undefined;
  const verdict = afterFailure(failure, attempts, Math.random(), {
    ...(receipt.retryAfterMs === undefined ? {} : { retryAfterMs: receipt.retryAfterMs }),
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  });
  switch (verdict.kind) {
    case "doubt":
      return { id, attempts, kind: "doubt", detail };
    case "final":
      return { id, attempts, kind: "final", status: verdict.status, failure, code, detail };
    case "again": {
      // Messages that come back in the same second share a batch.
      const second = Math.ceil(verdict.delayMs / 1000);
      const batchId = retries.get(second) ?? app.newId();
      retries.set(second, batchId);
      return {
        id,
        attempts,
        kind: "again",
        batchId,
        delayMs: verdict.delayMs,
        counted: verdict.counted,
        failure,
        code,
        detail,
      };
    }
  }
}

/** A channel does not throw; one that does is a bug, and whether the message went is unknown. */
async function hand(channel: Channel, message: OutboundMessage): Promise<Receipt> {
  try {
    return await channel.send(message);
  } catch (error) {
    return {
      status: "failed",
      failure: "unknown_outcome",
      detail: `The channel broke: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
