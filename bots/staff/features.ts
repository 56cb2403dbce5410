import { breakGlassFeature } from "./break-glass.ts";
import { broadcastFeature } from "./broadcast.ts";
import { broadcastReportFeature } from "./broadcast-report.ts";
import { calendarFeature } from "./calendar.ts";
import { consoleFeature } from "./console.ts";
import { consultationFeature } from "./consultation.ts";
import { crisisFeature } from "./crisis.ts";
import { heldFeature } from "./held.ts";
import { inboxFeature } from "./inbox.ts";
import { keysFeature } from "./keys.ts";
import { media } from "./media.ts";
import { meetingFeature } from "./meeting.ts";
import { numbersFeature } from "./numbers.ts";
import { personFeature } from "./person.ts";
import type { Feature } from "./registry.ts";
import { statementFeature } from "./statement.ts";
import { teamFeature } from "./team.ts";

/** Everything that staff can do in Slack, in the order in which App Home shows it. */
export const features: readonly Feature[] = [
  crisisFeature,
  statementFeature,
  consultationFeature,
  meetingFeature,
  broadcastFeature,
  breakGlassFeature,
  broadcastReportFeature,
  media,
  inboxFeature,
  heldFeature,
  numbersFeature,
  personFeature,
  teamFeature,
  keysFeature,
  calendarFeature,
  consoleFeature,
];
