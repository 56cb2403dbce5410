/**
 * The .pb format of Pabulib (Stolicki, Szufa and Talmon 2020, "Pabulib: A Participatory Budgeting Library",
 * arXiv:2012.06539), which the tools of equalshares.net and pabutools read too: three sections of CSV with semicolons.
 * Keys of our own, which others pass over: `tie_break_seed` in META; `ward` in PROJECTS; `station` in VOTES, beside
 * Pabulib's `voting_method`. A knapsack vote is one whose `max_sum_cost` is the budget.
 */
export interface PbMeta {
  readonly description: string;
  readonly country: string;
  readonly unit: string;
  /** Which vote of the unit, as a rule the year. */
  readonly instance: string;
  /** `greedy`, `equalshares`, `equalshares/add1`. */
  readonly rule: string;
  /** `03.04.2023`: as Pabulib writes days. */
  readonly dateBegin: string;
  readonly dateEnd: string;
  /** `currency`, `language` and whatever else stands there. */
  readonly more?: Readonly<Record<string, string>>;
}

/** Keys of META that have a field; all others are `more`. */
export const META_KEYS = {
  description: "description",
  country: "country",
  unit: "unit",
  instance: "instance",
  rule: "rule",
  date_begin: "dateBegin",
  date_end: "dateEnd",
} as const satisfies Record<string, keyof PbMeta>;

/** Keys that are worked out from the vote. */
export const COUNTED_KEYS = [
  "num_projects",
  "num_votes",
  "budget",
  "vote_type",
  "max_sum_cost",
  "tie_break_seed",
] as const;

export const SECTIONS = ["META", "PROJECTS", "VOTES"] as const;
export type Section = (typeof SECTIONS)[number];
