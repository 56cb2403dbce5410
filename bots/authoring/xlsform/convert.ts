import type { AnswerSpec, Ask, Choice, FlowDefinition, Step, Text } from "#flows";
import type { Finding, Report } from "./finding.ts";
import { type Form, type Item, readForm, textUnder } from "./form.ts";
import { Names } from "./names.ts";
import { asSelf, type Meaning, type Scope, toCel } from "./to-cel.ts";
import type { SheetRow, Workbook } from "./workbook.ts";
import { XPathFault } from "./xpath.ts";

/** Times that a repeat may be gone through where the form gives no count. */
const MOST_REPEATS = 5;
const MOST_COUNTED = 20;
/** Characters of a hint that stands below its question. */
const HINT = 120;

export interface Surroundings {
  readonly languages: readonly { readonly code: string; readonly name: string }[];
  readonly defaultLanguage: string;
  /** The flow's id where the form has none. */
  readonly id: string;
  readonly keywords: readonly string[];
}

export interface Converted {
  readonly flow: FlowDefinition;
  /** The survey's row by step. */
  readonly rows: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** Types that a chat cannot ask for, or must not, with the remedy. */
const REFUSED: Readonly<Record<string, string>> = {
  barcode: "ask for the number that stands below it",
  audio: "ask for words, or for a photo",
  "background-audio": "remove it: nobody is recorded",
  video: "ask for a photo",
  file: "ask for a photo",
  geotrace: "ask for a place (geopoint)",
  geoshape: "ask for a place (geopoint)",
  datetime: "ask for the date, then for the time",
  osm: "ask for a place (geopoint)",
  audit: "remove it",
  "csv-external": "write the choices into the choices sheet",
  "xml-external": "write the choices into the choices sheet",
  select_one_from_file: "write the choices into the choices sheet",
  select_multiple_from_file: "write the choices into the choices sheet",
  select_one_external: "write the choices into the choices sheet",
};
/** What is kept of every response anyway, or never. */
const METADATA: Readonly<Record<string, string>> = {
  start: "the time of every response is kept anyway",
  end: "the time of every response is kept anyway",
  today: "the time of every response is kept anyway; expressions have today()",
  username: "nobody fills in for others here",
  deviceid: "devices are not collected",
  subscriberid: "devices are not collected",
  simserial: "devices are not collected",
  phonenumber: "the number is the contact's, not an answer",
  email: "not collected",
};
const IGNORED = [
  "appearance",
  "readonly",
  "read_only",
  "trigger",
  "body::accuracythreshold",
  "guidance_hint",
  "required_message",
  "image",
  "audio",
  "video",
];
const REFUSED_SETTINGS = ["public_key", "submission_url"];

/** Turns a form into a flow. Nothing is dropped in silence: what cannot work, or works differently, is a finding. */
export function convert(workbook: Workbook, around: Surroundings): Converted {
  const findings: Finding[] = [];
  const report =
    (sheet: string): Report =>
    (severity, row, what, remedy) => {
      const finding: Finding = { severity, sheet, row, what, remedy };
      const same = (other: Finding): boolean =>
        other.sheet === sheet && other.row === row && other.what === what;
      if (!findings.some(same)) findings.push(finding);
    };
  const form = readForm(workbook, around.languages, around.defaultLanguage, report);
  for (const name of REFUSED_SETTINGS)
    if (form.settings.has(name))
      report("settings")("error", 2, `${name}: forms are not encrypted or sent elsewhere here`, "remove it");
  for (const [sheet, rows] of workbook)
    if (sheet === "entities" || sheet === "external_choices")
      report(sheet)(
        "error",
        rows[0]?.row ?? 1,
        "this sheet cannot be used",
        "write its choices into the choices sheet",
      );
  const builder = new Builder(form, report("survey"), report("choices"));
  const end = "the_end";
  const start = builder.build(form.items, end);
  const codes = [...new Set(form.languages.values())];
  const [first = around.defaultLanguage, ...others] = codes;
  const title = form.settings.get("form_title") ?? around.id;
  builder.steps.set(end, { kind: "end" });
  const flow: FlowDefinition = {
    id: idOf(form.settings.get("form_id")) || around.id,
    title: { [first]: title, ...Object.fromEntries(others.map((code) => [code, title])) },
    keywords: [...around.keywords, ...[form.settings.get("sms_keyword") ?? []].flat()].map((word) =>
      word.toUpperCase(),
    ),
    languages: [first, ...others],
    ...(others.length > 0 ? { fallbacks: Object.fromEntries(others.map((code) => [code, [first]])) } : {}),
    start,
    steps: Object.fromEntries([...builder.steps].reverse()),
  };
  return { flow: { ...flow, steps: inOrder(flow) }, rows: builder.rows, findings };
}

const idOf = (written = ""): string =>
  written
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");

/** Steps were made from the last to the first; the end stands last. */
function inOrder({ steps }: FlowDefinition): FlowDefinition["steps"] {
  const { the_end: end, ...others } = steps;
  return end ? { ...others, the_end: end } : others;
}

const ANOTHER: Readonly<Record<string, string>> = {
  en: "Is there another one to add?",
  zu: "Ingabe ikhona enye yokungeza?",
  xh: "Ingaba ikhona enye yokongeza?",
  af: "Is daar nog een om by te voeg?",
};

/** A row with its name in the flow; a group has one round of rows inside, a repeat several with names of their own. */
interface Planned {
  readonly item: Item;
  readonly name: string;
  readonly rounds: readonly { readonly scope?: Map<string, Meaning>; readonly planned: readonly Planned[] }[];
}

class Builder {
  readonly steps = new Map<string, Step>();
  readonly rows = new Map<string, number>();
  private readonly names = new Names();
  private readonly form: Form;
  private readonly report: Report;
  private readonly reportChoice: Report;
  /** By the form's name; inside a repeat its own come first. */
  private scopes: Map<string, Meaning>[] = [new Map()];
  private readonly ids = new Map<string, ReadonlyMap<string, string>>();
  private readonly seen = new Map<string, number>();

