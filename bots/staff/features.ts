import { broadcastFeature } from "./broadcast.ts";
import { consultationFeature } from "./consultation.ts";
import { media } from "./media.ts";
import type { Feature } from "./registry.ts";

/** Everything that staff can do in Slack, in the order in which App Home shows it. */
export const features: readonly Feature[] = [consultationFeature, broadcastFeature, media];
