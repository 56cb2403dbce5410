import type { Ask, Step } from "#flows";
import { Answers } from "./answers.ts";
import { Expressions } from "./expressions.ts";
import type { Report } from "./finding.ts";
import type { Form, Item } from "./form.ts";
import { Names } from "./names.ts";
import { ANOTHER, IGNORED, METADATA, OTHER, REFUSED } from "./terms.ts";
import { asSelf, type Meaning } from "./to-cel.ts";
import { Words } from "./words.ts";
import type { SheetRow } from "./workbook.ts";

/** Times that a repeat may be gone through where the form gives no count. */
const MOST_REPEATS = 5;
const MOST_COUNTED = 20;

/** A row with its name in the flow; a group has one round of rows inside, a repeat several with names of their own. */
interface Planned {
  readonly item: Item;
  readonly name: string;
  readonly rounds: readonly { readonly scope?: Map<string, Meaning>; readonly planned: readonly Planned[] }[];
}

/** Makes the steps of a form. */
export class Builder {
  readonly steps = new Map<string, Step>();
  readonly rows = new Map<string, number>();
  private readonly names = new Names();
  private readonly seen = new Map<string, number>();
  private readonly report: Report;
  private readonly expressions: Expressions;
  private readonly words: Words;
  private readonly answers: Answers;

  constructor(form: Form, report: Report, reportChoice: Report) {
    this.report = report;
    this.expressions = new Expressions(report);
    this.words = new Words(form, report, this.expressions);
    this.answers = new Answers(form, report, reportChoice, this.words, this.expressions);
  }

  /** Makes the steps of these rows, of which the last leads to `next`. Returns the first one's name. */
  build(items: readonly Item[], next: string): string {
    return this.makeAll(this.plan(items), next);
  }

  /** Every name comes before the first step, so that an expression may look at what stands above or below it. */
  private plan(items: readonly Item[]): readonly Planned[] {
    return items.map((item): Planned => {
      const name = this.nameOf(item);
      if (item.type === "group") return { item, name, rounds: [{ planned: this.plan(item.inside) }] };
      if (item.type !== "repeat") return { item, name, rounds: [] };
      const rounds = Array.from({ length: this.timesOf(item.row) }, () => {
        const scope = new Map<string, Meaning>();
        return { scope, planned: this.expressions.inside(scope, () => this.plan(item.inside)) };
      });
      return { item, name, rounds };
    });
  }

  private makeAll(planned: readonly Planned[], next: string): string {
    return planned.reduceRight((after, one) => this.make(one, after), next);
  }

  private nameOf({ row, type, of }: Item): string {
    const written = row.cells.get("name") ?? "";
    if (written === "" && !["group", "note", "repeat"].includes(type) && !(type in METADATA))
      this.report("error", row.row, "the row has no name", "fill in name");
    const earlier = this.seen.get(written);
    const questions = !["group", "repeat", "note"].includes(type);
    if (questions && written !== "" && earlier !== undefined && earlier !== row.row)
      this.report(
        "error",
        row.row,
        `"${written}" is also the name of row ${earlier}`,
        "give each question its own name",
      );
    if (written !== "" && questions) this.seen.set(written, row.row);
    const name = this.names.take(written, type === "note" ? "note" : "q");
    if (written !== "" && name !== written && questions && earlier === undefined)
      this.report(
        "note",
        row.row,
        `"${written}" is called ${name} in the flow`,
        "results and exports use that name",
      );
    const meaning = this.answers.meaningOf(type, of, name);
    if (meaning && written !== "") this.expressions.define(written, meaning);
    return name;
  }

  private make(planned: Planned, next: string): string {
    const { item, name } = planned;
    const { row } = item;
    for (const header of row.cells.keys())
      if (IGNORED.includes(header.split("::")[0] ?? "") || header.startsWith("media"))
        this.report("note", row.row, `${header} has no meaning in a chat`, "it is left out");
    const first = this.makeInside(planned, next);
    if (first === next) return next;
    const relevant = this.expressions.under("relevant", row);
    if (relevant === undefined) return first;
    const gate = this.names.take(`if_${name}`, "q");
    this.put(row, gate, { kind: "branch", cases: [{ when: relevant, next: first }], otherwise: next });
    return gate;
  }

  private put(row: SheetRow, name: string, step: Step): string {
    // What comes first is made last.
    this.steps.delete(name);
    this.steps.set(name, step);
    this.rows.set(name, row.row);
    return name;
  }

