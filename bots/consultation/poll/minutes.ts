import { type FlowDefinition, privacyOf } from "#flows";
import { findConsultation, findFlowVersion, listEligible, type Response } from "#storage";
import type { Deployment } from "#templates";
import { labelOf } from "../export/columns.ts";
import { questionsOf } from "../questions.ts";
import { type Reader, responsesOf } from "../responses.ts";
import { type ConsultationResults, consultationResults } from "../results.ts";
import { turnoutOf } from "./turnout.ts";

/**
 * The minutes of a poll as Markdown: who could vote, whether enough did, what was decided; of an open ballot also who
 * voted how. Undefined: no such consultation, or one that everybody may take part in.
 */
export async function minutesOf(
  reader: Reader,
  id: string,
  {
    defaultLanguage,
    timezone,
    municipality,
  }: Pick<Deployment, "defaultLanguage" | "timezone" | "municipality">,
): Promise<string | undefined> {
  const consultation = await findConsultation(reader.db, id);
  const flow =
    consultation && (await findFlowVersion(reader.db, consultation.flow, consultation.flowVersion));
  const results = await consultationResults(reader, id, defaultLanguage);
  if (!consultation || !flow?.voters || !results) return undefined;
  const turnout = await turnoutOf(reader.db, id, flow, results.completed);
  if (!turnout) return undefined;
  const at = (time: string | null): string =>
    time === null
      ? "still open"
      : new Date(time).toLocaleString("en-ZA", { timeZone: timezone, dateStyle: "long", timeStyle: "short" });
  const secret = privacyOf(flow) !== "identified";
  return [
    `# ${consultation.title}`,
    "",
    `${municipality}. Poll of ${flow.voters.group}, by ${secret ? "secret" : "open"} ballot, from ${at(consultation.openedAt)} to ${at(consultation.closedAt)}.`,
    "",
    `${turnout.eligible} could vote, ${turnout.voted} did; ${turnout.quorum} are needed. ${turnout.met ? "The poll decides." : "**Too few voted: the poll decides nothing.**"}`,
    "",
    ...(results.withheld > 0 ? ["Votes are shown once the poll has ended.", ""] : []),
    ...results.questions.flatMap((question) => resultLines(question, turnout.met)),
    ...(secret ? [] : await votersLines(reader, consultation, flow, defaultLanguage)),
  ].join("\n");
}

function resultLines(
  { title, answered, counts }: ConsultationResults["questions"][number],
  decides: boolean,
): readonly string[] {
  if (counts.length === 0) return [];
  const most = Math.max(...counts.map(({ n }) => n));
  const first = counts.filter(({ n }) => n === most && n > 0);
  const outcome =
    first.length === 1
      ? `Most votes: **${first[0]?.label}**.`
      : first.length === 0
        ? "Nobody voted."
        : `A tie between ${first.map(({ label }) => `**${label}**`).join(" and ")}: the chair decides by the committee's rules.`;
  return [
    `## ${title}`,
    "",
    "| choice | votes |",
    "| --- | --- |",
    ...counts.map(({ label, n }) => `| ${label.replaceAll("|", "/")} | ${n} |`),
    `| all | ${answered} |`,
    "",
    ...(decides ? [outcome, ""] : []),
  ];
}

async function votersLines(
  reader: Reader,
  consultation: { readonly id: string } & Parameters<typeof questionsOf>[1],
  flow: FlowDefinition,
  language: string,
): Promise<readonly string[]> {
  const voted = new Map<string, Response>();
  for await (const response of responsesOf(reader, consultation, flow))
    if (response.status === "completed" && response.counted && response.contact !== null)
      voted.set(response.contact, response);
  const { questions } = await questionsOf(reader.db, consultation);
  const closed = questions.filter(({ ask }) =>
    ["choice", "choices", "yes_no", "scale"].includes(ask.answer.type),
  );
  const members = await listEligible(reader.db, consultation.id);
  return [
    "## Votes",
    "",
    `| member | ${closed.map(({ id }) => id).join(" | ")} |`,
    `| --- | ${closed.map(() => "---").join(" | ")} |`,
    ...members.map(({ contact, name }) => {
      const answers = voted.get(contact)?.answers ?? [];
      const cells = closed.map(({ id, ask }) => {
        const answer = answers.find(({ question }) => question === id);
        return answer ? labelOf(ask, answer.value, language) : "–";
      });
      return `| ${[name, ...cells].map((cell) => cell.replaceAll("|", "/")).join(" | ")} |`;
    }),
    "",
  ];
}
