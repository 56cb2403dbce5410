import { PRIORITY, type Priority } from "#storage";

/**
 * Hand-overs under way at once, of one channel in one process. Bulk leaves room for replies, and both for a crisis, so
 * that a carrier that answers slowly holds nothing urgent up. Together they bound what is in doubt after a crash.
 */
export const UP_TO = { bulk: 64, replies: 112, crisis: 128 } as const;

/** Claiming for less room than this waits a moment, so that a busy channel claims in slices. */
export const SLICE_AT_LEAST = 16;

/** Counts what is under way. */
export interface Lanes {
  /** How many messages up to that priority may begin now. */
  room(upTo: Priority): number;
  begin(priority: Priority): void;
  end(priority: Priority): void;
  underWay(): number;
}

export function openLanes(): Lanes {
  const busy: Record<Priority, number> = { 0: 0, 1: 0, 2: 0 };
  const all = (): number => busy[0] + busy[1] + busy[2];
  const room = {
    [PRIORITY.crisis]: () => UP_TO.crisis - all(),
    [PRIORITY.reply]: () => Math.min(UP_TO.replies - busy[1] - busy[2], UP_TO.crisis - all()),
    [PRIORITY.bulk]: () =>
      Math.min(UP_TO.bulk - busy[2], UP_TO.replies - busy[1] - busy[2], UP_TO.crisis - all()),
  };
  return {
    room: (upTo) => Math.max(0, room[upTo]()),
    begin: (priority) => void busy[priority]++,
    end: (priority) => void busy[priority]--,
    underWay: all,
  };
}
