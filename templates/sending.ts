import { z } from "zod";
import type { CanaryRules, MessageClass } from "#flows";

/** How broadcasts are sent. */
export interface SendingSettings {
  readonly canary: CanaryRules;
  /** Days that were declared public holidays beside the yearly ones: `2026-11-04`. */
  readonly publicHolidays: readonly string[];
  /** Hours after which a carrier that has not said what became of a message will not say it. */
  readonly receiptHours: number;
  /** By kind of message: so many a person, in so many days. */
  readonly caps: Readonly<
    Partial<Record<MessageClass, { readonly messages: number; readonly days: number }>>
  >;
  /** What is not confirmed on one channel in time, or fails there, is sent on another; both have to be approved. */
  readonly failover: readonly { readonly from: string; readonly to: string; readonly afterMinutes: number }[];
}

const part = z.number().min(0).max(1);

/**
 * What counts where deployment.yaml says nothing. `receiptHours`: networks give up on a phone that is off after three days
 * at most.
 */
const DEFAULTS = {
  canary: {
    from: 1_000,
    share: 0.01,
    least: 50,
    failed: 0.1,
    optedOut: 0.02,
    confirmed: 0.5,
    waitMinutes: 15,
  },
  publicHolidays: [] as string[],
  receiptHours: 72,
  caps: { awareness: { messages: 3, days: 7 } },
  failover: [] as { from: "whatsapp" | "sms"; to: "whatsapp" | "sms"; afterMinutes: number }[],
};

export const sendingSchema = z
  .strictObject({
    canary: z
      .strictObject({
        from: z.int().min(1).default(DEFAULTS.canary.from),
        share: part.default(DEFAULTS.canary.share),
        least: z.int().min(1).max(10_000).default(DEFAULTS.canary.least),
        failed: part.default(DEFAULTS.canary.failed),
        optedOut: part.default(DEFAULTS.canary.optedOut),
        confirmed: part.default(DEFAULTS.canary.confirmed),
        waitMinutes: z
          .number()
          .min(0)
          .max(24 * 60)
          .default(DEFAULTS.canary.waitMinutes),
      })
      .default(DEFAULTS.canary),
    publicHolidays: z.array(z.iso.date("not a day: write 2026-11-04")).max(100).default([]),
    receiptHours: z.number().min(1).max(168).default(DEFAULTS.receiptHours),
    caps: z
      .partialRecord(
        z.enum(["service", "consultation", "awareness"]),
        z.strictObject({ messages: z.int().min(1).max(100), days: z.int().min(1).max(90) }),
      )
      .default(DEFAULTS.caps),
    failover: z
      .array(
        z
          .strictObject({
            from: z.enum(["whatsapp", "sms"]),
            to: z.enum(["whatsapp", "sms"]),
            afterMinutes: z
              .number()
              .min(1)
              .max(24 * 60),
          })
          .refine(({ from, to }) => from !== to, "from and to are the same channel"),
      )
      .max(1, "one rule: with two a message would go to and fro")
      .default([]),
  })
  .default(DEFAULTS);

/** What a deployment.yaml without `sending` means. */
export const DEFAULT_SENDING: SendingSettings = DEFAULTS;
