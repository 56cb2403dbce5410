/**
 * Rings at once, and once more at the end when there were further rings while the first was on its way: a thousand
 * replies a second need not be a thousand jobs. Everybody who rang waits until a ring that began after theirs is done.
 */
export function coalesce<Kind extends string>(
  ring: (kind: Kind, id: string) => Promise<void>,
): (kind: Kind, id: string) => Promise<void> {
  const running = new Map<string, { current: Promise<void>; next: Promise<void> | undefined }>();
  const start = (kind: Kind, id: string, key: string): Promise<void> => {
    const current = ring(kind, id).finally(() => {
      if (running.get(key)?.current === current && !running.get(key)?.next) running.delete(key);
    });
    running.set(key, { current, next: undefined });
    return current;
  };
  return (kind, id) => {
    const key = `${kind} ${id}`;
    const state = running.get(key);
    if (!state) return start(kind, id, key);
    state.next ??= state.current.catch(() => {}).then(() => start(kind, id, key));
    return state.next;
  };
}
