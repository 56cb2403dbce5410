/** The definition cannot be followed any further. Caught in turn.ts, where it becomes a finish effect. */
export class BrokenFlow extends Error {}
