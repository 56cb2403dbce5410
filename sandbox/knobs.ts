import { z } from "zod";
import type { Knobs } from "./world.ts";

const share = z.number().min(0).max(1);
const MAX_DELAY_MS = 600_000;
const delay = z.number().int().min(0).max(MAX_DELAY_MS);

/** Every knob with its range; unknown names are refused. */
export const knobsSchema = z.strictObject({
  whatsapp: z.enum(["meta", "twilio"]),
  latencyMs: delay,
  stepMs: delay,
  errorRate: share,
  failureRate: share,
  lostAnswers: share,
  sendsPerSecond: z.number().min(0).max(100_000),
  retryAfterSeconds: z.number().int().min(1).max(600),
  duplicatedCallbacks: share,
  reorderedCallbacks: share,
  lostCallbacks: share,
  duplicatedInbound: share,
  carrierStop: z.boolean(),
  slackRetries: share,
  slackRetryDelaysMs: z.array(delay).max(3),
  slackTimeoutMs: delay,
});

/** A well-behaved day: real limits of time, no faults. */
export const calm: Knobs = {
  whatsapp: "meta",
  latencyMs: 0,
  stepMs: 150,
  errorRate: 0,
  failureRate: 0,
  lostAnswers: 0,
  sendsPerSecond: 0,
  retryAfterSeconds: 1,
  duplicatedCallbacks: 0,
  reorderedCallbacks: 0,
  lostCallbacks: 0,
  duplicatedInbound: 0,
  carrierStop: false,
  slackRetries: 0,
  slackRetryDelaysMs: [0, 60_000, 300_000],
  slackTimeoutMs: 3_000,
};

/** True for `rate` of the calls: 0 never, 1 always. */
export function happens(rate: number): boolean {
  return rate > 0 && Math.random() < rate;
}
