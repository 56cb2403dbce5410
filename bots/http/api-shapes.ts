import { z } from "zod";

/** The shapes of the API's answers; the OpenAPI document is made from them. */

const count = z.number().int();
const moment = z.string().describe("ISO 8601, UTC");

export const missing = z.object({ error: z.string() });

export const me = z.object({ name: z.string(), roles: z.array(z.string()), sandbox: z.boolean() });

export const overview = z.object({
  municipality: z.string(),
  contacts: count,
  optedOut: count,
  openConsultations: count,
  activeSessions: count,
  runningBroadcasts: count,
  activeCrises: count,
  waitingMessages: count.describe("queued or in flight, all channels"),
  inDoubt: count.describe("held for staff: the carrier could not say whether they were taken"),
  setAside: count.describe("inbound messages that could not be processed"),
});

export const channel = z.object({
  name: z.string(),
  carrier: z.string(),
  perSecond: z.number(),
  state: z.string(),
  qr: z
    .string()
    .optional()
    .describe("SVG to scan with the phone, while WhatsApp through whatsapp-web.js waits for it"),
  warning: z.string().optional(),
});

export const consultation = z.object({
  id: z.uuid(),
  title: z.string(),
  flow: z.string(),
  status: z.string(),
  keywords: z.array(z.string()).readonly(),
  openedAt: moment.nullable(),
  closesAt: moment.nullable(),
  closedAt: moment.nullable(),
  started: count,
  completed: count,
});

const labelled = z.array(z.object({ label: z.string(), n: count })).readonly();

export const results = z.object({
  id: z.uuid(),
  title: z.string(),
  status: z.string(),
  started: count,
  privacy: z.string().describe("identified, confidential or anonymous"),
  repeated: count.describe("responses beside those that count: second ones of the same person"),
  reached: count.describe("people who were sent a broadcast that names its keyword"),
  sent: z
    .array(z.object({ channel: z.string(), messages: count, segments: count }))
    .readonly()
    .nullable()
    .describe("messages of its conversations that were handed to a carrier; null where it is anonymous"),
  screened: count.describe("there was no room left for them in a quota"),
  withheld: count.describe(
    "finished responses that are in no figure yet: anonymous ones are shown by tens, votes of a secret ballot at its end",
  ),
  turnout: z
    .object({ eligible: count, voted: count, quorum: count, met: z.boolean() })
    .optional()
    .describe("of a committee's poll"),
  quotas: z.array(z.object({ cell: z.string(), taken: count, limit: count })).readonly(),
  medianSeconds: z.number().nullable().describe("from the first message to the last, of those who finished"),
  completed: count,
  active: count,
  byLanguage: labelled,
  byChannel: labelled,
  byGroup: labelled.describe("those who began, by group; somebody in two counts in both"),
  byWard: labelled.describe("those who began and whose ward is known"),
  questions: z
    .array(
      z.object({
        question: z.string(),
        title: z.string(),
        answered: count,
        counts: z
          .array(
            z.object({
              label: z.string(),
              n: count,
              low: z.number().describe("95 % Wilson interval of the share"),
              high: z.number(),
            }),
          )
          .readonly()
          .describe("by choice; empty for open answers"),
        latest: z.array(z.string()).readonly().describe("what was written last, for open answers"),
        left: count.describe("conversations that ended here without being finished"),
      }),
    )
    .readonly(),
});

const share = z.object({ share: z.number(), low: z.number(), high: z.number() }).nullable();

/** What an analysis is asked for. */
export const analysisAsked = z.object({
  margins: z
    .record(z.string(), z.record(z.string(), z.number().nonnegative()))
    .optional()
    .describe("shares or counts of the population, by variable (a question, language, channel) and category"),
  by: z.string().optional().describe("a question with single answers, language or channel: adds tables"),
  population: count.positive().optional().describe("people who could have taken part"),
  published: z.boolean().default(false).describe("to be shown to everybody: small counts are hidden"),
});

