export { dutiesOf } from "./duties.ts";
export type { GivenMember } from "./entry.ts";
export { keepMember, powersOf } from "./keep.ts";
