/** Why messages failed, in words for staff. */
const FAILURES: Readonly<Record<string, string>> = {
  unavailable: "the carrier could not be reached",
  throttled: "the carrier took no more",
  unreachable: "phone off or out of coverage",
  bad_address: "number cannot receive",
  opted_out: "said STOP to the carrier",
  refused: "the carrier refused the text",
  misconfigured: "our account is not set up for it",
  window_closed: "outside WhatsApp's 24 hours",
  unknown_outcome: "nobody knows whether it arrived",
};

export const failureWords = (failure: string): string => FAILURES[failure] ?? failure.replaceAll("_", " ");
