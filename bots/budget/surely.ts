import { type Election, eligible } from "./election.ts";
import type { Fraction } from "./fraction.ts";

/** Integers below this are exact in a JavaScript number, and so are the whole parts of their quotients. */
const EXACT = 2 ** 52;

/**
 * What {@link buy} would buy for a whole share, found some twenty times faster; undefined when it cannot be sure, and then
 * only `buy` can tell. Of every amount it knows a lower and an upper limit, in whole parts of a very small coin, rounded
 * down and up: it answers only when the limits leave no doubt. So it never decides by a rounded number.
 */
export function surelyBuys(election: Election, share: number): readonly number[] | undefined {
  const { candidates, blocs, supporters, budget } = election;
  const voters = blocs.reduce((sum, { size }) => sum + size, 0);
  // No sum of money in this count is larger than what all have, or than a cost, which the budget could pay.
  const coins = Math.floor(EXACT / Math.max(voters * share, budget));
  if (coins < 1) return undefined;
  const sizes = Float64Array.from(blocs, ({ size }) => size);
  const low = new Float64Array(blocs.length).fill(share * coins);
  const high = low.slice();
  const total = (of: Float64Array, supporters: readonly number[]): number => {
    let sum = 0;
    for (let i = 0; i < supporters.length; i++) {
      const b = supporters[i] as number;
      sum += (of[b] as number) * (sizes[b] as number);
    }
    return sum;
  };

  /** Limits of what a supporter pays; "no" if they cannot, undefined when that is not sure. */
  const priceOf = (candidate: number): Offer | "no" | undefined => {
    const cost = (candidates[candidate]?.project.cost ?? 0) * coins;
    const all = supporters[candidate] ?? [];
    if (total(high, all) < cost) return "no";
    if (total(low, all) < cost) return undefined;
    const most = levelled(low, sizes, all, cost);
    const least = levelled(high, sizes, all, cost);
    // Nobody gives less than an equal part but those who have nothing: no limits then, it is exact.
    const even = most.rest === cost && most.payers === least.payers && least.rest === cost;
    const rho = (coin: number): Fraction => ({ over: BigInt(coin), under: BigInt(cost) });
    const part: Fraction = { over: 1n, under: BigInt(most.payers) };
    const [atLeast, atMost] = [Math.floor(least.rest / least.payers), Math.ceil(most.rest / most.payers)];
    return {
      candidate,
      atLeast,
      atMost,
      low: even ? part : rho(atLeast),
      high: even ? part : rho(atMost),
      even,
    };
  };

  let open = eligible(election).map((candidate): Offer => {
    const part: Fraction = { over: 1n, under: BigInt(candidates[candidate]?.votes ?? 0) };
    return { candidate, atLeast: 0, atMost: 0, low: part, high: part, even: true };
  });
  const bought: number[] = [];
  for (;;) {
    open.sort((a, b) => compare(a.low, b.low) || a.candidate - b.candidate);
    let best: Offer | undefined;
    const offers: Offer[] = [];
    const looked: Offer[] = [];
    for (const [i, old] of open.entries()) {
      // A price never falls: the rest is surely dearer.
      if (best && compare(old.low, best.high) > 0) {
        offers.push(...open.slice(i));
        break;
      }
      const offer = priceOf(old.candidate);
      if (offer === undefined) return undefined;
      if (offer === "no") continue;
      offers.push(offer);
      looked.push(offer);
      const dearer = best ? compare(offer.high, best.high) : -1;
      if (!best || dearer < 0 || (dearer === 0 && offer.candidate < best.candidate)) best = offer;
    }
    if (!best) return bought;
    const chosen = best;
    for (const other of looked) {
      if (other === chosen || compare(other.low, chosen.high) > 0) continue;
      // Both exact: equal, and the tie-break has chosen.
      if (!other.even || !chosen.even) return undefined;
    }
    bought.push(chosen.candidate);
    open = offers.filter((offer) => offer !== chosen);
    for (const b of supporters[chosen.candidate] ?? []) {
      low[b] = Math.max(0, (low[b] ?? 0) - chosen.atMost);
      high[b] = Math.max(0, (high[b] ?? 0) - chosen.atLeast);
    }
  }
}

interface Offer {
  readonly candidate: number;
  /** Coins that a supporter pays at most. */
  readonly atLeast: number;
  readonly atMost: number;
  /** Of rho. */
  readonly low: Fraction;
  readonly high: Fraction;
  readonly even: boolean;
}

/** Who has less than an equal part gives all; what remains for how many others. Together they have enough. */
function levelled(
  has: Float64Array,
  sizes: Float64Array,
  supporters: readonly number[],
  cost: number,
): { readonly rest: number; readonly payers: number } {
  let part = 1;
  let before = -1;
  for (;;) {
    let rest = cost;
    let payers = 0;
    // No arrays are made here: this is where a count spends its time.
    for (let i = 0; i < supporters.length; i++) {
      const b = supporters[i] as number;
      const money = has[b] as number;
      const size = sizes[b] as number;
      if (money >= part) payers += size;
      else rest -= money * size;
    }
    if (payers === before) return { rest, payers };
    before = payers;
    part = Math.ceil(rest / payers);
  }
}

function compare(a: Fraction, b: Fraction): number {
  const [left, right] = [a.over * b.under, b.over * a.under];
  return left < right ? -1 : left > right ? 1 : 0;
}
