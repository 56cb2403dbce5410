import type { Text } from "#flows";
import type { Expressions } from "./expressions.ts";
import type { Report } from "./finding.ts";
import { type Form, textUnder } from "./form.ts";
import type { SheetRow } from "./workbook.ts";

/** Characters of a hint that stands below its question. */
const HINT = 120;

/** The texts of a form, as a flow has them. */
export class Words {
  private readonly form: Form;
  private readonly report: Report;
  private readonly expressions: Expressions;

  constructor(form: Form, report: Report, expressions: Expressions) {
    this.form = form;
    this.report = report;
    this.expressions = expressions;
  }

  /** What stands under a header, with `${name}` as `{name}`. */
  under(header: string, row: SheetRow): Text {
    return mapTexts(textUnder(header, row, this.form), (text) =>
      escaped(text).replace(/\$'\{'\s*([^}\s']+)\s*'\}'/g, (whole, name: string) => {
        const meaning = this.expressions.meaning(name);
        if (meaning) return `{${meaning.cel.replace(/^(answers|vars)\./, "")}}`;
        this.report("error", row.row, `${header}: there is no question \${${name}}`, "correct the name");
        return whole;
      }),
    );
  }

  /** The question, and its hint where that is short. */
  ofQuestion(row: SheetRow): Text {
    const label = this.under("label", row);
    const hint = this.under("hint", row);
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
  readonly inEach = (words: Readonly<Record<string, string>>): Text =>
    Object.fromEntries(
      [...new Set(this.form.languages.values())].map((code) => [code, words[code] ?? words.en ?? ""]),
    );

  /** The same in every language. */
  readonly everywhere = (words: string): Text =>
    Object.fromEntries([...new Set(this.form.languages.values())].map((code) => [code, escaped(words)]));

  ofChoice(choice: SheetRow): Text {
    const label = textUnder("label", choice, this.form);
    if (Object.keys(label).length > 0) return mapTexts(label, escaped);
    return this.everywhere(choice.cells.get("name") ?? "");
  }
}

const mapTexts = (text: Text, change: (words: string, code: string) => string): Text =>
  Object.fromEntries(Object.entries(text).map(([code, words]) => [code, change(words, code)]));

/** Braces mean something in our texts, tags mean nothing in a chat. */
const escaped = (text: string): string =>
  text
    .replace(/<[a-z/][^>]*>/gi, "")
    .replace(/[{}]/g, (brace) => `'${brace}'`)
    .trim();
