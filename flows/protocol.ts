/**
 * What a municipality has agreed beforehand to do in an emergency. Read this before crisis.ts and statement.ts.
 *
 * Glossary
 * - **Protocol**: the written plan for one kind of emergency; YAML in templates/protocols/, plain JSON here.
 * - **Severity**: how bad it is; level 1 is the worst. When unsure, take the worse one.
 * - **Ladder**: the tiers of people who are called, in order. One climb of it is a **round**.
 * - **Tier**: those who are paged at the same moment, and how long they have to acknowledge.
 * - **Target**: `person:<handle>`, `duty:<name>`, `role:<role>` (staff) or `slack:#channel`.
 * - **Roster**: whom each target means at this moment; found out anew whenever a crisis takes a turn.
 * - **Holding statement**: the first words to the public, prepared: what is known, what is not, what we do,
 *   what you should do, when we speak again.
 * - **Placeholder**: `{area}` in a prepared text; filled in when a crisis is declared.
 */
import type { Text } from "./flow.ts";

/** A text per language (BCP 47). */
export type PerLanguage = Text;

export type Target = `person:${string}` | `duty:${string}` | `role:${string}` | `slack:${string}`;

export interface Severity {
  readonly level: number;
  readonly title: string;
  /** When it applies, in words that a duty officer can check at night. */
  readonly criteria: string;
  /** How often the public is told something new. */
  readonly updateEveryMs: number;
}

export interface Tier {
  readonly id: string;
  readonly notify: readonly Target[];
  readonly acknowledgeWithinMs: number;
}

export interface Escalation {
  readonly tiers: readonly Tier[];
  /** Climbs of the ladder before everyone who is left is alarmed. */
  readonly repeat: number;
  /** Alarmed, beside everybody on the ladder, when a crisis is still nobody's. */
  readonly onExhausted: readonly Target[];
  /** Who acknowledged is asked again after so long a silence; without an answer in `graceMs` it starts anew. */
  readonly lease: { readonly askAgainAfterMs: number; readonly graceMs: number };
}

export interface CrisisRole {
  readonly id: string;
  readonly title: string;
  readonly does: string;
}

export interface CrisisTask {
  readonly id: string;
  readonly title: string;
  /** Id of a role of the protocol. */
  readonly owner: string;
  readonly dueMs: number;
}

/** The parts of a holding statement; the order is the order in which it is read. */
export const HOLDING_PARTS = ["known", "do", "not_known", "doing", "next"] as const;
export type HoldingPart = (typeof HOLDING_PARTS)[number];
export type HoldingTexts = Readonly<Record<HoldingPart, string>>;

/** What can stand in braces in a prepared text. */
export const PLACEHOLDERS = ["area", "time", "next_update", "municipality", "contact"] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

export interface Protocol {
  readonly id: string;
  readonly title: Text;
  /** What it is, in two or three words: `drinking water contamination`. */
  readonly hazard: string;
  readonly severities: readonly Severity[];
  readonly roles: readonly CrisisRole[];
  readonly escalation: Escalation;
  readonly cadence: {
    readonly firstStatementMs: number;
    /** So long before a promised update its owner is reminded. */
    readonly warnBeforeMs: number;
  };
  readonly tasks: readonly CrisisTask[];
  readonly audience: ProtocolAudience;
  /** In the order in which a contact is reached: the first that works. */
  readonly channels: readonly ("sms" | "whatsapp")[];
  readonly holding: Readonly<Record<string, HoldingTexts>>;
  readonly allClear: Text;
  /** A public message that could not be handed over by then is dropped: old warnings mislead. */
  readonly expiresAfterMs: number;
  /** The contact group that drills reach instead of the public. */
  readonly drillGroup: string;
}

/** Whom a statement reaches unless the wards of the crisis narrow it. */
export interface ProtocolAudience {
  readonly everyone?: true;
  readonly groups?: readonly string[];
  /** The wards that are named when the crisis is declared. */
  readonly affectedWards?: true;
}

export const PROTOCOL_LIMITS = {
  tiers: 8,
  targets: 20,
  severities: 5,
  roles: 12,
  tasks: 40,
  repeat: 10,
  /** Characters of one prepared text. */
  text: 1200,
} as const;

export function isSlackTarget(target: Target): target is `slack:${string}` {
  return target.startsWith("slack:");
}

/** All targets that a protocol names, each once. */
export function targetsOf(protocol: Protocol): readonly Target[] {
  const { tiers, onExhausted } = protocol.escalation;
  return [...new Set([...tiers.flatMap((tier) => tier.notify), ...onExhausted])];
}

/** The severity of this level; a level that the protocol lacks is taken as the worst. */
export function severityOf(protocol: Protocol, level: number): Severity {
  const found = protocol.severities.find((severity) => severity.level === level) ?? protocol.severities[0];
  if (!found) throw new Error(`protocol ${protocol.id} has no severities`);
  return found;
}

/** The text in this language, else in the fall-back language, else in whichever there is. */
export function inLanguage<T>(texts: Readonly<Record<string, T>>, language: string, fallback: string): T {
  const text = texts[language] ?? texts[fallback] ?? Object.values(texts)[0];
  if (text === undefined) throw new Error("a text without any language");
  return text;
}
