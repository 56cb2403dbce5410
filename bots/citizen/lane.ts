/** Messages of one person that wait behind one another; more are refused, and the carrier brings them again. */
const MAX_WAITING = 100;

interface Lane {
  last: Promise<unknown>;
  waiting: number;
}

const lanes = new Map<string, Lane>();

export class LaneFull extends Error {}

/**
 * Runs `work` after all that was given before for the same person in this process, in that order. The lock in the
 * database keeps processes apart; this keeps the order in which messages came in here, and keeps one busy person from
 * holding every connection.
 */
export async function inLane<T>(person: string, work: () => Promise<T>): Promise<T> {
  const lane = lanes.get(person) ?? { last: Promise.resolve(), waiting: 0 };
  if (lane.waiting >= MAX_WAITING) throw new LaneFull("too many messages of one person wait to be processed");
  lanes.set(person, lane);
  lane.waiting += 1;
  const mine = lane.waiting === 1 ? work() : lane.last.then(work, work);
  lane.last = mine;
  try {
    return await mine;
  } finally {
    lane.waiting -= 1;
    if (lane.waiting === 0) lanes.delete(person);
  }
}
