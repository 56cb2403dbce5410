#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { ROLES, SCOPES, WEBHOOK_EVENTS } from "#storage";
import { ContentError } from "#templates";
import { createKey, listKeys, revokeKey } from "./cli/api-key.ts";
import { auditVerify } from "./cli/audit.ts";
import { listBroadcasts, showBroadcastReport } from "./cli/broadcast.ts";
import { countBudgetVote, recountBudgetVote } from "./cli/budget.ts";
import { showCalendar } from "./cli/calendar.ts";
import { checkContent } from "./cli/check.ts";
import { consoleLink } from "./cli/console-link.ts";
import { eraseContactOf, exportContact } from "./cli/contact.ts";
import { doctor } from "./cli/doctor.ts";
import { exportAnswers } from "./cli/export.ts";
import { checkFlowFile, drawFlowFile, tryFlowFile } from "./cli/flow.ts";
import { health } from "./cli/health.ts";
import { importContactsFile, mapping } from "./cli/import.ts";
import { importFormFile } from "./cli/import-form.ts";
import { runMigrations } from "./cli/migrate.ts";
import { showResults } from "./cli/results.ts";
import { serve, start, work } from "./cli/run.ts";
import { listTeam, memberLeaves, setMember, several } from "./cli/staff.ts";
import { addWebhook, listWebhooks, retireWebhook, retryWebhook, rotateWebhook } from "./cli/webhook.ts";
import { ConfigError } from "./config.ts";
import { StartError } from "./open-app.ts";

/** Exit codes: 0 done, 1 failed, 2 wrong use. */
const FAILED = 1;
const WRONG_USE = 2;

const version = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;

const program = new Command("saypro")
  .description("A municipality talks with its people: consultations, broadcasts and crisis protocols.")
  .version(version)
  .exitOverride()
  .showSuggestionAfterError()
  .addHelpText(
    "after",
    `
Examples:
  $ saypro start             everything in one process; without carriers, the sandbox
  $ saypro doctor            what is missing for going live
  $ saypro audit verify      has anybody touched the record?`,
  );

program
  .command("start")
  .description("server and worker in one process; the sandbox too when no carrier is configured")
  .option("--fresh", "throw the embedded data away and begin anew")
  .action(start);
program.command("serve").description("the HTTP process: webhooks, Slack, API, console").action(serve);
program.command("worker").description("the background process: sends, timers, reconciler").action(work);
program
  .command("migrate")
  .description("bring the database's schema up to date")
  .option("--json")
  .action(runMigrations);
program
  .command("check")
  .description("check the templates folder: flows, protocols, messages")
  .argument("[folder]", "default: TEMPLATES_DIR, else the templates that come with the program")
  .option("--json")
  .action(checkContent);
program.command("doctor").description("say what is missing for going live").option("--json").action(doctor);
program
  .command("health")
  .description("exit 0 when the worker of this host lives, or the program that runs here is ready; else 1")
  .action(health);
const taking = program
  .command("import")
  .description("take people in from a file, or a form that was written elsewhere");
taking
  .command("contacts")
  .description("from CSV or Excel; rows with faults go to a report that can be corrected and imported")
  .argument("<file>")
  .requiredOption("--consent-source <words>", "how these people agreed to be written to; kept as proof")
  .option(
    "--map <header=field>",
    "what a column is: phone, whatsapp, name, …, or - to leave it out",
    mapping,
    new Map(),
  )
  .option("--sheet <name>", "of a workbook; default: the first that has a column of numbers")
  .option("--report <file>", "where faulty rows go; default: beside the file, ending in .faults.csv")
  .option("--dry-run", "check everything, change nothing")
  .option("--json")
  .action(importContactsFile);
taking
  .command("xlsform")
  .description("a flow from an XLSForm workbook; what cannot work is listed by sheet and row")
  .argument("<file>")
  .option(
    "--output <file>",
    "the flow's file, such as templates/flows/my-survey.yaml; without it to standard output",
  )
  .option("--keyword <words>", "words that citizens send to join", several)
  .option("--json")
  .action(importFormFile);
program
  .command("results")
  .description("what a consultation's answers say and how far they can be trusted; as text, JSON or PDF")
  .argument("<consultation>", "its id")
  .option(
    "--margins <file>",
    "CSV with variable, category, share: weighted to the population, beside unweighted",
  )
  .option("--by <variable>", "a question with one answer, language or channel: a table for each question")
  .option("--population <n>", "how many could have taken part")
  .option("--published", "for everybody: small counts hidden, quotes only of those who allowed it")
  .option("--pdf <file>")
  .option("--json")
  .action(showResults);
const broadcast = program.command("broadcast").description("what became of broadcasts");
broadcast
  .command("list")
  .description("the last that were sent")
  .option("--json", "a line each")
  .action(listBroadcasts);
broadcast
  .command("report")
  .description("reach by channel, language, ward and group, times, cost, opt-outs, replies")
  .argument("<broadcast>", "its id")
  .option("--csv <file>", "every recipient, with what became of the message")
  .option("--pdf <file>")
  .option("--json")
  .action(showBroadcastReport);
const budget = program.command("budget").description("participatory budgets: who is paid, and proof of it");
budget
  .command("count")
  .description("of a consultation with a question that has a budget")
  .argument("<consultation>", "its id")
  .option("--rule <rule>", "equal-shares or greedy", "equal-shares")
  .option("--question <name>", "where several questions have a budget")
  .option("--seed <words>", "published before the vote closed; without it the consultation's id")
  .option("--paper <file>", "paper ballots as CSV: station, ballot, projects")
  .option("--tallies <file>", "what stations counted, as CSV: station, ballots, project, votes (greedy only)")
  .option("--pb <file>", "writes the vote in the Pabulib format, without names")
  .option("--json")
  .action(countBudgetVote);
