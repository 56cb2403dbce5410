import type { SendFailure } from "#channels";

/** Why messages failed, in words for staff: every class has some. */
const FAILURES: Readonly<Record<SendFailure | "no_receipt", string>> = {
  unavailable: "the carrier could not be reached",
  throttled: "the carrier took no more",
  unreachable: "phone off or out of coverage",
  bad_address: "number cannot receive",
  opted_out: "said STOP to the carrier",
  refused: "the carrier refused the text",
  misconfigured: "our account is not set up for it",
  window_closed: "outside WhatsApp's 24 hours",
  unknown_outcome: "nobody knows whether it arrived",
  no_receipt: "the carrier never said whether it arrived",
};

export const failureWords = (failure: string): string =>
  FAILURES[failure as keyof typeof FAILURES] ?? failure.replaceAll("_", " ");
