import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { listSentBroadcasts } from "#storage";
import { moment, postReport } from "../broadcast/index.ts";
import type { Unit } from "../unit.ts";
import { button } from "./inputs.ts";
import { type Answer, type Feature, whisper } from "./registry.ts";
import { section } from "./views.ts";

const LISTED = 10;

/** What became of broadcasts that were sent. */
export const broadcastReportFeature: Feature = {
  commands: [
    {
      word: "reports",
      help: "what became of the last broadcasts",
      example: "/saypro reports",
      permission: "results.read",
      run: list,
    },
  ],
  actions: {
    broadcast_report: {
      permission: "results.read",
      run: async (unit, { value }) =>
        (await postReport(unit, value))
          ? undefined
          : whisper("It has not been sent, or is not there any more."),
    },
  },
};

async function list(unit: Unit): Promise<Answer> {
  const sent = await listSentBroadcasts(unit.tx, LISTED);
  const blocks = sent.flatMap(({ id, title, startedAt }): KnownBlock[] => [
    section(`*${escapeMrkdwn(title)}*  ${startedAt ? moment(startedAt, unit.app.content.deployment) : ""}`),
    { type: "actions", elements: [button("broadcast_report", "Report", id)] },
  ]);
  return whisper("The last broadcasts", blocks.length > 0 ? blocks : [section("None was sent yet.")]);
}