  constructor(form: Form, report: Report, reportChoice: Report) {
    this.form = form;
    this.report = report;
    this.reportChoice = reportChoice;
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
        this.scopes.push(scope);
        const planned = this.plan(item.inside);
        this.scopes.pop();
        return { scope, planned };
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
    const meaning = this.meaningOf(type, of, name);
    if (meaning && written !== "") this.scopes.at(-1)?.set(written, meaning);
    return name;
  }

  private meaningOf(type: string, of: string, name: string): Meaning | undefined {
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

  private readonly scope = (self?: Meaning): Scope => ({
    name: (name) =>
      this.scopes
        .toReversed()
        .find((scope) => scope.has(name))
        ?.get(name),
    ...(self ? { self } : {}),
  });

  /** An expression of this row; undefined when it cannot be used, which is reported. */
  private cel(row: SheetRow, header: string, self?: Meaning): string | undefined {
    const source = row.cells.get(header);
    if (source === undefined) return undefined;
    try {
      return toCel(source, this.scope(self));
    } catch (error) {
      if (!(error instanceof XPathFault)) throw error;
      this.report("error", row.row, `${header}: ${error.message}`, `in: ${source}`);
      return undefined;
    }
  }

  private make(planned: Planned, next: string): string {
    const { item, name } = planned;
    const { row } = item;
    for (const header of row.cells.keys())
      if (IGNORED.includes(header.split("::")[0] ?? "") || header.startsWith("media"))
        this.report("note", row.row, `${header} has no meaning in a chat`, "it is left out");
    const first = this.makeInside(planned, next);
    if (first === next) return next;
    const relevant = this.cel(row, "relevant");
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
        const text = this.words("label", row);
        return Object.keys(text).length > 0 ? this.put(row, name, { kind: "say", text, next }) : next;
      }
      case "calculate":
      case "hidden": {
        const value = this.cel(row, "calculation") ?? JSON.stringify(row.cells.get("default") ?? "");
        return this.put(row, name, { kind: "set", values: { [name]: value }, next });
      }
      default:
        return this.ask(item, name, next);
    }
  }

  private ask(item: Item, name: string, next: string): string {
    const { row, type, of } = item;
    const answer = this.answerOf(item);
    if (!answer) return next;
    const meaning = this.meaningOf(type, of, name);
    const check = this.cel(row, "constraint", meaning && asSelf(meaning));
    const message = this.words("constraint_message", row);
    const required = /^(yes|true|true\(\)|1)$/i.test(row.cells.get("required") ?? "");
    if (
      row.cells.has("required") &&
      !required &&
      !/^(no|false|false\(\)|0)$/i.test(row.cells.get("required") ?? "")
    )
      this.report("note", row.row, "required by an expression", "the question can be skipped by everybody");
    const preset = this.defaultOf(item, answer);
    const text = this.withHint(row);
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
    const texts = this.inEach(OTHER);
    this.put(row, other, { kind: "ask", text: texts, answer: { type: "text" }, next });
    return this.put(row, gate, {
      kind: "branch",
      cases: [{ when: `has(answers.${name}) && ${when}`, next: other }],
      otherwise: next,
    });
  }

