import { type Basket, buy } from "./buy.ts";
import { type Election, eligible } from "./election.ts";
import type { Fraction } from "./fraction.ts";
import { surelyBuys } from "./surely.ts";

/**
 * An exact count of a few hundred ballots often tells of a long row of shares that buy the same; with thousands of
 * different ballots every unit moves somebody. So many shares at most are tried one by one, quickly, before the next exact
 * count looks for such a row: twice as many each time that it finds none.
 */
const MOST_QUICK = 64;

export interface Completed {
  readonly share: Fraction;
  readonly basket: Basket;
  /** What the next share would have bought; missing when everything that anybody wants is bought. */
  readonly next?: { readonly share: Fraction; readonly cost: number };
}

/**
 * add1 (equalshares.net, "Completion"): the share of every voter is raised to the next whole units of the currency, one by
 * one, until it would buy more than the budget pays for; the last one before counts. A larger share may cost less, so no
 * share is left out that could buy otherwise: those that are skipped are known to buy the same. It ends: a share that pays
 * for everything buys everything.
 *
 * It goes on when nothing more would fit. equalshares.net also describes a count that stops there, but the official result
 * of Wieliczka 2023 (Pabulib, 6,586 ballots) comes out only this way: its 30 projects at a share of 315, as 316 would cost
 * 1,045,079 of 1,000,000.
 */
export function add1(election: Election, start: Fraction): Completed {
  const { budget, candidates } = election;
  const wanted = eligible(election);
  const sum = (places: readonly number[]): number =>
    places.reduce((total, i) => total + (candidates[i]?.project.cost ?? 0), 0);
  const furthest = BigInt(sum(wanted));
  let share = start;
  const basket = buy(election, share);
  let bought = basket.purchases.length;
  let at = start.over / start.under;
  let row = 1;
  let quick = 0;
  while (bought < wanted.length) {
    const next: Fraction = { over: at + 1n, under: 1n };
    const sure = quick > 0 ? surelyBuys(election, Number(next.over)) : undefined;
    const exact = sure ? undefined : buy(election, next, furthest);
    const cost = exact ? exact.cost : sum(sure ?? []);
    if (cost > budget) return { share, basket: buy(election, share), next: { share: next, cost } };
    const same = exact?.same ?? 0n;
    if (quick > 0) quick--;
    else {
      row = same > 0n ? 1 : Math.min(2 * row, MOST_QUICK);
      quick = row - 1;
    }
    bought = (exact?.purchases ?? sure ?? []).length;
    // Where everything is bought the first share tells: the rest of the row would only show larger numbers.
    at = bought < wanted.length ? next.over + same : next.over;
    share = { over: at, under: 1n };
  }
  return { share, basket: buy(election, share) };
}
