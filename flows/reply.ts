import type { Reply, Understood } from "./answers/answer.ts";
import { kindOf } from "./answers/index.ts";
import { BrokenFlow } from "./broken.ts";
import { type Command, commandOf } from "./command.ts";
import { type Ask, DEFAULT_TRIES, MAX_ANSWERS, MAX_BACK } from "./flow.ts";
import { fold } from "./fold.ts";
import { passes, specNow } from "./offered.ts";
import { OFFER } from "./opinions.ts";
import { privacyOf } from "./participation.ts";
import { emit, finish, own, type Place, placeAt, type Run, send, sibling, waitAt } from "./run.ts";
import { ask, hearingOf, phrase, say } from "./say.ts";
import { namesOf, wordToWrite } from "./words/index.ts";

/** Where the run goes on; undefined when the turn is over. */
export type Onward = Place | undefined;

/** A reply to the open question: a word of command, an answer, or neither. */
export function hearReply(run: Run, place: Place, step: Ask, reply: Reply): Onward {
  const folded = fold(reply.text);
  const spec = specNow(run, place, step);
  const kind = kindOf(spec);
  const hearing = hearingOf(run, place);
  const command = step.literal ? undefined : commandOf(place.flow, folded);
  const outright = command && kind.exact?.(spec, folded, reply, hearing);
  if (command && !outright) {
    if (command.kind !== "skip") return obey(run, place, step, command);
    if (step.optional) return answered(run, place, step, skipped(step), reply);
    return askAgain(run, place, step, { ok: false, phrase: "must_answer" }, reply);
  }
  const understood = kind.parse(spec, reply, hearing);
  if (!understood.ok) return askAgain(run, place, step, understood, reply);
  return passes(run, place, step, understood.value)
    ? answered(run, place, step, understood, reply)
    : askAgain(run, place, step, { ok: false, phrase: "must_answer" }, reply);
}

const skipped = (step: Ask): Answered => ({ ok: true, value: step.default ?? { skipped: true } });

function obey(run: Run, place: Place, step: Ask, command: Exclude<Command, { kind: "skip" }>): Onward {
  switch (command.kind) {
    case "stop":
      send(run, phrase(run, place, "left"));
      finish(run, "stopped");
      return undefined;
    case "language": {
      const { language } = command;
      if (language === undefined)
        run.lead = phrase(run, place, "languages", { languages: languagesOf(place) });
      else if (language !== run.language) {
        run.language = language;
        emit(run, { kind: "language", language });
      }
      // The open question once more, in the language of now. Attempts so far count no longer.
      run.tries = 0;
      ask(run, place, step, say(run, place, step.text));
      return undefined;
    }
    case "back": {
      const last = run.trail.pop();
      run.tries = 0;
      if (last === undefined) {
        run.lead = phrase(run, place, "first_question");
        return place;
      }
      forget(run, last);
      return placeAt(run, last);
    }
    case "restart":
      for (const question of Object.keys(run.answers)) forget(run, question);
      run.trail = [];
      run.variables = {};
      run.tries = 0;
      return placeAt(run, rootStart(run));
  }
}

function rootStart(run: Run): string {
  const flow = run.library.get(run.flow, run.version);
  if (!flow) throw new BrokenFlow(`flow "${run.flow}" has no version ${run.version}`);
  return flow.start;
}

function forget(run: Run, question: string): void {
  if (own(run.answers, question) === undefined) return;
  delete run.answers[question];
  emit(run, { kind: "forget", question });
}

type Answered = Extract<Understood, { ok: true }>;

function answered(run: Run, place: Place, step: Ask, { value, unsure }: Answered, reply: Reply): Onward {
  const question = place.path;
  if (own(run.answers, question) === undefined && Object.keys(run.answers).length >= MAX_ANSWERS)
    throw new BrokenFlow(`more than ${MAX_ANSWERS} answers in one session`);
  run.answers[question] = value;
  run.trail.push(question);
  if (run.trail.length > MAX_BACK) run.trail.shift();
  run.tries = 0;
  emit(run, { kind: "record", question, value, said: reply.text, language: run.language });
  if (place.path.endsWith(`/${OFFER}`) && typeof value === "string") {
    const at = place.path.slice(0, -OFFER.length - 1);
    if (placeAt(run, at).step.kind === "opinions")
      emit(run, { kind: "offer", at, text: value, language: run.language });
  }
  if (unsure) {
    const shown = kindOf(step.answer).show(step.answer, value, hearingOf(run, place));
    run.lead = phrase(run, place, "understood", { answer: shown });
  }
  return sibling(run, place, step.next);
}

/** Not understood: said so, up to the limit of tries. */
function askAgain(
  run: Run,
  place: Place,
  step: Ask,
  why: Extract<Understood, { ok: false }>,
  reply: Reply,
): Onward {
  run.tries++;
  if (run.tries >= (step.tries ?? place.flow.tries ?? DEFAULT_TRIES)) return giveUp(run, place, step, reply);
  const own =
    step.retry && !why.precise ? say(run, place, step.retry) : phrase(run, place, why.phrase, why.values);
  ask(run, place, step, step.optional ? `${own} ${orSkip(run, place)}` : own);
  return undefined;
}

function orSkip(run: Run, place: Place): string {
  const word = wordToWrite("skip", hearingOf(run, place).languages).toUpperCase();
  return phrase(run, place, "or_skip", { word });
}

function giveUp(run: Run, place: Place, step: Ask, reply: Reply): Onward {
  const tries = run.tries;
  run.tries = 0;
  if (step.giveUp !== undefined) return sibling(run, place, step.giveUp);
  const rule = step.optional ? "skip" : (place.flow.giveUp ?? "hand_over");
  if (rule === "skip") return answered(run, place, step, skipped(step), reply);
  // A question may repeat an answer, which staff read: not where privacy was promised.
  const question = privacyOf(place.flow) === "identified" ? say(run, place, step.text) : place.path;
  const reason = `"${question}" was not answered in ${tries} tries`;
  if (rule === "end") {
    finish(run, "failed", reason);
    return undefined;
  }
  // The question stays open: when staff hand the person back, any reply goes on from here.
  emit(run, { kind: "hand_over", reason });
  waitAt(run, place, step.expires ?? place.flow.expires);
  return undefined;
}

const languagesOf = (place: Place): string =>
  place.flow.languages
    .map((language) => namesOf(language)[0] ?? language)
    .map((name) => name.charAt(0).toUpperCase() + name.slice(1))
    .join(", ");
