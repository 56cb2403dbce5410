import { escapeMrkdwn } from "#channels";
import {
  type Enquiry,
  enquiryContext,
  type Liaison,
  PRIORITY,
  type StatementVersion,
  Undecryptable,
} from "#storage";
import { context, section } from "../crisis/blocks.ts";
import type { Unit } from "../unit.ts";
import { channelName, enquiryReference, nameOf } from "./words.ts";

/** Characters of a question in one block: with its signs escaped it stays within Slack's 3,000. */
const PIECE = 2_000;

/** Kind of the message that heads an enquiry's thread: replies under it are answers. */
const ENQUIRY = "enquiry";

/**
 * Puts an enquiry before the media desk, or shows in place that it was answered. `about`: the statement that it came after.
 * The enquiry's id is also that of the message that opens its thread.
 */
export async function showEnquiry(
  unit: Unit,
  enquiry: Enquiry,
  liaison: Liaison,
  { about, answered }: { readonly about?: StatementVersion | undefined; readonly answered?: string },
): Promise<void> {
  const { app } = unit;
  if (!app.channels.has("slack")) {
    app.log.warn({ enquiry: enquiry.number }, "Slack is switched off: nobody is shown this enquiry");
    return;
  }
  const via = channelName(enquiry.address);
  const after = about ? `, after statement v${about.version} “${escapeMrkdwn(about.title)}”` : "";
  const head = `*${enquiryReference(enquiry)}* ${nameOf(liaison)}, by ${via}${after}`;
  const blocks = [
    section(`${answered === undefined ? ":newspaper:" : ":white_check_mark:"} ${head}`),
    ...piecesOf(questionOf(unit, enquiry)).map((piece) => section(quote(piece))),
    context(
      answered === undefined
        ? `Reply in this thread: every reply goes to ${escapeMrkdwn(liaison.name)} by ${via}.`
        : `${answered} Further replies in this thread go to ${escapeMrkdwn(liaison.name)} as well.`,
    ),
  ];
  await unit.send([
    {
      ...(answered === undefined ? { id: enquiry.id } : { replaces: enquiry.id }),
      to: `slack:${app.content.deployment.slack.media}`,
      // Shown in notifications only: the question stands in the blocks.
      text: `Enquiry ${head}`,
      blocks,
      priority: PRIORITY.reply,
      kind: ENQUIRY,
      ref: enquiry.id,
      onDoubt: "resend",
    },
  ]);
}

/** A further message to the same enquiry, in its thread. */
export async function showMore(unit: Unit, enquiry: Enquiry, question: string): Promise<void> {
  const { app } = unit;
  if (!app.channels.has("slack")) return;
  await unit.send([
    {
      to: `slack:${app.content.deployment.slack.media}`,
      thread: enquiry.id,
      text: quote(question),
      priority: PRIORITY.reply,
      kind: ENQUIRY,
      ref: enquiry.id,
    },
  ]);
}

/** What was asked; words in its place when the key is another one by now. */
export function questionOf({ app }: Unit, { id, question }: Enquiry): string {
  try {
    return app.secrets.decrypt(question, enquiryContext(id));
  } catch (error) {
    if (error instanceof Undecryptable)
      return "(The question cannot be read: it was kept with another SECRETS_KEY.)";
    throw error;
  }
}

function piecesOf(text: string): readonly string[] {
  const letters = [...text];
  const count = Math.ceil(letters.length / PIECE);
  return Array.from({ length: count }, (_, n) => letters.slice(n * PIECE, (n + 1) * PIECE).join(""));
}

const quote = (text: string): string =>
  escapeMrkdwn(text)
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
