import { z } from "zod";
import { withRemedy } from "./issue.ts";

/**
 * What an author may write in flows/<id>.yaml. `describe` is what the reference in docs/flows.md says.
 * Texts may be one sentence (in the flow's first language) or one per language.
 */
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const nameRule = withRemedy("small letters, digits and single underscores, beginning with a letter");

const name = z.string().refine((value) => NAME.test(value), { error: "not a name", ...nameRule });
const text = z
  .union([z.string().min(1), z.record(z.string(), z.string())])
  .describe("one sentence, or one per language");
const duration = z.string().describe("45s, 10m, 2h, 3d, 1w");
const next = name.optional().describe("the step that follows; without it the one below");
const media = z.array(z.strictObject({ url: z.url(), contentType: z.string() })).max(5);

const video = z
  .record(z.string(), z.url())
  .optional()
  .describe("per language, the address of a video in which the text is signed: { sfs: https://….mp4 }");

const say = z.strictObject({
  say: text.describe("what is said"),
  video,
  media: media.optional().describe("pictures or sound, for channels that have them"),
  next,
});

const question = {
  ask: text.describe("the question"),
  video,
  retry: text
    .optional()
    .describe("said when the reply was not understood; without it a phrase of the engine's"),
  optional: z.boolean().optional().describe("may be skipped by a skip word"),
  tries: z.int().optional().describe("attempts at this question"),
  giveUp: name.optional().describe("step to go to after the last attempt"),
  expires: duration.optional().describe("how long the question stays open"),
  expired: name.optional().describe("step to go to then; else the session ends"),
  check: z
    .string()
    .min(1)
    .optional()
    .describe("a condition on the answer, such as answers.age >= 18; where it fails `retry` is said"),
  default: z
    .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
    .optional()
    .describe("taken as the answer when the question is skipped"),
  literal: z.boolean().optional().describe("every reply is the answer, also BACK or the name of a language"),
  next,
};
const choice = z.union([
  z.string().min(1),
  z.record(
    z.string(),
    z.union([z.string(), z.number(), z.record(z.string(), z.union([z.string(), z.array(z.string())]))]),
  ),
]);
const choices = z
  .record(name, choice)
  .describe(
    "id: label; or id: { label: …, synonyms: { en: [words] }, when: a condition, cost: of a project }. The id is stored, the label is shown",
  );
const isoDay = z
  .string()
  .regex(/^(\d{4}-\d{2}-\d{2}|today)$/, "not a day")
  .describe("2026-11-03 or today");

export const ASKS = {
  text: z.strictObject({
    ...question,
    type: z.literal("text").optional(),
    minLength: z.int().min(1).optional().describe("characters"),
    maxLength: z.int().min(1).max(2_000).optional().describe("characters"),
  }),
  number: z.strictObject({
    ...question,
    type: z.literal("number"),
    min: z.number().optional(),
    max: z.number().optional(),
    whole: z.boolean().optional().describe("no fractions"),
  }),
  yes_no: z.strictObject({ ...question, type: z.literal("yes_no") }),
  choice: z.strictObject({ ...question, type: z.literal("choice"), choices }),
  choices: z.strictObject({
    ...question,
    type: z.literal("choices"),
    choices,
    min: z.int().min(1).optional().describe("at least so many"),
    max: z.int().min(1).optional().describe("at most so many"),
    ordered: z.boolean().optional().describe("a ranking: the order in which they are named is kept"),
    budget: z
      .int()
      .min(1)
      .optional()
      .describe("a participatory budget: what there is to spend; every choice has a cost"),
    knapsack: z.boolean().optional().describe("what one person chooses may not cost more than the budget"),
  }),
  scale: z.strictObject({
    ...question,
    type: z.literal("scale"),
    from: z.int().describe("the lowest point"),
    to: z.int().describe("the highest point"),
    labels: z.record(z.string(), text).optional().describe('what a point means: "1": very bad'),
  }),
  date: z.strictObject({
    ...question,
    type: z.literal("date"),
    min: isoDay.optional(),
    max: isoDay.optional(),
  }),
  location: z.strictObject({ ...question, type: z.literal("location") }),
  photo: z.strictObject({ ...question, type: z.literal("photo") }),
  audio: z.strictObject({ ...question, type: z.literal("audio") }),
} as const;
export type AskType = keyof typeof ASKS;

