/**
 * How a feature joins the staff bot. Read this file first.
 *
 * Glossary
 * - **Feature**: what one file adds: commands, actions, views, Home sections, thread replies.
 * - **Command**: a word after `/saypro`. **Action**: a click or a choice, by its action_id. **View**: a modal that was
 *   submitted, by its callback_id. **Section**: a part of App Home.
 * - **Asked**: who asked, where, and with what. **Answer**: what Slack shows for it.
 * - **Form**: what stands in a modal's inputs, by block_id (one input a block).
 * - **Parent**: our message at the head of the thread in which somebody replied.
 * - **Guest**: somebody in Slack who is not staff, such as a media liaison.
 *
 * A handler runs inside one unit of work, after the bot has found out that the request is new and allowed. It changes
 * things through the unit, and returns the answer as data: the bot gives it once the unit has committed.
 */
import type { KnownBlock, ModalView } from "@slack/types";
import type { Permission, StaffMember } from "#storage";
import type { Unit } from "../unit.ts";

/** What only the person who asked gets to see; nothing when a handler returns undefined. */
export type Answer =
  /** A note beside the message, or in place of the modal. */
  | { readonly kind: "whisper"; readonly text: string; readonly blocks?: readonly KnownBlock[] }
  /** Opens a modal; asked from within a modal, on top of it. */
  | { readonly kind: "open"; readonly view: ModalView }
  /** Changes the modal that was asked from. */
  | { readonly kind: "update"; readonly view: ModalView }
  /** Faults by block_id, shown in the modal. Whatever the handler wrote is taken back. */
  | { readonly kind: "errors"; readonly errors: Readonly<Record<string, string>> }
  /** Closes every modal of the stack. */
  | { readonly kind: "close" };

export interface Asked {
  readonly staff: StaffMember;
  readonly slackUserId: string;
  /** Slack's id of the channel it was asked in; absent in modals and on App Home. */
  readonly channel?: string;
}

export interface CommandAsked extends Asked {
  /** What follows the command's word, as it was typed. */
  readonly rest: string;
}

export interface Form {
  /** Trimmed; empty when nothing stands there. */
  text(blockId: string): string;
  /** The value that was chosen in a select or by radio buttons. */
  choice(blockId: string): string | undefined;
  /** The values that were chosen in a multi-select or by checkboxes. */
  choices(blockId: string): readonly string[];
  moment(blockId: string): Date | undefined;
  /** Whatever was typed or chosen, as text; empty when nothing stands there. */
  any(blockId: string): string;
  /** `2026-11-03` */
  day(blockId: string): string | undefined;
}

export interface ActionAsked extends Asked {
  /** The button's value, or the value of what was chosen. */
  readonly value: string;
  /** providerId (`C…:ts`) of the message that holds the button. */
  readonly message?: string;
  /** The modal that holds it. */
  readonly view?: { readonly form: Form; readonly metadata: string };
  readonly onHome: boolean;
}

export interface ViewAsked extends Asked {
  readonly form: Form;
  /** The view's private_metadata. */
  readonly metadata: string;
}

export interface Parent {
  /** Our message. */
  readonly id: string;
  readonly kind: string;
  readonly ref: string | null;
  readonly providerId: string;
}

export interface ReplyAsked extends Asked {
  readonly channel: string;
  readonly parent: Parent;
  readonly text: string;
  /** providerId (`C…:ts`) of the reply itself. */
  readonly providerId: string;
}

export interface GuestAsked {
  readonly slackUserId: string;
  readonly channel: string;
  /** providerId (`C…:ts`) of what they wrote, or of the message whose button they clicked. */
  readonly providerId: string;
  /** What they wrote, or the value of the button. */
  readonly text: string;
  /** Present when they wrote in a thread of ours. */
  readonly parent?: Parent;
}

type Handler<A> = (unit: Unit, asked: A) => Promise<Answer | undefined>;

/** Checked again by the server whenever it is used, whatever Slack still shows. */
interface Guarded {
  readonly permission?: Permission;
}

interface Opening {
  /** It answers with a modal: a waiting one is shown when that takes long. */
  readonly opens?: true;
}

export interface Command extends Guarded, Opening {
  /** One word, small letters. */
  readonly word: string;
  /** What it does, in half a sentence. */
  readonly help: string;
  /** As it is typed: `/saypro broadcast`. */
  readonly example: string;
  readonly run: Handler<CommandAsked>;
}

export interface Action extends Guarded, Opening {
  /** It only looks: a repetition does no harm, and no key is kept for it. */
  readonly looksOnly?: true;
  readonly run: Handler<ActionAsked>;
}

export interface View extends Guarded {
  readonly run: Handler<ViewAsked>;
}

export interface ThreadReply extends Guarded {
  readonly run: Handler<ReplyAsked>;
}

/** Blocks of App Home for this person; empty when there is nothing to show. */
export type HomeSection = (unit: Unit, staff: StaffMember) => Promise<readonly KnownBlock[]>;

export interface Feature {
  readonly commands?: readonly Command[];
  /** By action_id. */
  readonly actions?: Readonly<Record<string, Action>>;
  /** By callback_id. */
  readonly views?: Readonly<Record<string, View>>;
  readonly home?: HomeSection;
  /** By the `kind` of our message at the head of the thread. */
  readonly threads?: Readonly<Record<string, ThreadReply>>;
  /** What guests may click, by action_id. */
  readonly guestActions?: Readonly<Record<string, Handler<GuestAsked>>>;
  /**
   * What guests write to the bot, or in a thread of ours. Undefined: it is not for this feature, and nothing was done;
   * `close`: it was heard, and there is nothing to say.
   */
  readonly guestMessage?: Handler<GuestAsked>;
}

export const whisper = (text: string, blocks?: readonly KnownBlock[]): Answer => ({
  kind: "whisper",
  text,
  ...(blocks === undefined ? {} : { blocks }),
});

/** The name under which a person stands in the audit log. */
export const actorOf = (staff: Pick<StaffMember, "id">): string => `staff:${staff.id}`;
