import { parse } from "csv-parse/sync";
import type { BudgetVote } from "./vote.ts";

/** A file that cannot be counted; with the line and the remedy. */
export class PbError extends Error {}

export interface PbMeta {
  readonly description: string;
  readonly country: string;
  readonly unit: string;
  readonly instance: string;
  /** `equalshares` or `greedy`. */
  readonly rule: string;
  /** `14.01.2027`-like dates are written as ISO days. */
  readonly from?: string;
  readonly to?: string;
}

const field = (value: string | number): string => {
  const text = String(value).replace(/[\r\n]+/g, " ");
  return /[;"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const line = (...fields: readonly (string | number)[]): string => `${fields.map(field).join(";")}\n`;

/**
 * The vote as a .pb file, which anybody can count again (Stolicki, Szufa & Talmon 2020, "Pabulib: A Participatory
 * Budgeting Library", arXiv:2012.06539). Voters are numbered: their names and numbers stand in no file.
 */
export function writePb(vote: BudgetVote, meta: PbMeta, selected: readonly string[] = []): string {
  const known = new Set(vote.projects.map(({ id }) => id));
  const ballots = vote.ballots.map(({ projects }) => [...new Set(projects)].filter((id) => known.has(id)));
  const votes = (id: string): number => ballots.filter((chosen) => chosen.includes(id)).length;
  return [
    "META\n",
    line("key", "value"),
    line("description", meta.description),
    line("country", meta.country),
    line("unit", meta.unit),
    line("instance", meta.instance),
    line("num_projects", vote.projects.length),
    line("num_votes", ballots.length),
    line("budget", vote.budget),
    line("vote_type", "approval"),
    line("rule", meta.rule),
    ...(meta.from ? [line("date_begin", meta.from)] : []),
    ...(meta.to ? [line("date_end", meta.to)] : []),
    "PROJECTS\n",
    line("project_id", "cost", "votes", "name", "selected"),
    ...vote.projects.map(({ id, cost, name }) =>
      line(id, cost, votes(id), name, Number(selected.includes(id))),
    ),
    "VOTES\n",
    line("voter_id", "vote"),
    ...ballots.map((chosen, i) => line(i + 1, chosen.join(","))),
  ].join("");
}

/** Reads a .pb file with approval ballots. Throws {@link PbError}. */
export function readPb(text: string): BudgetVote {
  let rows: string[][];
  try {
    rows = parse(text, { delimiter: ";", relax_column_count: true, skip_empty_lines: false, bom: true });
  } catch (error) {
    throw new PbError(error instanceof Error ? error.message : String(error));
  }
  const meta = new Map<string, string>();
  const projects: { id: string; name: string; cost: number }[] = [];
  const ballots: { voter: string; projects: string[] }[] = [];
  let section = "";
  let head: readonly string[] | undefined;
  for (const [i, row] of rows.entries()) {
    const [first = ""] = row;
    const at = `line ${i + 1}`;
    if (row.every((cell) => cell.trim() === "")) continue;
    if (["META", "PROJECTS", "VOTES"].includes(first.trim()) && row.length === 1) {
      section = first.trim();
      head = undefined;
      continue;
    }
    if (section === "") throw new PbError(`${at}: the file begins with META`);
    if (!head) {
      head = row.map((name) => name.trim());
      continue;
    }
    const value = (name: string): string | undefined => row[head?.indexOf(name) ?? -1]?.trim();
    if (section === "META") meta.set(first.trim(), row[1]?.trim() ?? "");
    if (section === "PROJECTS") {
      const id = value("project_id") ?? "";
      const cost = Number(value("cost"));
      if (id === "" || !Number.isInteger(cost) || cost <= 0)
        throw new PbError(`${at}: a project needs a project_id and a whole cost above 0`);
      if (projects.some((project) => project.id === id))
        throw new PbError(`${at}: project ${id} is there twice`);
      projects.push({ id, name: value("name") ?? id, cost });
    }
    if (section === "VOTES") {
      const chosen = (value("vote") ?? "").split(",").flatMap((id) => (id.trim() === "" ? [] : [id.trim()]));
      const unknown = chosen.find((id) => !projects.some((project) => project.id === id));
      if (unknown) throw new PbError(`${at}: a vote for ${unknown}, which is no project of this file`);
      ballots.push({ voter: value("voter_id") ?? String(i), projects: chosen });
    }
  }
  const budget = Number(meta.get("budget")?.replace(",", "."));
  if (!(budget > 0)) throw new PbError("META has no budget above 0");
  const type = meta.get("vote_type");
  if (type !== undefined && type !== "approval")
    throw new PbError(`vote_type is ${type}; only approval votes are counted`);
  return { budget, projects, ballots };
}