export const DEED = z.strictObject({
  join: z.string().min(1).max(100).optional().describe("group that the person joins"),
  leave: z.string().min(1).max(100).optional().describe("group that the person leaves"),
  notify: z
    .string()
    .regex(/^#[a-z0-9_-]{1,79}$/, "not the name of a Slack channel")
    .optional()
    .describe("Slack channel that is told `text`"),
  text: text.optional().describe("what the channel is told"),
  hand_over: text.optional().describe("staff take the person over; this is the reason that they read"),
});

export const STEPS = {
  say,
  branch: z.strictObject({
    branch: z
      .array(z.strictObject({ when: z.string().min(1).describe("a condition"), next: name }))
      .min(1)
      .max(50)
      .describe("the first case whose condition holds decides"),
    otherwise: name.describe("where it goes on when none holds"),
  }),
  set: z.strictObject({
    set: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .describe("name: expression; `contact.ward: answers.ward` sets a field of the contact"),
    next,
  }),
  call: z.strictObject({ call: z.string().describe("another flow"), next }),
  act: z.strictObject({ act: z.union([DEED, z.array(DEED).min(1).max(10)]), next }),
  wait: z.strictObject({
    wait: duration,
    replied: name.optional().describe("where it goes on when the person writes before the time is over"),
    next,
  }),
  quota: z.strictObject({
    quota: z
      .record(
        name,
        z.strictObject({
          when: z.string().min(1).optional(),
          limit: z.int().min(1).max(10_000_000),
        }),
      )
      .refine((cells) => Object.keys(cells).length > 0, "no cell")
      .describe(
        "cell: { when: a condition, limit: people }. Ask everything that the conditions need before; without `when` everybody belongs to it",
      ),
    full: name.describe("where it goes on when a cell of this person has no room left"),
    next,
  }),
  opinions: z.strictObject({
    opinions: z
      .record(name, text)
      .describe("id: a statement to agree or disagree with; each person gets them in an order of their own"),
    take: z.int().optional().describe("statements that one person is asked about, 10 where absent"),
    offer: text
      .optional()
      .describe("asks for a statement of the person's own, which others vote on once staff have approved it"),
    next,
  }),
  end: z.strictObject({
    end: z.union([text, z.literal(true), z.null()]).describe("last words, or nothing"),
    video,
  }),
} as const;

const perLanguage = z.record(z.string(), z.array(z.string().min(1)));

export const FLOW = z.strictObject({
  id: z.string().optional().describe("the file's name, if it is given at all"),
  title: text.describe("for staff and results"),
  keywords: z
    .array(z.string().trim().toUpperCase())
    .default([])
    .describe("words that start the flow when they are the whole message"),
  languages: z
    .array(z.string())
    .min(1)
    .describe("languages that it is offered in; the first stands in for a missing text"),
  fallbacks: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .describe("per language, those that stand in for it"),
  tries: z.int().optional().describe("attempts at one question, 3 where absent"),
  giveUp: z
    .enum(["hand_over", "skip", "end"])
    .optional()
    .describe(
      "what happens after the last attempt: staff take over (as without it), the question is skipped, or it ends",
    ),
  expires: duration.optional().describe("how long a question stays open"),
  reminders: z
    .array(duration)
    .optional()
    .describe(
      "a person who is silent for so long is reminded: [1d, 3d] is once after a day, and once after three",
    ),
  again: z
    .enum(["refuse", "first", "last"])
    .optional()
    .describe(
      "what counts of a person who takes part a second time: the last response (as without it), the first, or they are told that they have answered already",
    ),
  privacy: z
    .enum(["identified", "confidential", "anonymous"])
    .optional()
    .describe(
      "identified (as without it); confidential: answers are kept sealed under the deployment's key; anonymous: once the conversation is over nothing leads from the person to the answers. People are told when they begin",
    ),
  late: z
    .boolean()
    .optional()
    .describe("whoever comes after the closing date may still take part; it is kept, and flagged as late"),
  voters: z
    .strictObject({
      group: z.string().min(1).describe("whoever is in it when the poll opens"),
      quorum: z.union([z.int().min(1), z.literal("majority")]).default("majority"),
    })
    .optional()
    .describe(
      "a committee's poll: only members of this group may vote; quorum: a number, or majority (as without it)",
    ),
  instrument: z
    .string()
    .optional()
    .describe("the legal instrument whose shortest comment period applies, from instruments.yaml"),
  quotes: name
    .optional()
    .describe("a yes_no question: whoever says yes may be quoted in published reports; without it nobody is"),
  defaults: z.record(z.string(), text).optional().describe("said where a value is missing, by name"),
  words: z
    .strictObject({
      back: perLanguage.optional(),
      restart: perLanguage.optional(),
      skip: perLanguage.optional(),
      stop: perLanguage.optional(),
      language: perLanguage.optional(),
    })
    .optional()
    .describe("more words of command, per language"),
  start: name.optional().describe("the first step; without it the topmost"),
  steps: z.record(name, z.record(z.string(), z.unknown())).describe("name: step, in order"),
});
