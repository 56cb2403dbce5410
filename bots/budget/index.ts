/** Participatory budget votes, counted so that anybody can count them again. */
export { checkBallot, faultsOf } from "./check.ts";
export { lotOf } from "./election.ts";
export { countEqualShares } from "./equal-shares.ts";
export { countGreedy } from "./greedy.ts";
export type { Counted, Outcome, SharesTrail } from "./outcome.ts";
export type { PbMeta } from "./pb.ts";
export { readPb } from "./read-pb.ts";
export type { Ballot, BudgetVote, Fault, PaperTally } from "./vote.ts";
export { writePb } from "./write-pb.ts";
