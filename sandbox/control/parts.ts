import type { MediaStore } from "../media.ts";
import type { Meta } from "../meta/meta.ts";
import type { Slack } from "../slack/slack.ts";
import type { Twilio } from "../twilio/twilio.ts";

export interface Parts {
  readonly twilio: Twilio;
  readonly meta: Meta;
  readonly slack: Slack;
  readonly media: MediaStore;
}

/** Asked for something that is not there, or that cannot be done now; answered with `status` and the words. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