export const analysis = z.object({
  consultation: z.looseObject({ id: z.uuid(), title: z.string(), status: z.string() }),
  privacy: z.string(),
  languages: z.array(z.string()).readonly(),
  counts: z.looseObject({
    started: count,
    completed: count,
    late: count.nullable(),
    reached: count,
    withheld: count,
  }),
  analysis: z.looseObject({
    completed: count,
    threshold: count.optional().describe("counts below it are hidden"),
    raked: z
      .looseObject({
        converged: z.boolean(),
        designEffect: z.number(),
        effectiveSize: z.number(),
        warnings: z.array(z.string()).readonly(),
      })
      .optional(),
    questions: z
      .array(
        z.looseObject({
          id: z.string(),
          title: z.string(),
          answered: count.nullable(),
          choices: z
            .array(
              z.object({
                id: z.string(),
                label: z.string(),
                n: count.nullable().describe("null where it is too small to be published"),
                plain: share.describe("with its 95 % Wilson interval"),
                weighted: share.describe("raked to the margins"),
              }),
            )
            .readonly(),
          by: z
            .looseObject({ columns: z.array(z.string()).readonly(), rows: z.array(z.string()).readonly() })
            .optional(),
        }),
      )
      .readonly(),
  }),
  opinions: z.array(z.array(z.string()).readonly()).readonly(),
  themes: z.record(
    z.string(),
    z
      .array(
        z.object({
          name: z.string().nullable().describe("what staff call it"),
          languages: z.array(z.string()).readonly(),
          size: count,
          terms: z.array(z.string()).readonly(),
          quotes: z.array(z.string()).readonly(),
        }),
      )
      .readonly(),
  ),
});

export const exportList = z.object({
  files: z.array(z.string()).readonly().describe("names; each is fetched below this address"),
});

export const broadcast = z.object({
  id: z.uuid(),
  title: z.string(),
  status: z.string(),
  createdBy: z.string(),
  createdAt: moment,
  expectedRecipients: count,
  channels: z.array(z.string()).readonly(),
  texts: z.record(z.string(), z.string()).readonly(),
  counts: z.record(z.string(), count).readonly(),
  possibleDuplicates: count,
});

const tally = {
  all: count,
  waiting: count.describe("not handed over yet"),
  sent: count.describe("the carrier has them, and has not said that they arrived"),
  delivered: count,
  read: count,
  failed: count,
  opted_out: count.describe("said STOP before their turn"),
  in_doubt: count,
  cancelled: count,
  expired: count,
};
const breakdown = z
  .array(z.object({ label: z.string().nullable().describe("null: not known"), ...tally }))
  .readonly();
const times = z.object({ half: z.number(), most: z.number(), last: z.number() }).nullable();

export const broadcastReport = z.object({
  id: z.uuid(),
  title: z.string(),
  status: z.string(),
  messageClass: z.string(),
  startedAt: moment.nullable(),
  finishedAt: moment.nullable(),
  expectedRecipients: count.describe("counted when approval was asked for"),
  whole: z.object(tally),
  byChannel: breakdown,
  byLanguage: breakdown,
  byWard: breakdown,
  byGroup: breakdown.describe("somebody in two groups counts in both"),
  failures: z.array(z.object({ failure: z.string(), messages: count })).readonly(),
  leftOut: z.record(z.string(), count).describe("people of the audience without a message, by why"),
  delivery: z.object({
    fromStart: times.describe("seconds until the half, 95 % and the last of the delivered had arrived"),
    fromHandOver: times.describe("the same from each message's own hand-over to the carrier"),
    curve: z.array(z.object({ seconds: z.number(), delivered: count })).readonly(),
  }),
  cost: z.object({ currency: z.string(), expected: z.number().nullable(), actual: z.number() }),
  optOuts: count.describe("people who said STOP within 48 hours after it was handed over"),
  replies: count.describe("messages of its recipients within 48 hours, STOP left out"),
  repliers: count,
  possibleDuplicates: count,
  countedAt: moment,
});

export const crisis = z.object({
  id: z.uuid(),
  number: count,
  title: z.string(),
  protocol: z.string(),
  severity: count,
  mode: z.string(),
  status: z.string(),
  declaredAt: moment,
  acknowledgedAt: moment.nullable(),
  endedAt: moment.nullable(),
});

export const timelineEntry = z.object({
  seq: count,
  at: moment,
  actor: z.string(),
  kind: z.string(),
  words: z.string(),
});

export const auditEntry = z.object({
  seq: count,
  at: moment,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
});

export const verification = z.union([
  z.object({ ok: z.literal(true), entries: count }),
  z.object({
    ok: z.literal(false),
    seq: count.describe("the first entry that does not hold"),
    fault: z.string(),
  }),
]);
