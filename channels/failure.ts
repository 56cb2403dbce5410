import type { Receipt, SendFailure } from "./channel.ts";

/** What a carrier's error code means to us: its class, words for staff, and how long to wait. */
export interface Fault {
  readonly failure: SendFailure;
  readonly detail: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
}

/** A receipt for a send that did not work; undefined parts stay absent. */
export function failed(
  { failure, detail, code, retryAfterMs }: Fault,
  ids: { readonly messageId?: string; readonly providerId?: string } = {},
  status: "failed" | "undelivered" = "failed",
): Receipt {
  return {
    ...ids,
    status,
    failure,
    detail,
    ...(code === undefined ? {} : { code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** The rows of a carrier's error file: code → words, grouped by what we do about it. */
export type ErrorFile = Readonly<
  Record<
    string,
    {
      readonly failure: string;
      readonly retryAfterMs?: number;
      readonly codes: Readonly<Record<string, string>>;
    }
  >
>;

/** Turns the grouped rows into a look-up by code. */
export function faultsByCode(groups: ErrorFile): ReadonlyMap<string, Fault> {
  const faults = new Map<string, Fault>();
  for (const { failure, retryAfterMs, codes } of Object.values(groups))
    for (const [code, detail] of Object.entries(codes))
      faults.set(code, {
        failure: failure as SendFailure,
        code,
        detail,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
  return faults;
}

/** Tells what goes to the carrier from the receipt that says why nothing does. */
export function isReceipt(value: object): value is Receipt {
  return "status" in value;
}
