/** Lets several pumps sleep until there may be work, without missing a ring that comes while they look. */
export interface Waker {
  /** Take one before looking for work. */
  ticket(): number;
  wake(): void;
  /** Resolves at the next wake after the ticket, at once when that was already, or after `ms`. */
  wait(ticket: number, ms: number): Promise<void>;
}

export function openWaker(): Waker {
  let wakes = 0;
  const sleepers = new Set<() => void>();
  return {
    ticket: () => wakes,
    wake: () => {
      wakes += 1;
      for (const up of [...sleepers]) up();
    },
    wait: (ticket, ms) =>
      new Promise((resolve) => {
        if (ticket !== wakes) return resolve();
        const up = (): void => {
          clearTimeout(timer);
          sleepers.delete(up);
          resolve();
        };
        const timer = setTimeout(up, ms);
        sleepers.add(up);
      }),
  };
}
