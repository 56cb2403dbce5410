import { CsvError, parse } from "csv-parse/sync";
import { ballotChecker, budgetFaults, fault, projectFaults } from "./check.ts";
import { COUNTED_KEYS, META_KEYS, type PbMeta, SECTIONS, type Section } from "./pb.ts";
import {
  type Ballot,
  type BudgetVote,
  type Fault,
  MAX_BALLOTS,
  MAX_FAULTS,
  MAX_PROJECTS,
  type Project,
} from "./vote.ts";

/** What a .pb file tells. A file of somebody else's has no seed: give one before it is counted. */
export interface PbFile {
  readonly meta: PbMeta;
  readonly vote: Omit<BudgetVote, "seed" | "tallies"> & { readonly seed?: string };
  /** Those that the file says won; undefined when it does not say. */
  readonly selected?: readonly string[];
}

export type ReadPb =
  | { readonly ok: true; readonly file: PbFile }
  | { readonly ok: false; readonly faults: readonly Fault[] };

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A row by the names in the head of its section. */
interface Entry {
  readonly line: number;
  readonly of: (name: string) => string | undefined;
}

type Note = (line: number, what: string, remedy: string) => void;

/** Reads a .pb file with approval ballots; all faults at once, with their lines. */
export function readPb(text: string): ReadPb {
  const faults: Fault[] = [];
  const note: Note = (line, what, remedy) => faults.push({ ...fault("bad_file", what, remedy), line });
  const no = (): ReadPb => ({ ok: false, faults: faults.slice(0, MAX_FAULTS) });
  const rows = rowsOf(text, note);
  const sections = rows && sectionsOf(rows, note);
  if (!sections || faults.length > 0) return no();

  const meta = new Map(sections.META.entries.map((entry) => [entry.of("key") ?? "", entry]));
  const value = (key: string): string | undefined => meta.get(key)?.of("value");
  const at = (key: string): number => meta.get(key)?.line ?? sections.META.line;
  const type = value("vote_type");
  if (type !== "approval")
    note(at("vote_type"), `vote_type is ${type ?? "missing"}.`, "Only approval ballots can be counted here.");
  const budget = wholeOf(value("budget"));
  for (const found of budgetFaults(budget)) faults.push({ ...found, line: at("budget") });
  const kind = wholeOf(value("max_sum_cost")) === budget ? "knapsack" : "approval";

  const projects: Project[] = [];
  const ids = new Set<string>();
  for (const entry of sections.PROJECTS.entries.slice(0, MAX_PROJECTS + 1)) {
    const project = projectOf(entry);
    for (const found of projectFaults(project, ids)) faults.push({ ...found, line: entry.line });
    ids.add(project.id);
    projects.push(project);
  }
  const ballots: Ballot[] = [];
  const votes = new Map<string, number>();
  const check = ballotChecker({ budget, kind, projects });
  for (const entry of sections.VOTES.entries.slice(0, MAX_BALLOTS + 1)) {
    const ballot = ballotOf(entry);
    for (const found of check(ballot)) faults.push({ ...found, line: entry.line });
    for (const id of ballot.approves) votes.set(id, (votes.get(id) ?? 0) + 1);
    ballots.push(ballot);
    if (faults.length >= MAX_FAULTS) return no();
  }

  const { PROJECTS, VOTES } = sections;
  const tooMany = (section: Listed, most: number): unknown =>
    section.entries.length > most &&
    note(section.line, `${section.entries.length} rows.`, `Use ${most} at most.`);
  tooMany(PROJECTS, MAX_PROJECTS);
  tooMany(VOTES, MAX_BALLOTS);
  // A file that was cut off, or changed in one place only, is not the vote that was cast.
  const same = (line: number, what: string, told: string | undefined, found: number): unknown =>
    told !== undefined &&
    told !== "" &&
    wholeOf(told) !== found &&
    note(
      line,
      `${what} is ${told}, but the file has ${found}.`,
      "Get the whole file again, or correct the number.",
    );
  same(at("num_projects"), "num_projects", value("num_projects"), PROJECTS.entries.length);
  same(at("num_votes"), "num_votes", value("num_votes"), VOTES.entries.length);
  for (const entry of PROJECTS.entries) {
    const id = entry.of("project_id") ?? "";
    same(entry.line, `votes of ${id}`, entry.of("votes"), votes.get(id) ?? 0);
  }
  if (faults.length > 0) return no();

  const seed = value("tie_break_seed") ?? "";
  const won = PROJECTS.entries.filter((entry) => entry.of("selected") === "1");
  const told = PROJECTS.entries.some((entry) => entry.of("selected") !== undefined);
  return {
    ok: true,
    file: {
      meta: metaOf(sections.META.entries),
      vote: { budget, kind, projects, ballots, ...(seed === "" ? {} : { seed }) },
      ...(told ? { selected: won.map((entry) => entry.of("project_id") ?? "") } : {}),
    },
  };
}

