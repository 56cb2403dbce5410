import type { Hearing } from "./answers/answer.ts";
import { kindOf } from "./answers/index.ts";
import { BrokenFlow } from "./broken.ts";
import type { AnswerSpec, Ask, Media, Text, Variable, Videos } from "./flow.ts";
import { specNow } from "./offered.ts";
import { privacyOf, receiptOf } from "./participation.ts";
import { isSkipped, own, type Place, placeAt, type Run, send, waitAt } from "./run.ts";
import { type Lookup, languageOf, sentenceOf } from "./text.ts";
import { phraseIn } from "./words/index.ts";
import { isSigned } from "./words/signed.ts";
import type { Phrase } from "./words/words.ts";

/** A text in the session's language, or in what stands in for it, with its values. */
export function say(run: Run, place: Place, text: Text): string {
  const { languages, fallbacks } = place.flow;
  const language = languageOf(text, run.language, languages, fallbacks);
  if (language === undefined) return "";
  try {
    return sentenceOf(text, language).render(lookupIn(run, place));
  } catch (error) {
    if (error instanceof BrokenFlow) throw error;
    throw new BrokenFlow(`the text of "${place.path}" in ${language} cannot be read: ${String(error)}`);
  }
}

/** Languages in which a reply may be, likeliest first. */
export function hearingOf(run: Run, place: Place): Hearing {
  const { languages, fallbacks } = place.flow;
  return {
    languages: [...new Set([run.language, ...(fallbacks?.[run.language] ?? []), ...languages, "en"])],
    now: run.context.now,
    timezone: run.context.timezone ?? "Africa/Johannesburg",
    label: (text) => say(run, place, text),
    // Whoever is filmed can be known: not where it was promised that nobody would.
    ...(privacyOf(place.flow) === "identified" ? { films: true as const } : {}),
  };
}

/** A phrase of the engine's own. */
export function phrase(
  run: Run,
  place: Place,
  key: Phrase,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const standIns = place.flow.fallbacks?.[run.language] ?? [];
  const chain = [run.language, ...standIns, ...(isSigned(run.language) ? place.flow.languages : [])];
  return phraseIn(chain, key).render((name) => values[name]);
}

/** The video of a step in the session's language, before its other media. */
export function mediaOf(
  run: Run,
  { video, media = [] }: { readonly video?: Videos; readonly media?: readonly Media[] },
): { readonly media?: readonly Media[] } {
  const url = own(video ?? {}, run.language);
  if (url === undefined) return media.length > 0 ? { media } : {};
  return { media: [{ url, contentType: /\.3gp$/i.test(url) ? "video/3gpp" : "video/mp4" }, ...media] };
}

/** Sends the question, or what is said instead of it, with its choices. */
export function ask(run: Run, place: Place, step: Ask, text: string): void {
  const spec = specNow(run, place, step);
  const choices = kindOf(spec).offer?.(spec, hearingOf(run, place));
  send(run, text, { ...(choices ? { choices } : {}), ...mediaOf(run, step) });
  waitAt(run, place, step.expires ?? place.flow.expires);
}

// ── Names in texts ──────────────────────────────────────────────────────────────────────────────────────

/**
 * What a name in a text stands for: an answer, a variable, a field of the contact, the flow's default. With a
 * prefix (`answers.`, `vars.`, `contact.`) it is looked for only there; `sub.rating` is an answer given inside
 * the flow that step `sub` called.
 */
function lookupIn(run: Run, place: Place): Lookup {
  return (name, raw) => {
    const dot = name.indexOf(".");
    const root = dot < 0 ? "" : name.slice(0, dot);
    const inside = name.slice(dot + 1);
    const value =
      root === "contact"
        ? fieldOf(run, inside)
        : root === "vars"
          ? plain(own(run.variables, inside))
          : root === "session" && inside === "language"
            ? run.language
            : root === "answers"
              ? answerOf(run, place, inside, raw)
              : (answerOf(run, place, name, raw) ??
                plain(own(run.variables, name)) ??
                (root === "" ? fieldOf(run, name) : undefined) ??
                (name === "receipt" ? receiptOf(run.id) : undefined));
    if (value !== undefined && value !== "") return value;
    const standIn = own(place.flow.defaults ?? {}, name);
    return standIn ? say(run, { ...place, flow: { ...place.flow, defaults: {} } }, standIn) : undefined;
  };
}

/** `rating`, or `sub.rating` inside a called flow. */
function answerOf(run: Run, place: Place, name: string, raw: boolean): string | number | boolean | undefined {
  const path = `${place.prefix}${name.replaceAll(".", "/")}`;
  const value = own(run.answers, path);
  if (value === undefined || isSkipped(value)) return undefined;
  if (raw && typeof value !== "object") return value;
  const spec = specAt(run, path);
  return spec ? kindOf(spec).show(spec, value, hearingOf(run, place)) : String(value);
}

function specAt(run: Run, path: string): AnswerSpec | undefined {
  try {
    const { step } = placeAt(run, path);
    return step.kind === "ask" ? step.answer : undefined;
  } catch (error) {
    if (error instanceof BrokenFlow) return undefined;
    throw error;
  }
}

function fieldOf(run: Run, name: string): string | number | boolean | undefined {
  const field = name.startsWith("fields.") ? name.slice("fields.".length) : name;
  return (
    own(run.fields, field) ??
    (field === "name" ? run.context.contact.name : own(run.context.contact.fields, field))
  );
}

const plain = (value: Variable | undefined): string | number | boolean | undefined =>
  typeof value === "object" ? value.join(", ") : value;
