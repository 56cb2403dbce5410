/** Remembered at most; who looks back further has closed that modal long ago. */
const LIMIT = 1_000;

/** Tells whether something later was asked of the same subject meanwhile. */
export interface Turns {
  next(subject: string): { isOver(): boolean };
}

export function inOrder(): Turns {
  const latest = new Map<string, number>();
  let count = 0;
  return {
    next(subject) {
      count += 1;
      const mine = count;
      if (latest.size >= LIMIT) latest.clear();
      latest.set(subject, mine);
      return { isOver: () => (latest.get(subject) ?? mine) !== mine };
    },
  };
}
