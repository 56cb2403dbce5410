import type { AnswerSpec, Ask, Choice } from "#flows";
import type { Expressions } from "./expressions.ts";
import type { Report } from "./finding.ts";
import type { Form, Item } from "./form.ts";
import { Names } from "./names.ts";
import { OTHER_LABEL, REFUSED } from "./terms.ts";
import type { Meaning } from "./to-cel.ts";
import type { Words } from "./words.ts";
import type { SheetRow } from "./workbook.ts";

/** What each type of question asks for. */
export class Answers {
  private readonly form: Form;
  private readonly report: Report;
  private readonly reportChoice: Report;
  private readonly words: Words;
  private readonly expressions: Expressions;
  private readonly ids = new Map<string, ReadonlyMap<string, string>>();

  constructor(form: Form, report: Report, reportChoice: Report, words: Words, expressions: Expressions) {
    this.form = form;
    this.report = report;
    this.reportChoice = reportChoice;
    this.words = words;
    this.expressions = expressions;
  }

  /** What the name of such a row means in an expression. */
  meaningOf(type: string, of: string, name: string): Meaning | undefined {
    const answer = `answers.${name}`;
    switch (type) {
      case "integer":
      case "decimal":
      case "range":
        return { cel: answer, type: "number" };
      case "select_one":
      case "acknowledge":
      case "trigger":
        return { cel: answer, type: "one", choices: this.choiceIds(of) };
      case "select_multiple":
      case "rank":
        return { cel: answer, type: "many", choices: this.choiceIds(of) };
      case "calculate":
      case "hidden":
        return { cel: `vars.${name}`, type: "any" };
      case "group":
      case "repeat":
      case "note":
        return undefined;
      default:
        return type in REFUSED ? undefined : { cel: answer, type: "text" };
    }
  }

  /** The flow's ids of a list's choices, by the form's. */
  private choiceIds(of: string): ReadonlyMap<string, string> {
    const list = of.split(" ")[0] ?? "";
    const known = this.ids.get(list);
    if (known) return known;
    const names = new Names();
    const ids = new Map<string, string>();
    for (const row of this.form.lists.get(list) ?? []) {
      const written = row.cells.get("name");
      if (written === undefined)
        this.reportChoice("error", row.row, "the choice has no name", "fill in name");
      else if (ids.has(written))
        this.reportChoice(
          "error",
          row.row,
          `"${written}" is in the list ${list} twice`,
          "give each choice its own name",
        );
      else ids.set(written, names.take(written, "c"));
    }
    if (/\bor_other\b/.test(of) && !ids.has("other")) ids.set("other", names.take("other", "c"));
    this.ids.set(list, ids);
    return ids;
  }

  /** Undefined: it cannot be asked, which is reported. */
  specOf({ row, type, of }: Item): AnswerSpec | undefined {
    switch (type) {
      case "text":
        return { type: "text" };
      case "time":
        this.report("note", row.row, "a time is kept as people write it", "ask for it as 08:30");
        return { type: "text", maxLength: 20 };
      case "integer":
        return { type: "number", whole: true };
      case "decimal":
        return { type: "number" };
      case "date":
        return { type: "date" };
      case "geopoint":
        return { type: "location" };
      case "image":
        return { type: "photo" };
      case "audio":
        return { type: "audio" };
      case "acknowledge":
      case "trigger":
        return { type: "choice", choices: [{ id: "ok", label: this.words.everywhere("OK") }] };
      case "range":
        return this.rangeOf(row);
      case "select_one": {
        const choices = this.choicesOf(row, of);
        return choices && { type: "choice", choices };
      }
      case "select_multiple": {
        const choices = this.choicesOf(row, of);
        return choices && { type: "choices", choices };
      }
      case "rank": {
        const choices = this.choicesOf(row, of);
        return choices && { type: "choices", choices, ordered: true, min: choices.length };
      }
      default:
        this.report(
          "error",
          row.row,
          `unknown type "${type}"`,
          "see the types of XLSForm: text, integer, select_one …",
        );
        return undefined;
    }
  }

