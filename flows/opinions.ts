import type { Ask, Choice, Opinions, Text } from "./flow.ts";
import type { Place, Run } from "./run.ts";

/** What people vote: kept as the ids of choices. */
export const VOTES = ["agree", "disagree", "pass"] as const;

/** Statements that one person is asked about, where the flow does not say. */
export const DEFAULT_STATEMENTS = 10;
/** Characters of a citizen's own statement: it has to be readable in one message beside its choices. */
export const MAX_STATEMENT = 140;
/** The question for a statement of one's own; no statement has this id. */
export const OFFER = "offer";

/** Languages other than English: to be reviewed by first-language speakers. */
const CHOICES: readonly Choice[] = [
  {
    id: "agree",
    label: {
      en: "Agree",
      af: "Stem saam",
      zu: "Ngiyavuma",
      xh: "Ndiyavuma",
      st: "Ke a dumela",
      tn: "Ke a dumela",
      nso: "Ke a dumela",
      ts: "Ndza pfumela",
      ss: "Ngiyavuma",
      ve: "Ndi a tenda",
      nr: "Ngiyavuma",
    },
    synonyms: { en: ["yes", "agreed", "true"], af: ["ja"], zu: ["yebo"], xh: ["ewe"], st: ["ee"] },
  },
  {
    id: "disagree",
    label: {
      en: "Disagree",
      af: "Stem nie saam nie",
      zu: "Angivumi",
      xh: "Andivumi",
      st: "Ha ke dumele",
      tn: "Ga ke dumele",
      nso: "Ga ke dumele",
      ts: "A ndzi pfumeli",
      ss: "Angivumi",
      ve: "A thi tendi",
      nr: "Angivumi",
    },
    synonyms: { en: ["no", "false"], af: ["nee"], zu: ["cha"], xh: ["hayi"], st: ["tjhe"] },
  },
  {
    id: "pass",
    label: {
      en: "Pass",
      af: "Slaan oor",
      zu: "Dlula",
      xh: "Dlula",
      st: "Feta",
      tn: "Feta",
      nso: "Feta",
      ts: "Hundza",
      ss: "Ndlula",
      ve: "Pfuka",
      nr: "Dlula",
    },
    synonyms: { en: ["unsure", "do not know", "maybe", "skip"] },
  },
];

/** A statement as a question. */
export const asQuestion = (text: Text, next: string): Ask => ({
  kind: "ask",
  text,
  answer: { type: "choice", choices: CHOICES },
  next,
});

/** The step inside a step that asks about statements: one of them, or the person's own; undefined: there is no such. */
export function questionInside(run: Run, { path, name, step, flow }: Place, id: string): Ask | undefined {
  if (step.kind !== "opinions") return undefined;
  if (id === OFFER)
    return (
      step.offer && {
        kind: "ask",
        text: step.offer,
        answer: { type: "text", minLength: 5, maxLength: MAX_STATEMENT },
        optional: true,
        next: name,
      }
    );
  const seed = Object.hasOwn(step.statements, id) ? step.statements[id] : undefined;
  if (seed) return asQuestion(seed, name);
  const offered = run.context.statements?.[path]?.find((each) => each.id === id);
  // Written in one language: everybody reads it in that.
  return (
    offered &&
    asQuestion(Object.fromEntries(flow.languages.map((language) => [language, offered.text])), name)
  );
}

/** What the person is asked next here: a statement, the offer of an own one, or nothing more. */
export function nextInside(run: Run, { path }: Place, step: Opinions): string | undefined {
  const answered = (id: string): boolean => Object.hasOwn(run.answers, `${path}/${id}`);
  const ids = [
    ...Object.keys(step.statements),
    ...(run.context.statements?.[path] ?? []).map(({ id }) => id),
  ];
  const voted = ids.filter(answered).length;
  // Each person in an order of their own, so that the last ones are not those that nobody reaches.
  const open = ids.filter((id) => !answered(id)).toSorted((a, b) => rank(run.id, a) - rank(run.id, b));
  if (voted < (step.take ?? DEFAULT_STATEMENTS) && open[0] !== undefined) return open[0];
  return step.offer && !answered(OFFER) ? OFFER : undefined;
}

/** The same for the same person and statement, and else as good as drawn by lot: FNV-1a (RFC 9923), 32 bits. */
function rank(session: string, id: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${session} ${id}`) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return hash;
}
