import { type Instrument, privacyOf } from "#flows";
import { type Consultation, findConsultation, findFlowVersion, type LabelledCount } from "#storage";
import { type Analysis, type AnalysisOptions, analyse } from "../analysis.ts";
import type { Turnout } from "../poll/turnout.ts";
import { questionsOf } from "../questions.ts";
import { type Reader, responsesOf } from "../responses.ts";
import { type ConsultationResults, consultationResults } from "../results.ts";
import { DEFAULT_THRESHOLD } from "../statistics/suppress.ts";
import { type OpinionReport, opinionsOf } from "./opinions.ts";
import { type QuestionThemes, themesIn } from "./themes.ts";

/** Everything that a report of one consultation says. */
export interface Report {
  readonly consultation: Consultation;
  readonly privacy: ReturnType<typeof privacyOf>;
  readonly languages: readonly string[];
  readonly instrument?: Instrument;
  readonly counts: {
    readonly started: number;
    readonly completed: number;
    /** Null where they are too few to be published, as of the next two. */
    readonly repeated: number | null;
    readonly screened: number | null;
    readonly late: number | null;
    readonly medianSeconds: number | null;
    readonly reached: number;
    readonly sent: ConsultationResults["sent"];
    readonly withheld: number;
    readonly over: boolean;
    readonly turnout?: Turnout;
    readonly byLanguage: readonly LabelledCount[];
    readonly byChannel: readonly LabelledCount[];
  };
  readonly analysis: Omit<Analysis, "late"> & { readonly late: number | null };
  readonly opinions: readonly OpinionReport[];
  readonly themes: QuestionThemes;
}

export interface ReportOptions extends AnalysisOptions {
  /** Languages that open answers may be in. */
  readonly spoken: readonly string[];
  readonly instruments: ReadonlyMap<string, Instrument>;
}

/** Undefined: no such consultation. Throws CannotRake and CannotAnalyse. */
export async function gatherReport(
  reader: Reader,
  id: string,
  options: ReportOptions,
): Promise<Report | undefined> {
  const consultation = await findConsultation(reader.db, id);
  const flow =
    consultation && (await findFlowVersion(reader.db, consultation.flow, consultation.flowVersion));
  const results = await consultationResults(reader, id, options.language);
  const analysis = await analyse(reader, id, options);
  if (!consultation || !flow || !results || !analysis) return undefined;
  const open = new Set(analysis.questions.filter(({ type }) => type === "text").map((q) => q.id));
  const instrument = flow.instrument === undefined ? undefined : options.instruments.get(flow.instrument);
  const { started, completed, repeated, screened, medianSeconds, reached, sent, withheld, turnout, over } =
    results;
  const small = options.published ? (options.threshold ?? DEFAULT_THRESHOLD) : 0;
  return {
    consultation,
    privacy: privacyOf(flow),
    languages: flow.languages,
    ...(instrument ? { instrument } : {}),
    counts: {
      started,
      completed,
      repeated: unlessSmall(repeated, small),
      screened: unlessSmall(screened, small),
      late: unlessSmall(analysis.late, small),
      medianSeconds,
      reached,
      sent,
      withheld,
      over,
      ...(turnout ? { turnout } : {}),
      byLanguage: withoutSmall(results.byLanguage, small),
      byChannel: withoutSmall(results.byChannel, small),
    },
    analysis: { ...analysis, late: unlessSmall(analysis.late, small) },
    opinions: await opinionsOf(
      flow,
      (await questionsOf(reader.db, consultation)).questions,
      () => responsesOf(reader, consultation, flow),
      options.language,
    ),
    themes: await themesIn(reader, consultation, flow, open, {
      published: options.published ?? false,
      small,
      languages: options.spoken,
    }),
  };
}

const unlessSmall = (n: number, k: number): number | null => (n > 0 && n < k ? null : n);

/** Small groups of people stand together as others, where they are enough together. */
function withoutSmall(counts: readonly LabelledCount[], k: number): readonly LabelledCount[] {
  const large = counts.filter(({ n }) => n >= k);
  const rest = counts.filter(({ n }) => n < k).reduce((sum, { n }) => sum + n, 0);
  const [least] = large.toSorted((a, b) => a.n - b.n);
  if (rest === 0) return large;
  if (rest >= k) return [...large, { label: "others", n: rest }];
  if (!least) return [];
  // Too few even together: with the smallest of the large ones they are not.
  return [...large.filter((each) => each !== least), { label: "others", n: rest + least.n }];
}
