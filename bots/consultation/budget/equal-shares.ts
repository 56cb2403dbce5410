import { compare, divided, type Fraction, fraction, least, minus, plus, times, written } from "./fraction.ts";
import { greedy } from "./greedy.ts";
import {
  type BudgetResult,
  type BudgetVote,
  inOrderOfVotes,
  type Project,
  type Round,
  supportersOf,
} from "./vote.ts";

/**
 * The Method of Equal Shares with the cost as utility (Peters, Pierczyński & Skowron 2021, "Proportional Participatory
 * Budgeting with Additive Utilities", NeurIPS): everybody has the same share of the money; a project is bought by those who
 * voted for it, each paying the same as far as their money goes, and the next is always the one that costs its supporters
 * the least for what they get. What it leaves over is used by giving everybody one unit more as long as the whole is not
 * overspent (add1), and then by votes.
 */
export function equalShares(vote: BudgetVote, seed: string): BudgetResult {
  const voters = vote.ballots.filter(({ projects }) =>
    projects.some((id) => vote.projects.some((project) => project.id === id)),
  );
  const counted: BudgetVote = { ...vote, ballots: voters };
  if (voters.length === 0) return { selected: [], spent: 0, left: vote.budget, rounds: [], share: "0" };
  const blocs = blocsOf(counted);
  let share = fraction(vote.budget, voters.length);
  let best = buy(counted, blocs, share, seed);
  // add1 gives one unit more each time; where one person's share is large, a thousandth of it: the same idea, in time.
  const step = fraction(Math.max(1, Math.floor(vote.budget / voters.length / 1_000)));
  // Every project that anybody voted for is bought at the latest when one voter alone could pay for everything.
  const wanted = vote.projects.filter(({ id }) => (supportersOf(counted).get(id)?.length ?? 0) > 0).length;
  while (best.rounds.length < wanted) {
    const more = plus(share, step);
    const next = buy(counted, blocs, more, seed);
    if (next.spent > vote.budget) break;
    share = more;
    best = next;
  }
  const filled = greedy(counted, seed, best.selected);
  return {
    selected: filled.selected,
    spent: filled.spent,
    left: filled.left,
    rounds: [...best.rounds, ...filled.rounds],
    share: written(share),
  };
}

/** People with the same ballot have the same money throughout: they are counted together. */
interface Bloc {
  readonly projects: ReadonlySet<string>;
  readonly size: number;
}

function blocsOf({ ballots, projects }: BudgetVote): readonly Bloc[] {
  const known = new Set(projects.map(({ id }) => id));
  const blocs = new Map<string, { projects: ReadonlySet<string>; size: number }>();
  for (const ballot of ballots) {
    const chosen = [...new Set(ballot.projects)].filter((id) => known.has(id)).toSorted();
    const key = JSON.stringify(chosen);
    const bloc = blocs.get(key) ?? { projects: new Set(chosen), size: 0 };
    bloc.size++;
    blocs.set(key, bloc);
  }
  return [...blocs.values()];
}

function buy(
  vote: BudgetVote,
  blocs: readonly Bloc[],
  share: Fraction,
  seed: string,
): { readonly selected: readonly string[]; readonly spent: number; readonly rounds: readonly Round[] } {
  const money = blocs.map(() => share);
  const supporters = supportersOf(vote);
  let open: readonly Project[] = inOrderOfVotes(vote, seed).filter(
    ({ id }) => (supporters.get(id)?.length ?? 0) > 0,
  );
  const rounds: Round[] = [];
  /** A price never falls while money is only spent: what was dearer than the best of now need not be looked at. */
  const known = new Map<string, Fraction>();
  for (;;) {
    let best: { readonly project: Project; readonly price: Fraction; readonly pays: Fraction } | undefined;
    const affordable: Project[] = [];
    const order = open.toSorted((a, b) => compareKnown(known.get(a.id), known.get(b.id)));
    for (const project of order) {
      const before = known.get(project.id);
      if (best && before && compare(before, best.price) > 0) {
        affordable.push(project);
        continue;
      }
      const pays = paymentOf(project, blocs, money);
      if (!pays) continue;
      affordable.push(project);
      const price = divided(pays, project.cost);
      known.set(project.id, price);
      // Equal prices: by votes, cost and tie-break, which is the order of `open`.
      const cheaper = best ? compare(price, best.price) : -1;
      if (cheaper < 0 || (cheaper === 0 && best && open.indexOf(project) < open.indexOf(best.project)))
        best = { project, price, pays };
    }
    if (!best) break;
    const { project, price, pays } = best;
    for (const [i, bloc] of blocs.entries()) {
      const has = money[i];
      if (has && bloc.projects.has(project.id)) money[i] = minus(has, least(has, pays));
    }
    rounds.push({
      project: project.id,
      cost: project.cost,
      votes: supporters.get(project.id)?.length ?? 0,
      price: written(price),
    });
    const left = new Set(affordable.map(({ id }) => id));
    open = open.filter(({ id }) => left.has(id) && id !== project.id);
  }
  const selected = rounds.map(({ project }) => project);
  return { selected, rounds, spent: rounds.reduce((sum, { cost }) => sum + cost, 0) };
}

const compareKnown = (a: Fraction | undefined, b: Fraction | undefined): number =>
  a === undefined || b === undefined ? Number(a !== undefined) - Number(b !== undefined) : compare(a, b);

/** What each supporter pays, those with less all that they have; undefined when all they have is not enough. */
function paymentOf(
  { id, cost }: Project,
  blocs: readonly Bloc[],
  money: readonly Fraction[],
): Fraction | undefined {
  const payers = blocs
    .flatMap(({ projects, size }, i) => (projects.has(id) ? [{ size, has: money[i] ?? fraction(0) }] : []))
    .toSorted((a, b) => compare(a.has, b.has));
  let people = payers.reduce((sum, { size }) => sum + size, 0);
  let owing = fraction(cost);
  for (const { size, has } of payers) {
    const each = divided(owing, people);
    if (compare(each, has) <= 0) return each;
    owing = minus(owing, times(has, size));
    people -= size;
  }
  return undefined;
}
