import { fault, faultsOf } from "./check.ts";
import { electionOf } from "./election.ts";
import { COUNTED_KEYS, META_KEYS, type PbMeta } from "./pb.ts";
import { type BudgetVote, type Fault, MAX_FAULTS } from "./vote.ts";

export type WrittenPb =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * The vote as a .pb file that anybody can count again. Voters are numbered, and their ballots sorted by what is on them:
 * the file tells neither who voted nor in which order. `selected`: the ids that won, when it is written after the count.
 */
export function writePb(vote: BudgetVote, meta: PbMeta, selected?: readonly string[]): WrittenPb {
  const taken = Object.keys(meta.more ?? {}).filter((key) => key.trim() !== key || key === "" || isOurs(key));
  const faults = [
    ...(vote.tallies ?? []).map(({ station }) =>
      fault(
        "tally_not_enough",
        `${station} gave only totals; a .pb file lists ballots.`,
        "Enter them one by one.",
      ),
    ),
    ...taken.map((key) => fault("bad_file", `"${key}" cannot be a key of its own in META.`, "Leave it out.")),
    ...faultsOf(vote),
  ];
  if (faults.length > 0) return { ok: false, faults: faults.slice(0, MAX_FAULTS) };
  const wards = vote.projects.some(({ ward }) => ward !== undefined);
  const paper = vote.ballots.some(({ source }) => source === "paper");
  const votes = new Map(electionOf(vote).candidates.map(({ project, votes }) => [project.id, votes]));
  const ballots = vote.ballots
    .map((ballot) => [
      ballot.approves.toSorted().join(","),
      ...(!paper ? [] : ballot.source === "paper" ? ["paper", ballot.station] : ["phone", ""]),
    ])
    .toSorted((a, b) => (a.join("\n") < b.join("\n") ? -1 : 1));
  const rows: readonly (readonly (string | number)[])[] = [
    ["META"],
    ["key", "value"],
    ...Object.entries(META_KEYS).map(([key, field]) => [key, meta[field]]),
    ["num_projects", vote.projects.length],
    ["num_votes", ballots.length],
    ["budget", vote.budget],
    ["vote_type", "approval"],
    ...(vote.kind === "knapsack" ? [["max_sum_cost", vote.budget]] : []),
    ["tie_break_seed", vote.seed],
    ...Object.entries(meta.more ?? {}),
    ["PROJECTS"],
    ["project_id", "cost", "votes", "name", ...(selected ? ["selected"] : []), ...(wards ? ["ward"] : [])],
    ...vote.projects.map(({ id, cost, name, ward }) => [
      id,
      cost,
      votes.get(id) ?? 0,
      name,
      ...(selected ? [Number(selected.includes(id))] : []),
      ...(wards ? [ward ?? ""] : []),
    ]),
    ["VOTES"],
    ["voter_id", "vote", ...(paper ? ["voting_method", "station"] : [])],
    ...ballots.map((cells, i) => [i + 1, ...cells]),
  ];
  return { ok: true, text: rows.map((row) => `${row.map(cell).join(";")}\n`).join("") };
}

const isOurs = (key: string): boolean => key in META_KEYS || COUNTED_KEYS.some((counted) => counted === key);

/** Quoted where a reader would else split it or cut off its blanks; an exact copy, not made harmless for spreadsheets. */
function cell(value: string | number): string {
  const text = String(value);
  return /[;"\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
