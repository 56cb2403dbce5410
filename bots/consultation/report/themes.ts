import type { FlowDefinition } from "#flows";
import { type Consultation, isSkipped, listThemeNames } from "#storage";
import { detectLanguage } from "../../languages.ts";
import { type Reader, responsesOf } from "../responses.ts";
import { type NamedTheme, withNames } from "../statistics/named-themes.ts";
import { redact } from "../statistics/redact.ts";
import { type OpenAnswer, type Theme, themesOf } from "../statistics/themes.ts";

/** Open answers by question; of those who may not be quoted only the number. */
export type QuestionThemes = Readonly<
  Record<string, { readonly answered: number; readonly quoted: readonly NamedTheme[] }>
>;

export interface ThemesOptions {
  /** Quoted only where their authors allowed it, without numbers and addresses. */
  readonly published: boolean;
  /** Fewer answers than these are not quoted. */
  readonly small: number;
  /** Languages that answers may be in. */
  readonly languages: readonly string[];
}

/** Open answers of one question that are kept in memory to be grouped. */
const MOST_ANSWERS = 20_000;

/** The open answers to these questions, laid beside those that they resemble, under the names that staff gave them. */
export async function themesIn(
  reader: Reader,
  consultation: Consultation,
  flow: FlowDefinition,
  questions: ReadonlySet<string>,
  options: ThemesOptions,
): Promise<QuestionThemes> {
  const found = await foundThemes(reader, consultation, flow, questions, options);
  const names = await listThemeNames(reader.db, consultation.id);
  return Object.fromEntries(
    Object.entries(found).map(([question, { answered, themes }]) => {
      const own = names.filter((name) => name.question === question);
      return [question, { answered, quoted: withNames(themes, own) }];
    }),
  );
}

/** The same before anybody named them: what there is to be named. */
export async function foundThemes(
  reader: Reader,
  consultation: Consultation,
  flow: FlowDefinition,
  questions: ReadonlySet<string>,
  { published, small, languages }: ThemesOptions,
): Promise<Readonly<Record<string, { readonly answered: number; readonly themes: readonly Theme[] }>>> {
  const texts = new Map<string, OpenAnswer[]>();
  const answered = new Map<string, number>();
  for await (const { status, counted, answers } of responsesOf(reader, consultation, flow)) {
    if (status !== "completed" || !counted) continue;
    const may =
      !published || answers.some(({ question, value }) => question === flow.quotes && value === true);
    for (const { question, value, language } of answers) {
      if (!questions.has(question) || isSkipped(value) || typeof value !== "string") continue;
      answered.set(question, (answered.get(question) ?? 0) + 1);
      const kept = texts.get(question) ?? [];
      texts.set(question, kept);
      if (may && kept.length < MOST_ANSWERS)
        kept.push({
          text: published ? redact(value) : value,
          // People answer in the language that they like, whatever they were asked in.
          language: detectLanguage(value, languages) ?? language,
        });
    }
  }
  return Object.fromEntries(
    [...answered].map(([question, n]) => {
      const said = texts.get(question) ?? [];
      return [question, { answered: n, themes: said.length < small ? [] : themesOf(said) }];
    }),
  );
}