/** The file cut into cells; blanks around what is not quoted are taken away. */
function rowsOf(text: string, note: Note): readonly Row[] | undefined {
  const rows: Row[] = [];
  let line = 1;
  try {
    parse(text, {
      bom: true,
      delimiter: ";",
      record_delimiter: ["\r\n", "\n"],
      relax_column_count: true,
      // Names with quotation marks in the middle are common, and harmless.
      relax_quotes: true,
      cast: (cell, { quoting }) => (quoting ? cell : cell.trim()),
      on_record: (cells: string[], { lines }) => {
        if (cells.some((cell) => cell !== "")) rows.push({ line, cells });
        // A quoted cell may hold line breaks: a row begins where the one before it ended.
        line = lines + 1;
        return null;
      },
    });
    return rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    note(
      line,
      `The file cannot be read: ${error.message}.`,
      'Close every quotation mark ("), and write one inside a quoted name twice.',
    );
    return undefined;
  }
}

interface Listed {
  readonly line: number;
  readonly entries: readonly Entry[];
}

/** What a section cannot do without. */
const NEEDED: Readonly<Record<Section, readonly string[]>> = {
  META: ["key", "value"],
  PROJECTS: ["project_id", "cost"],
  VOTES: ["voter_id", "vote"],
};

function sectionsOf(rows: readonly Row[], note: Note): Record<Section, Listed> | undefined {
  const found = new Map<Section, { line: number; entries: Entry[] }>();
  let here: { line: number; entries: Entry[] } | undefined;
  let head: readonly string[] | undefined;
  for (const { line, cells } of rows) {
    const section = SECTIONS.find((name) => cells.length === 1 && cells[0]?.toUpperCase() === name);
    if (section) {
      if (found.has(section)) note(line, `There are two sections ${section}.`, "Put them into one.");
      here = { line, entries: [] };
      found.set(section, here);
      head = undefined;
    } else if (!here) {
      note(line, "The file does not begin with META.", "Is it a .pb file? See pabulib.org/format.");
      return undefined;
    } else if (!head) {
      head = cells.map((name) => name.toLowerCase());
      const [name] = [...found.keys()].slice(-1);
      for (const needed of name ? NEEDED[name] : [])
        if (!head.includes(needed))
          note(line, `${name} has no column ${needed}.`, `Name its columns in the row after ${name}.`);
    } else {
      const names = head;
      here.entries.push({ line, of: (name) => cells[names.indexOf(name)] });
    }
  }
  const [META, PROJECTS, VOTES] = SECTIONS.map((name) => found.get(name));
  for (const name of SECTIONS)
    if (!found.has(name))
      note(rows.at(-1)?.line ?? 1, `There is no section ${name}.`, "Get the whole file again.");
  return META && PROJECTS && VOTES && { META, PROJECTS, VOTES };
}

/** "5000" or "5000.00"; anything else is no whole amount. */
const wholeOf = (text: string | undefined): number =>
  text !== undefined && /^\d+([.,]0+)?$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;

function projectOf({ of }: Entry): Project {
  const id = of("project_id") ?? "";
  const ward = of("ward") ?? "";
  return { id, name: of("name") ?? id, cost: wholeOf(of("cost")), ...(ward === "" ? {} : { ward }) };
}

function ballotOf({ of }: Entry): Ballot {
  const voter = of("voter_id") ?? "";
  const approves = (of("vote") ?? "").split(",").flatMap((id) => (id.trim() === "" ? [] : [id.trim()]));
  const station = of("station") ?? "";
  // Pabulib's own files know the method, but no station.
  if (of("voting_method")?.toLowerCase() === "paper")
    return { voter, approves, source: "paper", station: station === "" ? "?" : station };
  return { voter, approves };
}

function metaOf(entries: readonly Entry[]): PbMeta {
  const texts = new Map(entries.map(({ of }) => [of("key") ?? "", of("value") ?? ""]));
  const text = (key: keyof typeof META_KEYS): string => texts.get(key) ?? "";
  const known: readonly string[] = [...Object.keys(META_KEYS), ...COUNTED_KEYS];
  const more = [...texts].filter(([key]) => !known.includes(key));
  return {
    description: text("description"),
    country: text("country"),
    unit: text("unit"),
    instance: text("instance"),
    rule: text("rule"),
    dateBegin: text("date_begin"),
    dateEnd: text("date_end"),
    ...(more.length > 0 ? { more: Object.fromEntries(more) } : {}),
  };
}
