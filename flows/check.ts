import { checkConditions } from "./checks/conditions.ts";
import type { FlowFault, Surroundings } from "./checks/fault.ts";
import { checkPrivacy } from "./checks/privacy.ts";
import { checkSettings } from "./checks/settings.ts";
import { checkLabels, checkTexts } from "./checks/texts.ts";
import { checkVideos } from "./checks/videos.ts";
import { checkWays } from "./checks/ways.ts";
import type { FlowDefinition } from "./flow.ts";

const CHECKS = [
  checkSettings,
  checkWays,
  checkTexts,
  checkVideos,
  checkLabels,
  checkConditions,
  checkPrivacy,
];

/** Everything that is wrong with a definition, all at once. Nothing with an error may be published. */
export function checkFlow(flow: FlowDefinition, around: Surroundings = {}): readonly FlowFault[] {
  return CHECKS.flatMap((check) => check(flow, around));
}
