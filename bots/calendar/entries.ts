import { dayOf } from "#flows";
import { type Dated, type Db, listDated } from "#storage";
import type { Content } from "#templates";

/** One line of the calendar. */
export interface Entry {
  /** Names it for good, so that a calendar program moves it instead of showing it twice. */
  readonly uid: string;
  readonly kind: Dated["kind"] | "planned";
  readonly title: string;
  /** `2026-12-10` in the municipality's time zone. */
  readonly day: string;
  /** Last day, where there are several. */
  readonly until?: string;
  /** ISO 8601; absent: the whole day. */
  readonly at?: string;
  readonly tentative: boolean;
  readonly place?: string;
  readonly note?: string;
  readonly objective?: string;
  readonly sdg: readonly number[];
}

const KIND_WORDS: Readonly<Record<Entry["kind"], string>> = {
  broadcast: "Broadcast",
  consultation_opens: "Consultation opens",
  consultation_closes: "Consultation closes",
  town_hall: "Town hall",
  planned: "Planned",
};

export const titleOf = ({ kind, title }: Entry): string =>
  kind === "planned" ? title : `${KIND_WORDS[kind]}: ${title}`;

/** Everything between two moments, in order of time; what lasts days stands at its first. */
export async function calendarEntries(
  db: Db,
  { calendar, deployment }: Pick<Content, "calendar" | "deployment">,
  from: Date,
  until: Date,
): Promise<readonly Entry[]> {
  const { timezone } = deployment;
  const [first, end] = [dayOf(from.toISOString(), timezone), dayOf(until.toISOString(), timezone)];
  const known = (await listDated(db, from, until)).map(
    ({ kind, id, title, at, tentative, place }): Entry => ({
      uid: `${kind}-${id}`,
      kind,
      title,
      day: dayOf(at, timezone),
      at,
      tentative,
      ...(place === null ? {} : { place }),
      sdg: [],
    }),
  );
  const planned = calendar
    .filter((item) => item.on < end && (item.until ?? item.on) >= first)
    .map(
      ({ on, ...item }): Entry => ({
        ...item,
        uid: `planned-${on}-${encodeURIComponent(item.title)}`,
        kind: "planned",
        day: on,
        tentative: false,
      }),
    );
  return [...known, ...planned].sort(
    (a, b) => compare(a.day, b.day) || compare(a.at ?? "", b.at ?? "") || compare(a.uid, b.uid),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
