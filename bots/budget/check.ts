import {
  type Ballot,
  type BudgetVote,
  type Fault,
  MAX_BALLOTS,
  MAX_FAULTS,
  MAX_ID,
  MAX_MONEY,
  MAX_NAME,
  MAX_PROJECTS,
  type PaperTally,
  type Project,
} from "./vote.ts";

/** What a ballot is checked against. */
export type BallotRules = Pick<BudgetVote, "budget" | "kind" | "projects">;

/** A .pb file separates by these, and blanks at the ends are lost on the way through a spreadsheet. */
const isId = (text: string): boolean =>
  text.length <= MAX_ID && /^[^;,"\r\n]+$/.test(text) && text.trim() === text;
const isMoney = (amount: number): boolean => Number.isInteger(amount) && amount >= 1 && amount <= MAX_MONEY;
const WHOLE = `a whole number from 1 to ${MAX_MONEY}, without cents`;

/** All that keeps a vote from being counted; a fault in one ballot stops the count, so that none is lost unseen. */
export function faultsOf(vote: BudgetVote): readonly Fault[] {
  const { budget, projects, ballots, tallies = [], seed } = vote;
  const faults: Fault[] = [
    ...budgetFaults(budget),
    ...(seed === ""
      ? [
          fault(
            "bad_seed",
            "There is no seed.",
            "Publish a word from which ties are broken, before the vote closes.",
          ),
        ]
      : []),
    ...(projects.length > MAX_PROJECTS
      ? [fault("too_many", `${projects.length} projects.`, `Use ${MAX_PROJECTS} at most.`)]
      : []),
    ...(ballots.length > MAX_BALLOTS
      ? [fault("too_many", `${ballots.length} ballots.`, `Count ${MAX_BALLOTS} at most, by ward.`)]
      : []),
  ];
  const ids = new Set<string>();
  for (const project of projects) {
    faults.push(...projectFaults(project, ids));
    ids.add(project.id);
  }
  const check = ballotChecker(vote);
  for (const ballot of ballots) {
    if (faults.length >= MAX_FAULTS) break;
    faults.push(...check(ballot));
  }
  const stations = new Set<string>();
  for (const tally of tallies) {
    faults.push(...tallyFaults(tally, ids, stations));
    stations.add(tally.station);
  }
  return faults.slice(0, MAX_FAULTS);
}

/** Whether one ballot may be cast: asked while the voter is still there to choose again. */
export const checkBallot = (ballot: Ballot, rules: BallotRules): readonly Fault[] =>
  ballotChecker(rules)(ballot);

export const budgetFaults = (budget: number): readonly Fault[] =>
  isMoney(budget) ? [] : [fault("bad_budget", `The budget is ${budget}.`, `Make it ${WHOLE}.`)];

export function projectFaults({ id, name, cost }: Project, before: ReadonlySet<string>): readonly Fault[] {
  const faults: Fault[] = [];
  const bad = (what: string, remedy: string): unknown => faults.push(fault("bad_project", what, remedy));
  if (!isId(id))
    bad(
      `"${id}" is no id for a project.`,
      `Use 1 to ${MAX_ID} characters without comma, semicolon or quotation mark.`,
    );
  if (name.length > MAX_NAME) bad(`The name of ${id} is too long.`, `Use ${MAX_NAME} characters at most.`);
  if (!isMoney(cost)) bad(`${id} costs ${cost}.`, `Make it ${WHOLE}; what costs nothing needs no vote.`);
  if (before.has(id))
    faults.push(fault("same_project_twice", `There are two projects ${id}.`, "Give each its own id."));
  return faults;
}

/** Checks ballots one after the other; it remembers who has voted. */
export function ballotChecker({ budget, kind, projects }: BallotRules): (ballot: Ballot) => readonly Fault[] {
  const costs = new Map(projects.map(({ id, cost }) => [id, cost]));
  const voters = new Set<string>();
  return (ballot) => {
    const { voter, approves } = ballot;
    const faults: Fault[] = [];
    if (voter === "" || voter.length > MAX_ID)
      faults.push(
        fault(
          "bad_voter",
          `"${voter}" is no id for a voter.`,
          `Give every ballot a mark of 1 to ${MAX_ID} characters.`,
        ),
      );
    if (voters.has(voter))
      faults.push(
        fault(
          "same_voter_twice",
          `${voter} has two ballots.`,
          "Keep the one that your rules say: the last, as a rule.",
        ),
      );
    voters.add(voter);
    if (ballot.source === "paper" && ballot.station.trim() === "")
      faults.push(
        fault("bad_station", `The paper ballot ${voter} names no station.`, "Say from which box it comes."),
      );
    const seen = new Set<string>();
    let total = 0;
    for (const id of approves) {
      if (!costs.has(id))
        faults.push(
          fault(
            "unknown_project",
            `${voter} votes for ${id}, which is no project of this vote.`,
            "Correct the id, or add the project.",
          ),
        );
      if (seen.has(id))
        faults.push(
          fault("project_named_twice", `${voter} names ${id} twice.`, "Name it once: one vote a project."),
        );
      seen.add(id);
      total += costs.get(id) ?? 0;
    }
    if (kind === "knapsack" && total > budget)
      faults.push(
        fault(
          "over_the_budget",
          `The projects of ${voter} cost ${total} together; there is ${budget} to spend.`,
          `Take away projects that cost ${total - budget} or more.`,
        ),
      );
    return faults;
  };
}

function tallyFaults(
  { station, ballots, votes }: PaperTally,
  ids: ReadonlySet<string>,
  before: ReadonlySet<string>,
): readonly Fault[] {
  const faults: Fault[] = [];
  if (station.trim() === "")
    faults.push(fault("bad_station", "A tally names no station.", "Say where it was counted."));
  if (before.has(station))
    faults.push(
      fault("same_station_twice", `There are two tallies of ${station}.`, "Add them up, or keep one."),
    );
  const isCount = (n: number): boolean => Number.isInteger(n) && n >= 0;
  if (!isCount(ballots) || ballots > MAX_BALLOTS)
    faults.push(
      fault("bad_tally", `${station}: ${ballots} ballots.`, `Make it a whole number up to ${MAX_BALLOTS}.`),
    );
  for (const [id, n] of Object.entries(votes)) {
    if (!ids.has(id))
      faults.push(
        fault(
          "unknown_project",
          `${station} counted ${id}, which is no project of this vote.`,
          "Correct the id.",
        ),
      );
    if (!isCount(n) || n > ballots)
      faults.push(
        fault("bad_tally", `${station}: ${n} votes for ${id} on ${ballots} ballots.`, "Count the box again."),
      );
  }
  return faults;
}

export const fault = (code: Fault["code"], what: string, remedy: string): Fault => ({ code, what, remedy });
