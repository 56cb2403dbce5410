import { evaluate } from "./evaluate.ts";
import type { AnswerSpec, AnswerValue, Ask } from "./flow.ts";
import { own, type Place, type Run } from "./run.ts";

/** The answers that this person can give now: only the choices whose condition holds. */
export function specNow(run: Run, place: Place, { answer }: Ask): AnswerSpec {
  if (!("choices" in answer) || answer.choices.every(({ when }) => when === undefined)) return answer;
  const choices = answer.choices.filter(
    ({ when }) => when === undefined || evaluate(run, place, when) === true,
  );
  return { ...answer, choices };
}

/** Whether an answer that was understood passes the question's check. What cannot be compared passes. */
export function passes(run: Run, place: Place, { check }: Ask, value: AnswerValue): boolean {
  if (check === undefined) return true;
  const before = own(run.answers, place.path);
  run.answers[place.path] = value;
  const verdict = evaluate(run, place, check);
  if (before === undefined) delete run.answers[place.path];
  else run.answers[place.path] = before;
  return verdict !== false;
}
