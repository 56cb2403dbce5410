import { randomInt } from "node:crypto";
import { fold } from "#flows";
import { codesInUse, findMeeting, findOpenWithKeyword, insertMeeting, type StaffMember } from "#storage";
import { keywordOf } from "../citizen/keywords.ts";
import type { Unit } from "../unit.ts";
import { isActWord } from "./act.ts";
import { KEYWORD, MAX_CAPACITY } from "./meeting.ts";
import { type Outcome, refused } from "./outcome.ts";
import { setTimers } from "./timers.ts";

export interface Plan {
  readonly title: string;
  /** As it was typed. */
  readonly keyword: string;
  readonly startsAt: Date | undefined;
  readonly place: string;
  readonly capacity: number;
  /** Whoever comes is asked what they need to take part. */
  readonly asksNeeds?: boolean;
}

/** Plans a meeting: from now on people can say that they come, and ask. */
export async function planMeeting(unit: Unit, staff: StaffMember, plan: Plan): Promise<Outcome> {
  const { startsAt, capacity, title, place, asksNeeds = false } = plan;
  const keyword = fold(plan.keyword).toUpperCase();
  if (!KEYWORD.test(keyword))
    return refused("Three to twenty letters and digits, beginning with a letter.", "keyword");
  if (keywordOf(unit.app.content.deployment, keyword) || isActWord(keyword))
    return refused("This word means something else to us already.", "keyword");
  if (!startsAt || startsAt <= unit.now) return refused("It has to begin in the future.", "starts_at");
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY)
    return refused(`A whole number of seats from 1 to ${MAX_CAPACITY}.`, "capacity");
  const taken = await findOpenWithKeyword(unit.tx, [keyword]);
  if (taken) return refused(`"${taken.title}" has this keyword already.`, "keyword");
  const code = freeCode(await codesInUse(unit.tx));
  if (code === undefined) return refused("Too many meetings are planned.", "title");
  const id = unit.app.newId();
  await insertMeeting(unit.tx, {
    id,
    title,
    keyword,
    startsAt: startsAt.toISOString(),
    place,
    capacity,
    code,
    plannedBy: staff.id,
    asksNeeds,
  });
  const meeting = await findMeeting(unit.tx, id);
  if (meeting) await setTimers(unit, meeting);
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "meeting.planned",
    subject: `meeting:${id}`,
    data: { title, keyword, startsAt: startsAt.toISOString(), place, capacity, asksNeeds },
  });
  return { done: true, id, words: `Planned. People text ${keyword}.` };
}

/** Tries that find a free one as long as a few hundred meetings at most are to come. */
const TRIES = 100;

function freeCode(used: ReadonlySet<string>): string | undefined {
  for (let i = 0; i < TRIES; i++) {
    const code = String(randomInt(1_000, 10_000));
    if (!used.has(code)) return code;
  }
  return undefined;
}