  private answerOf({ row, type, of }: Item): AnswerSpec | undefined {
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
      case "acknowledge":
      case "trigger":
        return { type: "choice", choices: [{ id: "ok", label: this.everywhere("OK") }] };
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
      return [{ id, label: this.labelOf(choice), ...(when === undefined ? {} : { when }) }];
    });
    if (!more.includes("or_other") || rows.some((choice) => choice.cells.get("name") === "other"))
      return choices;
    return [
      ...choices,
      {
        id: ids.get("other") ?? "other",
        label: this.inEach(OTHER_LABEL),
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
    try {
      return toCel(filled, this.scope());
    } catch (error) {
      if (!(error instanceof XPathFault)) throw error;
      this.report("error", row.row, `choice_filter: ${error.message}`, `in: ${filter}`);
      return undefined;
    }
  }

  private labelOf(choice: SheetRow): Text {
    const label = textUnder("label", choice, this.form);
    if (Object.keys(label).length > 0) return mapTexts(label, escaped);
    return this.everywhere(choice.cells.get("name") ?? "");
  }

  private defaultOf({ row, type, of }: Item, answer: AnswerSpec): Ask["default"] {
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
      if (scope) this.scopes.push(scope);
      const first = this.makeAll(planned, after);
      if (scope) this.scopes.pop();
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
    const text = this.inEach(ANOTHER);
    return this.put(row, more, { kind: "ask", text, answer: { type: "yes_no" }, next: gate });
  }

  private words(header: string, row: SheetRow): Text {
    return mapTexts(textUnder(header, row, this.form), (text) =>
      escaped(text).replace(/\$'\{'\s*([^}\s']+)\s*'\}'/g, (whole, name: string) => {
        const meaning = this.scope().name(name);
        if (meaning) return `{${meaning.cel.replace(/^(answers|vars)\./, "")}}`;
        this.report("error", row.row, `${header}: there is no question \${${name}}`, "correct the name");
        return whole;
      }),
    );
  }

  private withHint(row: SheetRow): Text {
    const label = this.words("label", row);
    const hint = this.words("hint", row);
    if (Object.keys(label).length === 0) {
      if (Object.keys(hint).length > 0) return hint;
      this.report("error", row.row, "the question has no label", "fill in label");
    }
    const long = Object.values(hint).some((text) => text.length > HINT);
    if (long)
      this.report("note", row.row, `a hint of more than ${HINT} characters is left out`, "shorten it");
    return long ? label : mapTexts(label, (text, code) => (hint[code] ? `${text}\n${hint[code]}` : text));
  }

  /** Our own words, in English where there are none in a language. */
  private readonly inEach = (words: Readonly<Record<string, string>>): Text =>
    Object.fromEntries(
      [...new Set(this.form.languages.values())].map((code) => [code, words[code] ?? words.en ?? ""]),
    );

  private readonly everywhere = (words: string): Text =>
    Object.fromEntries([...new Set(this.form.languages.values())].map((code) => [code, escaped(words)]));
}

const OTHER: Readonly<Record<string, string>> = {
  en: "Please say which other.",
  zu: "Sicela usho ukuthi iyiphi enye.",
  xh: "Nceda utsho ukuba yeyiphi enye.",
  af: "Sê asseblief watter ander.",
};
const OTHER_LABEL: Readonly<Record<string, string>> = {
  en: "Other",
  zu: "Okunye",
  xh: "Okunye",
  af: "Ander",
};

const mapTexts = (text: Text, change: (words: string, code: string) => string): Text =>
  Object.fromEntries(Object.entries(text).map(([code, words]) => [code, change(words, code)]));

/** Braces mean something in our texts, tags mean nothing in a chat. */
const escaped = (text: string): string =>
  text
    .replace(/<[a-z/][^>]*>/gi, "")
    .replace(/[{}]/g, (brace) => `'${brace}'`)
    .trim();