  private rangeOf(row: SheetRow): AnswerSpec {
    const given = new Map(
      [...(row.cells.get("parameters") ?? "").matchAll(/(\w+)\s*=\s*(-?[\d.]+)/g)].map(
        ([, key = "", value]) => [key, Number(value)],
      ),
    );
    const [from, to, step] = [given.get("start") ?? 1, given.get("end") ?? 10, given.get("step") ?? 1];
    if (step === 1 && Number.isInteger(from) && to - from <= 10 && to > from)
      return { type: "scale", from, to };
    if (step !== 1)
      this.report(
        "note",
        row.row,
        `steps of ${step} are not asked for`,
        "any number between the ends is taken",
      );
    return { type: "number", min: from, max: to, whole: Number.isInteger(step) };
  }

  private choicesOf(row: SheetRow, of: string): readonly Choice[] | undefined {
    const [list = "", ...more] = of.split(" ");
    const rows = this.form.lists.get(list);
    if (!rows) {
      this.report(
        "error",
        row.row,
        `there is no list "${list}" in the choices sheet`,
        "add it, or correct the type",
      );
      return undefined;
    }
    const ids = this.choiceIds(of);
    const filter = row.cells.get("choice_filter");
    const choices = rows.flatMap((choice): Choice[] => {
      const id = ids.get(choice.cells.get("name") ?? "");
      if (id === undefined) return [];
      const when = filter === undefined ? undefined : this.filterFor(row, filter, choice);
      return [{ id, label: this.words.ofChoice(choice), ...(when === undefined ? {} : { when }) }];
    });
    if (!more.includes("or_other") || rows.some((choice) => choice.cells.get("name") === "other"))
      return choices;
    return [
      ...choices,
      {
        id: ids.get("other") ?? "other",
        label: this.words.inEach(OTHER_LABEL),
      },
    ];
  }

  /** The filter for one choice: names of the choices sheet's columns stand for what this choice has there. */
  private filterFor(row: SheetRow, filter: string, choice: SheetRow): string | undefined {
    const columns = [
      ...new Set(
        (this.form.lists.get(choice.cells.get("list_name") ?? "") ?? []).flatMap(({ cells }) => [
          ...cells.keys(),
        ]),
      ),
    ];
    const filled = filter.replace(/'[^']*'|"[^"]*"|\$\{[^}]*\}|[A-Za-z_][\w-]*/g, (word) =>
      columns.includes(word.toLowerCase())
        ? `'${(choice.cells.get(word.toLowerCase()) ?? "").replaceAll("'", "")}'`
        : word,
    );
    return this.expressions.translate(filled, "choice_filter", row);
  }

  defaultOf({ row, type, of }: Item, answer: AnswerSpec): Ask["default"] {
    const written = row.cells.get("default");
    if (written === undefined) return undefined;
    if (/\$\{|\(/.test(written)) {
      this.report("error", row.row, `default: "${written}" is computed`, "write a value, or use calculate");
      return undefined;
    }
    if (/^(yes|true|true\(\))$/i.test(row.cells.get("required") ?? ""))
      this.report("note", row.row, "required, and with a default", "whoever skips it gives the default");
    if (answer.type === "number" || answer.type === "scale") {
      if (!Number.isNaN(Number(written))) return Number(written);
      this.report("error", row.row, `default: "${written}" is no number`, "write a number");
      return undefined;
    }
    if (answer.type === "choice") return this.choiceIds(of).get(written) ?? written;
    if (answer.type === "choices") return written.split(/\s+/).map((id) => this.choiceIds(of).get(id) ?? id);
    if (answer.type === "text" || answer.type === "date") return written;
    this.report("note", row.row, `default of a ${type} is left out`, "people answer it, or skip it");
    return undefined;
  }
}