budget
  .command("recount")
  .description("the same from a published .pb file")
  .argument("<file>")
  .option("--rule <rule>", "equal-shares or greedy; without it the one that the file names")
  .option("--seed <words>", "where the file has none")
  .option("--json")
  .action(recountBudgetVote);
program
  .command("calendar")
  .description("what is planned and what is to come: broadcasts, consultations, town halls")
  .option("--from <day>", "default: today")
  .option("--until <day>", "default: a year")
  .option("--link", "the secret address of the feed for calendar programs")
  .option("--new-link", "another address; the old one works no longer")
  .option("--json")
  .action(showCalendar);
const audit = program.command("audit").description("the audit chain");
audit
  .command("verify")
  .description("find a changed, removed or reordered entry")
  .option("--json")
  .action(auditVerify);
const flow = program.command("flow").description("for who writes consultations: one flow file at a time");
flow
  .command("check")
  .description("faults with their lines, missing languages, and what its texts cost by SMS")
  .argument("<file>")
  .option("--json")
  .action(checkFlowFile);
flow
  .command("try")
  .description("a conversation with it in the terminal")
  .argument("<file>")
  .option("--language <code>")
  .action(tryFlowFile);
flow
  .command("graph")
  .description("its steps as an SVG picture")
  .argument("<file>")
  .option("--output <file>", "without it to standard output")
  .option("--language <code>", "of the words in it")
  .action(drawFlowFile);
const team = program.command("staff").description("who may do what, and who is called in a crisis");
team.command("list").option("--json").action(listTeam);
team
  .command("set")
  .description("adds a person, or changes what is given")
  .argument("<handle>", "short name, as protocols write it: person:<handle>")
  .option("--name <name>")
  .option("--slack <id>", "Slack member ID: U…")
  .option("--phone <number>", "for calls in a crisis")
  .option("--language <code>")
  .option("--role <roles>", `of ${ROLES.join(", ")}`, several)
  .option("--duty <duties>", "as protocols name them: standby-engineer", several)
  .option("--same-as <handle>", "another entry of the same person: together they decide once")
  .action(setMember);
team
  .command("leave")
  .description("the person may do nothing more; what they did stays on record")
  .argument("<handle>")
  .action(memberLeaves);
const keys = program.command("api-key").description("keys of other departments' systems");
keys
  .command("create")
  .description("shows the key once; only its hash is kept")
  .requiredOption("--name <system>")
  .requiredOption("--owner <handle>", "in whose name it acts: it may do no more than they")
  .requiredOption("--scope <scopes>", `of ${SCOPES.join(", ")}`, several)
  .option("--per-minute <n>", "requests that it may make; default 120")
  .option("--days <n>", "until it expires; without it, never")
  .option("--json")
  .action(createKey);
keys.command("list").option("--json").action(listKeys);
keys
  .command("revoke")
  .description("it may do nothing from now on")
  .argument("<key>", "its name, or how it begins")
  .action(revokeKey);
const webhook = program.command("webhook").description("other systems that are told what happened");
webhook
  .command("add")
  .description("shows the secret once")
  .requiredOption("--name <system>")
  .requiredOption("--url <address>")
  .requiredOption("--event <events>", `of ${WEBHOOK_EVENTS.join(", ")}`, several)
  .action(addWebhook);
webhook.command("list").option("--json").action(listWebhooks);
webhook
  .command("rotate")
  .description("a new secret; the old one signs too for a day")
  .argument("<name>")
  .action(rotateWebhook);
webhook.command("retire").description("it is told nothing more").argument("<name>").action(retireWebhook);
webhook
  .command("retry")
  .description("what was given up is tried again")
  .argument("<name>")
  .action(retryWebhook);
const contact = program.command("contact").description("a person's rights to what is held of them");
contact
  .command("export")
  .description(
    "everything that is held of one person: addresses, consents with proof, messages, answers, meetings",
  )
  .argument("<who>", "a number, an address or the contact's id")
  .option("--output <path>", "writes <path>.json and <path>.txt; without it to standard output")
  .option("--json")
  .action(exportContact);
contact
  .command("erase")
  .description("erases a person for good; without --yes it only says what would go")
  .argument("<who>", "a number, an address or the contact's id")
  .requiredOption("--reason <words>", "kept in the audit log: no name, no number")
  .option("--yes", "do it")
  .option("--json")
  .action(eraseContactOf);
program
  .command("console-link")
  .description("a one-time link to the console, for when Slack is down")
  .argument("<handle>", "whose: the handle of a member of staff")
  .action(consoleLink);

// `saypro … | head`: whoever reads has enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

program
  .command("export")
  .description("what citizens answered, as files for a spreadsheet or another system")
  .command("consultation")
  .argument("<id>", "the consultation's id")
  .requiredOption(
    "--format <format>",
    "csv, long, xlsx, jsonl, flowresults, codebook, minutes (of a committee's poll) or evidence (what council asks for)",
  )
  .option("--output <folder>", "write into this folder; without it to standard output")
  .action(exportAnswers);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : WRONG_USE;
  } else if (error instanceof ConfigError) {
    for (const fault of error.faults) process.stderr.write(`${fault}\n`);
    process.exit(FAILED);
  } else if (error instanceof StartError || error instanceof ContentError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(FAILED);
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(FAILED);
  }
}
