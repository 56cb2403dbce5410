import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { type Content, loadFlowFile } from "#templates";
import { drawFlow, openConversation, reportTexts, type TextReport } from "../authoring/index.ts";
import { readConfig } from "../config.ts";
import { openContent, StartError } from "../open-app.ts";

/** The flow that is being written, among the content that TEMPLATES_DIR names. */
async function open(path: string) {
  const content = await openContent(readConfig(process.env));
  return { content, ...(await loadFlowFile(path, content)) };
}

// ── check ───────────────────────────────────────────────────────────────────────────────────────────────

/** `saypro flow check FILE`: faults with their lines, what is missing, and what its texts cost by SMS. */
export async function checkFlowFile(path: string, options: { readonly json?: boolean }): Promise<void> {
  const { content, flow, warnings } = await open(path);
  const report = reportTexts(flow);
  const questions = Object.values(flow.steps).reduce(
    (n, step) =>
      n + (step.kind === "ask" ? 1 : step.kind === "opinions" ? Object.keys(step.statements).length : 0),
    0,
  );
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ flow: flow.id, faults: [], warnings, ...report })}\n`);
    return;
  }
  const lines = [
    ...warnings.map(({ file, line, what, remedy }) => `${file}:${line}: ${what} — ${remedy}`),
    `${flow.id} is in order: ${Object.keys(flow.steps).length} steps, ${questions} questions, ${flow.languages.join(", ")}.`,
    "",
    ...tableOf(report, flow.languages),
    "",
    ...costsOf(report, content),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function tableOf({ steps, texts }: TextReport, languages: readonly string[]): readonly string[] {
  const width = Math.max(20, ...steps.map((step) => step.length));
  const head = `${"SMS segments by step".padEnd(width)}  ${languages.map((code) => code.padStart(4)).join(" ")}`;
  const rows = steps.map((step) => {
    const cells = languages.map((language) => {
      const text = texts.find((t) => t.step === step && t.language === language);
      return (
        text ? `${text.segments.segments}${text.segments.encoding === "UCS-2" ? "u" : ""}` : "–"
      ).padStart(4);
    });
    return `${step.padEnd(width)}  ${cells.join(" ")}`;
  });
  const odd = texts.filter(({ segments }) => segments.unusual.length > 0);
  const why = odd.map(({ step, language, segments }) => {
    const signs = segments.unusual.map(({ character, replacement }) =>
      replacement ? `${character} (${replacement})` : character,
    );
    return `  u  ${step}, ${language}: ${signs.join(" ")} halves what fits into a segment`;
  });
  return [head, ...rows, ...why];
}

function costsOf({ longest }: TextReport, { deployment }: Content): readonly string[] {
  const { costs } = deployment;
  return Object.entries(longest).map(([language, segments]) => {
    const cost = (segments * costs.sms).toFixed(2);
    return `${language}: at most ${segments} segments to one person, ${costs.currency} ${cost}; to 1,000 people ${costs.currency} ${(segments * costs.sms * 1_000).toFixed(0)}`;
  });
}

// ── graph ───────────────────────────────────────────────────────────────────────────────────────────────

/** `saypro flow graph FILE`: an SVG picture, to a file or to standard output. */
export async function drawFlowFile(
  path: string,
  options: { readonly output?: string; readonly language?: string },
): Promise<void> {
  const { content, flow } = await open(path);
  const svg = await drawFlow(flow, options.language ?? content.deployment.defaultLanguage);
  if (options.output === undefined) process.stdout.write(svg);
  else {
    await writeFile(options.output, svg).catch((error: unknown) => {
      throw new StartError(`--output: cannot write ${options.output}: ${String(error)}`);
    });
    process.stderr.write(`${options.output}\n`);
  }
}

// ── try ─────────────────────────────────────────────────────────────────────────────────────────────────

const HELP = `  Write as a citizen would. The rest begins with a colon:
  :wait 2h        the clock moves on (s, m, h, d, w)
  :language zu    from the beginning, in that language
  :answers        what is understood so far
  :restart        from the beginning
  :quit`;

/** `saypro flow try FILE`: a conversation in the terminal. Lines may also be piped in. */
export async function tryFlowFile(path: string, options: { readonly language?: string }): Promise<void> {
  const { content, flow } = await open(path);
  const { timezone } = content.deployment;
  const conversation = openConversation(flow, content.flows, new Date(), timezone);
  const show = (lines: readonly string[]): void => void process.stdout.write(`${lines.join("\n")}\n`);
  const speaks = (language: string): string => {
    if (!flow.languages.includes(language))
      throw new StartError(`${language}: the flow speaks ${flow.languages.join(", ")}`);
    return language;
  };
  show([HELP, "", ...conversation.restart(options.language && speaks(options.language))]);
  const input = createInterface({ input: process.stdin, output: process.stdout, prompt: "> " });
  input.prompt();
  for await (const line of input) {
    if (line.trim() === ":quit") break;
    if (!process.stdin.isTTY) process.stdout.write(`${line}\n`);
    show(answerTo(line));
    input.prompt();
  }
  input.close();
  process.stdout.write("\n");

  function answerTo(line: string): readonly string[] {
    const [command = "", argument = ""] = line.trim().split(/\s+/, 2);
    try {
      switch (command) {
        case ":wait":
          return conversation.pass(argument);
        case ":language":
          return conversation.restart(speaks(argument));
        case ":restart":
          return conversation.restart();
        case ":answers":
          return Object.entries(conversation.answers()).map(
            ([name, value]) => `· ${name} = ${JSON.stringify(value)}`,
          );
        case ":help":
          return [HELP];
      }
      if (content.deployment.keywords.stop.includes(line.trim().toUpperCase()))
        return [`· ${line.trim()} wins over every flow: nothing more is sent to this person before START`];
      if (command.startsWith(":")) return [`· no command ${command}`, HELP];
      return conversation.ended ? ["· it has ended; :restart begins anew"] : conversation.say(line);
    } catch (error) {
      return [`· ${error instanceof Error ? error.message : String(error)}`];
    }
  }
}