  private makeInside(planned: Planned, next: string): string {
    const { item, name, rounds } = planned;
    const { row, type } = item;
    if (type in METADATA) {
      this.report("note", row.row, `${type} is not asked`, METADATA[type] ?? "");
      return next;
    }
    if (type in REFUSED) {
      this.report("error", row.row, `${type} cannot be asked in a chat`, REFUSED[type] ?? "");
      return next;
    }
    switch (type) {
      case "group":
        return this.makeAll(rounds[0]?.planned ?? [], next);
      case "repeat":
        return this.repeat(planned, next);
      case "note": {
        const text = this.words.under("label", row);
        return Object.keys(text).length > 0 ? this.put(row, name, { kind: "say", text, next }) : next;
      }
      case "calculate":
      case "hidden": {
        const value =
          this.expressions.under("calculation", row) ?? JSON.stringify(row.cells.get("default") ?? "");
        return this.put(row, name, { kind: "set", values: { [name]: value }, next });
      }
      default:
        return this.ask(item, name, next);
    }
  }

  private ask(item: Item, name: string, next: string): string {
    const { row, type, of } = item;
    const answer = this.answers.specOf(item);
    if (!answer) return next;
    const meaning = this.answers.meaningOf(type, of, name);
    const check = this.expressions.under("constraint", row, meaning && asSelf(meaning));
    const message = this.words.under("constraint_message", row);
    const required = /^(yes|true|true\(\)|1)$/i.test(row.cells.get("required") ?? "");
    if (
      row.cells.has("required") &&
      !required &&
      !/^(no|false|false\(\)|0)$/i.test(row.cells.get("required") ?? "")
    )
      this.report("note", row.row, "required by an expression", "the question can be skipped by everybody");
    const preset = this.answers.defaultOf(item, answer);
    const text = this.words.ofQuestion(row);
    const other = /\bor_other\b/.test(of) && answer.type !== "text";
    const step: Ask = {
      kind: "ask",
      text,
      answer,
      next: other ? this.askOther(row, name, meaning, next) : next,
      ...(required && preset === undefined ? {} : { optional: true }),
      ...(preset === undefined ? {} : { default: preset }),
      ...(check === undefined ? {} : { check, retry: Object.keys(message).length > 0 ? message : text }),
    };
    return this.put(row, name, step);
  }

  private askOther(row: SheetRow, name: string, meaning: Meaning | undefined, next: string): string {
    const other = this.names.take(`${name}_other`, "q");
    const gate = this.names.take(`if_${name}_other`, "q");
    const id = JSON.stringify(meaning?.choices?.get("other") ?? "other");
    const when = meaning?.type === "many" ? `${id} in answers.${name}` : `answers.${name} == ${id}`;
    const texts = this.words.inEach(OTHER);
    this.put(row, other, { kind: "ask", text: texts, answer: { type: "text" }, next });
    return this.put(row, gate, {
      kind: "branch",
      cases: [{ when: `has(answers.${name}) && ${when}`, next: other }],
      otherwise: next,
    });
  }

  private timesOf(row: SheetRow): number {
    const written = row.cells.get("repeat_count");
    if (written === undefined) {
      const what = `people are asked for another one up to ${MOST_REPEATS} times`;
      this.report("note", row.row, what, "set repeat_count for a fixed number");
      return MOST_REPEATS;
    }
    const count = Number(written);
    if (Number.isInteger(count) && count >= 1 && count <= MOST_COUNTED) return count;
    this.report(
      "error",
      row.row,
      `repeat_count: "${written}" is no number from 1 to ${MOST_COUNTED}`,
      "write a number, or remove it: then people are asked for another one",
    );
    return 0;
  }

  private repeat({ item: { row }, name, rounds }: Planned, next: string): string {
    const counted = row.cells.has("repeat_count");
    let after = next;
    for (const [n, { scope, planned }] of [...rounds.entries()].reverse()) {
      const last = after;
      const first = this.expressions.inside(scope, () => this.makeAll(planned, last));
      after = counted || n === 0 ? first : this.askForMore(row, name, first, next);
    }
    return after;
  }

  private askForMore(row: SheetRow, name: string, first: string, next: string): string {
    const more = this.names.take(`${name}_more`, "q");
    const gate = this.names.take(`if_${more}`, "q");
    this.put(row, gate, {
      kind: "branch",
      cases: [{ when: `has(answers.${more}) && answers.${more}`, next: first }],
      otherwise: next,
    });
    const text = this.words.inEach(ANOTHER);
    return this.put(row, more, { kind: "ask", text, answer: { type: "yes_no" }, next: gate });
  }
}
