import type { Election } from "./election.ts";
import { eligible } from "./election.ts";
import { type Fraction, gcd } from "./fraction.ts";

/** One purchase of Equal Shares. */
export interface Purchase {
  /** Place in `election.candidates`. */
  readonly candidate: number;
  /** What a supporter pays per unit of cost, at most. */
  readonly rho: Fraction;
  /** What a supporter pays, at most: rho times the cost. */
  readonly payment: Fraction;
  /** Supporters who paid that much. */
  readonly inFull: number;
  /** Supporters who had some money, but less than that, and gave all of it. */
  readonly emptied: number;
  readonly emptiedPaid: Fraction;
  /** Places of those that were as cheap, and lost the tie-break. */
  readonly tied: readonly number[];
}

export interface Basket {
  readonly purchases: readonly Purchase[];
  readonly cost: number;
  /** What the supporters of each candidate have together at the end. */
  readonly leftOf: (candidate: number) => Fraction;
  /** Shares raised by up to so many whole units buy the same, in the same order. */
  readonly same: bigint;
}

/**
 * The Method of Equal Shares for approval ballots with the cost as utility, for a given share (Peters, Pierczyński and
 * Skowron 2021, "Proportional Participatory Budgeting with Additive Utilities", NeurIPS, section 3). Each round buys the
 * project with the smallest rho for which its supporters can pay, each of them rho times the cost or all that they have.
 *
 * All money is counted in bigints over one common denominator. Beside each amount goes its slope, what it gains when the
 * share grows by 1: every comparison is then one of straight lines, and how far the share may grow before the first of
 * them turns says for how long the outcome stays the same. `reach`: the furthest that anybody asks for.
 */
export function buy(election: Election, share: Fraction, reach = 0n): Basket {
  const { candidates, blocs, supporters } = election;
  const sizes = blocs.map(({ size }) => BigInt(size));
  const left = blocs.map(() => share.over);
  const slope = blocs.map(() => share.under);
  let unit = share.under;
  let same = reach;

  /** Shortens `same` until value + slope × same has the sign that value has. */
  const keep = (value: bigint, slope: bigint): void => {
    if (same === 0n || slope === 0n) return;
    if (value === 0n) same = 0n;
    else if (value > 0n && slope < 0n && value + slope * same <= 0n) same = (value - 1n) / -slope;
    else if (value < 0n && slope > 0n && value + slope * same >= 0n) same = (-value - 1n) / slope;
  };
  const sum = (blocs: readonly number[], of: readonly bigint[]): bigint => {
    let total = 0n;
    for (const b of blocs) total += (of[b] ?? 0n) * (sizes[b] ?? 0n);
    return total;
  };

  /** What the supporters pay; undefined when they have not enough. */
  const priceOf = (candidate: number): Price | undefined => {
    const voters = supporters[candidate] ?? [];
    const { votes, project } = candidates[candidate] ?? { votes: 0, project: { cost: 0 } };
    const cost = BigInt(project.cost);
    const spare = sum(voters, left) - cost * unit;
    if (same > 0n) keep(spare, sum(voters, slope));
    if (spare < 0n) return undefined;
    let rest = cost * unit;
    let payers = BigInt(votes);
    let rich = voters;
    let poor = 0n;
    // Who has less than an equal part gives all, which raises the part of the others: again, until all can pay.
    for (;;) {
      const part = rest / payers + (rest % payers === 0n ? 0n : 1n);
      const able: number[] = [];
      for (const b of rich) {
        const has = left[b] ?? 0n;
        const size = sizes[b] ?? 0n;
        if (has >= part) able.push(b);
        else {
          rest -= has * size;
          payers -= size;
          poor -= (slope[b] ?? 0n) * size;
        }
      }
      if (able.length === rich.length) break;
      rich = able;
    }
    if (same > 0n)
      for (const b of voters) keep((left[b] ?? 0n) * payers - rest, (slope[b] ?? 0n) * payers - poor);
    return { rest, restSlope: poor, payers, over: rest, slope: poor, under: payers * unit * cost };
  };

  /** The last known price of what may still be bought. Money is only spent, so a price never falls. */
  let open = eligible(election).map((candidate): Offer => {
    const votes = BigInt(candidates[candidate]?.votes ?? 0);
    return {
      candidate,
      price: { over: 1n, slope: 0n, under: votes, rest: 0n, restSlope: 0n, payers: votes },
    };
  });
  const purchases: Purchase[] = [];
  let spent = 0;
  for (;;) {
    open.sort((a, b) => sign(a.price, b.price));
    let best: Offer | undefined;
    const offers: Offer[] = [];
    for (const [i, old] of open.entries()) {
      if (best && sign(old.price, best.price) > 0) {
        offers.push(...open.slice(i));
        break;
      }
      const price = priceOf(old.candidate);
      if (!price) continue;
      const offer = { candidate: old.candidate, price };
      offers.push(offer);
      const dearer = best ? sign(price, best.price) : -1;
      if (!best || dearer < 0 || (dearer === 0 && offer.candidate < best.candidate)) best = offer;
    }
    if (!best) break;
    const chosen = best;
    const { rest, restSlope, payers, over, under } = chosen.price;
    const tied: number[] = [];
    open = offers.filter((offer) => offer !== chosen);
    for (const { candidate, price } of open) {
      const dearer = price.over * under - over * price.under;
      if (same > 0n) keep(dearer, price.slope * under - restSlope * price.under);
      if (dearer === 0n) tied.push(candidate);
    }
    // In a finer unit, everybody who can pays a whole number of them.
    const finer = payers / gcd(gcd(rest, restSlope < 0n ? -restSlope : restSlope), payers);
    const voters = supporters[chosen.candidate] ?? [];
    if (finer > 1n) {
      unit *= finer;
      for (const b of left.keys()) {
        left[b] = (left[b] ?? 0n) * finer;
        slope[b] = (slope[b] ?? 0n) * finer;
      }
    }
    const pays = (rest * finer) / payers;
    const paysSlope = (restSlope * finer) / payers;
    let inFull = 0;
    let emptied = 0;
    let emptiedPaid = 0n;
    for (const b of voters) {
      const has = left[b] ?? 0n;
      const size = blocs[b]?.size ?? 0;
      if (has >= pays) {
        inFull += size;
        left[b] = has - pays;
        slope[b] = (slope[b] ?? 0n) - paysSlope;
      } else {
        if (has > 0n) emptied += size;
        emptiedPaid += has * BigInt(size);
        left[b] = 0n;
        slope[b] = 0n;
      }
    }
    purchases.push({
      candidate: chosen.candidate,
      rho: { over, under },
      payment: { over: pays, under: unit },
      inFull,
      emptied,
      emptiedPaid: { over: emptiedPaid, under: unit },
      tied,
    });
    spent += candidates[chosen.candidate]?.project.cost ?? 0;
  }
  const leftOf = (candidate: number): Fraction => ({
    over: sum(supporters[candidate] ?? [], left),
    under: unit,
  });
  return { purchases, cost: spent, leftOf, same };
}

interface Offer {
  readonly candidate: number;
  readonly price: Price;
}

/** Rho is over / under; it gains slope / under when the share grows by 1. */
interface Price {
  readonly over: bigint;
  readonly slope: bigint;
  readonly under: bigint;
  /** What is left to `payers` when those with less have given all. */
  readonly rest: bigint;
  readonly restSlope: bigint;
  readonly payers: bigint;
}

function sign(a: Price, b: Price): number {
  const [left, right] = [a.over * b.under, b.over * a.under];
  return left < right ? -1 : left > right ? 1 : 0;
}
