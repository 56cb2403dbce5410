import type { AttendanceCount } from "#storage";

/** Who came of those who said so. Who neither texted the code nor was counted cannot be told from who stayed away. */
export interface Turnout extends AttendanceCount {
  /** Share of those who said that they come and did not text the code; null when nobody said so or texted it. */
  readonly noShow: number | null;
  /** The same by the head count, of all people who were expected; null without one. 0 when more came. */
  readonly noShowCounted: number | null;
}

export function turnoutOf(count: AttendanceCount, headCount: number | undefined): Turnout {
  const { said, saidAndCame, expected, walkedIn } = count;
  return {
    ...count,
    noShow: said === 0 || saidAndCame + walkedIn === 0 ? null : 1 - saidAndCame / said,
    noShowCounted: headCount === undefined || expected === 0 ? null : Math.max(0, 1 - headCount / expected),
  };
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** For staff, in a few sentences. */
export function turnoutWords(
  { said, saidAndCame, expected, walkedIn, noShow, noShowCounted }: Turnout,
  headCount: number | undefined,
): string {
  return [
    `Said that they come: ${said}, with their guests ${expected}.`,
    ...(noShow === null
      ? []
      : [`Of them ${saidAndCame} texted the code: ${percent(noShow)} did not show up by it.`]),
    ...(walkedIn > 0 ? [`Came without having said so: ${walkedIn}.`] : []),
    ...(headCount === undefined || noShowCounted === null
      ? []
      : [
          `Counted at the place: ${headCount} of ${expected} expected${noShowCounted > 0 ? `, ${percent(noShowCounted)} fewer` : ""}.`,
        ]),
  ].join(" ");
}
