import { createHash } from "node:crypto";
import { escapeMrkdwn } from "#channels";
import { nextEpoch, PRIORITY } from "#storage";
import {
  type ConsultationResults,
  consultationResults,
  costOf,
  hasChart,
  readerOf,
} from "../consultation/index.ts";
import { chartUrl } from "../picture-links.ts";
import type { TimerHandler } from "../timers.ts";
import type { Unit } from "../unit.ts";
import { resultBlocks } from "./consultation-blocks.ts";

/** `kind` of the results message. */
const RESULTS_POST = "consultation_results";
export const RESULTS_TIMER = "consultation_results";

/** A results message keeps itself up to date: at first often, then ever more rarely while nothing changes. */
const FIRST_MS = 5_000;
const SLOWEST_MS = 5 * 60_000;
/** Then its button brings it up to date. */
const FOR_MS = 24 * 3600_000;

interface Kept {
  readonly consultation: string;
  /** When it was posted. */
  readonly since: string;
  /** What it says, so that nothing is written that is there already. */
  readonly state?: string;
  /** Looks since the last change. */
  readonly quiet?: number;
}

/** Posts the results where everybody of staff sees them. False: there is no such consultation. */
export async function postResults(unit: Unit, consultation: string): Promise<boolean> {
  const results = await read(unit, consultation);
  if (!results) return false;
  const postId = unit.app.newId();
  await write(unit, results, postId, false);
  const since = unit.now.toISOString();
  await wake(unit, postId, FIRST_MS, { consultation, since, state: stateOf(results), quiet: 0 });
  return true;
}

/** Brings a results message up to date. False: there is no such consultation. */
export async function refreshResults(unit: Unit, consultation: string, postId: string): Promise<boolean> {
  const results = await read(unit, consultation);
  if (!results) return false;
  await write(unit, results, postId, true);
  return true;
}

export const resultsTimer: TimerHandler = async (unit, { ref: postId, data }) => {
  const { consultation, since, state, quiet = 0 } = data as unknown as Kept;
  const results = await read(unit, consultation);
  if (!results) return;
  const now = stateOf(results);
  if (now !== state) await write(unit, results, postId, true);
  const over = results.status !== "open" && results.active === 0;
  if (over || unit.now.getTime() - Date.parse(since) > FOR_MS) return;
  const looks = now === state ? quiet + 1 : 0;
  const pause = Math.min(FIRST_MS * 2 ** Math.min(looks, 10), SLOWEST_MS);
  await wake(unit, postId, pause, { consultation, since, state: now, quiet: looks });
};

function read(unit: Unit, id: string): Promise<ConsultationResults | undefined> {
  return consultationResults(readerOf(unit), id, unit.app.content.deployment.defaultLanguage);
}

const stateOf = (results: ConsultationResults): string =>
  JSON.stringify([
    results.status,
    results.started,
    results.completed,
    results.active,
    results.questions.map((q) => [q.answered, q.counts.map(({ n }) => n), q.latest[0]]),
  ]);

/** Slack refuses a message whose picture it cannot fetch: without an address on the internet there is none. */
function chartOf({ app }: Unit, results: ConsultationResults): string | undefined {
  const reachable = app.config.sandbox || app.config.publicUrl?.startsWith("https://");
  if (!reachable || !hasChart(results)) return undefined;
  const state = createHash("sha256").update(stateOf(results)).digest("hex").slice(0, 12);
  return chartUrl(app, "consultation", results.id, state);
}

async function wake(unit: Unit, postId: string, inMs: number, data: Kept): Promise<void> {
  await unit.wake({
    kind: RESULTS_TIMER,
    ref: postId,
    epoch: await nextEpoch(unit.tx, RESULTS_TIMER, postId),
    dueAt: new Date(unit.now.getTime() + inMs),
    data,
  });
}

async function write(
  unit: Unit,
  results: ConsultationResults,
  postId: string,
  replaces: boolean,
): Promise<void> {
  const { deployment } = unit.app.content;
  const chart = chartOf(unit, results);
  const cost = costOf(results.sent, deployment.costs);
  await unit.send([
    {
      to: `slack:${deployment.slack.operations}`,
      text: `Results so far: ${escapeMrkdwn(results.title)}`,
      blocks: resultBlocks(results, `${results.id}:${postId}`, unit.now, deployment.timezone, {
        ...(chart ? { chart } : {}),
        ...(cost ? { cost } : {}),
      }),
      priority: PRIORITY.reply,
      kind: RESULTS_POST,
      ref: results.id,
      ...(replaces ? { replaces: postId } : { id: postId }),
    },
  ]);
}
