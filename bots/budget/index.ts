/** Participatory budget votes, counted so that anybody can count them again. */
export { checkBallot, faultsOf } from "./check.ts";
export { lotOf } from "./election.ts";
export { countEqualShares } from "./equal-shares.ts";
export { countGreedy } from "./greedy.ts";
export type {
  Counted,
  GreedyRound,
  Outcome,
  ProjectOutcome,
  Round,
  SharesRound,
  SharesTrail,
} from "./outcome.ts";
export type { PbMeta } from "./pb.ts";
export { type PbFile, type ReadPb, readPb } from "./read-pb.ts";
export type {
  Ballot,
  BudgetVote,
  Fault,
  FaultCode,
  PaperBallot,
  PaperTally,
  PhoneBallot,
  Project,
} from "./vote.ts";
export { type WrittenPb, writePb } from "./write-pb.ts";
