import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PRIORITY, rows } from "../../storage/index.ts";
import { buttonsOf, type Desk, openDesk, textOf } from "../../test/support/staff-desk.ts";
import { commit } from "../unit.ts";
import { heldFeature } from "./held.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk({ features: [heldFeature], staff: { themba: ["agent"], carol: ["viewer"] } });
});
afterEach(() => desk.close());

/** Messages whose hand-over nobody knows the end of. */
async function held(ref: string, count: number): Promise<void> {
  await commit(desk.app, (unit) =>
    unit.send(
      Array.from({ length: count }, (_, i) => ({
        to: `sms:+2782000070${i}`,
        text: `words ${i}`,
        priority: PRIORITY.bulk,
        kind: "broadcast",
        ref,
      })),
    ),
  );
  await desk.db.execute(sql`update messages set status = 'failed', failure = 'in_doubt', handed_over_at = now()
    where ref = ${ref}`);
  await desk.db.execute(sql`delete from outbox_batches`);
}
const states = (ref: string) =>
  rows<{ status: string; duplicates: number; failure: string | null; waits: boolean }>(
    desk.db,
    sql`select status::text, possible_duplicates as duplicates, failure,
          exists (select from outbox_batches b where b.id = messages.batch_id) as waits
        from messages where ref = ${ref}`,
  );
const listed = async (who: string) => {
  const answer = await desk.command(who, "held");
  return { ...answer, blocks: (answer.calls[0]?.arguments.blocks ?? []) as never };
};

test("what is held is shown by what it belongs to, and sent again only when somebody decides so, once", async () => {
  expect((await desk.command("themba", "held")).whisper).toContain("Nothing is held");
  expect((await desk.command("carol", "held")).whisper).toContain("do not allow");
  const ref = v7();
  await held(ref, 3);
  const { blocks } = await listed("themba");
  expect(textOf(blocks)).toContain("3 by SMS");
  const value = buttonsOf(blocks).held_again ?? "";
  expect((await desk.click("carol", "held_again", value)).whisper).toContain("do not allow");
  expect((await desk.click("themba", "held_again", value)).whisper).toContain("3 are on their way again");
  expect(await states(ref)).toEqual(
    Array.from({ length: 3 }, () => ({ status: "queued", duplicates: 1, failure: null, waits: true })),
  );
  expect((await desk.click("themba", "held_again", value)).whisper).toContain("decided on these already");
  expect((await states(ref)).map(({ duplicates }) => duplicates)).toEqual([1, 1, 1]);
});

test("what arrived counts as sent, and is not sent", async () => {
  const [ref, other] = [v7(), v7()];
  await held(ref, 2);
  await held(other, 1);
  const { blocks } = await listed("themba");
  expect(textOf(blocks)).toContain("1 by SMS");
  await desk.click("themba", "held_sent", `sms|broadcast|${ref}`);
  expect((await states(ref)).map(({ status }) => status)).toEqual(["sent", "sent"]);
  expect((await states(other)).map(({ status }) => status)).toEqual(["failed"]);
  expect(await desk.audit()).toEqual(["messages.held_arrived"]);
});
