/** Ticks every box of the field. */
export const ALL = "(all)";

/** Values of a form by the label that people see. A list chooses several. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

export type PhoneChannel = "sms" | "whatsapp";

/**
 * What a person does in the sandbox, in that person's words: once over HTTP alone, once in a browser. The scenario
 * cannot tell which.
 */
export interface Hand {
  /** A person writes from their phone. */
  say(name: string, channel: PhoneChannel, text: string): Promise<void>;
  /** A person's phone shows a text with these words, now or soon. Returns the whole text. */
  reads(name: string, channel: PhoneChannel, words: string): Promise<string>;
  /** A person's phone shows no text with any of these words. */
  neverRead(name: string, channel: PhoneChannel, words: readonly string[]): Promise<void>;
  /** A member of staff types a line that begins with `/`. */
  command(user: string, line: string): Promise<void>;
  /** Chooses something in the open modal, which then shows more. */
  choose(user: string, title: string, label: string, value: string): Promise<void>;
  /** Fills in the modal with this title and presses its submit button. */
  submit(user: string, title: string, fields: Fields): Promise<void>;
  /** Presses the button with this text on the newest message in the channel that has these words. */
  press(user: string, channel: string, words: string, button: string): Promise<void>;
  /** The channel shows a message with these words to this person, now or soon. */
  sees(user: string, channel: string, words: string, timeoutMs?: number): Promise<void>;
  /** Answers in the thread of the newest message in the channel that has these words. */
  reply(user: string, channel: string, words: string, text: string): Promise<void>;
  /** The app's home shows this person these words. */
  homeShows(user: string, words: string): Promise<void>;
  /** Something only this person is told has these words: a whisper or a modal. */
  isTold(user: string, words: string): Promise<void>;
  /** Keeps a picture under this name; headless, nothing. */
  picture(name: string): Promise<void>;
}
