import { checkFlow, type FlowDefinition, type FlowFault, type Step } from "#flows";
import type { Deployment } from "./deployment.ts";
import type { Fault } from "./fault.ts";
import { FLOW } from "./flow-schema.ts";
import { readStep, type StepContext, toText } from "./flow-step.ts";
import type { Kind, Loaded } from "./kind.ts";
import type { NodePath, YamlFile } from "./yaml.ts";

/** flows/<id>.yaml. Checks that need the other flows follow in {@link checkFlowsTogether}. */
export const flowKind: Kind<FlowDefinition> = {
  folder: "flows",
  read(file, deployment) {
    const raw = file.shape(FLOW);
    if (!raw) return undefined;
    const [language = deployment.defaultLanguage] = raw.languages;
    if (raw.id !== undefined && raw.id !== file.id)
      file.fault(
        ["id"],
        `the id is "${raw.id}" in a file called ${file.id}`,
        "make them the same, or remove id",
      );
    for (const code of raw.languages)
      if (!deployment.languages.some((each) => each.code === code))
        file.fault(["languages"], `${code} is no language of this deployment`, "add it to deployment.yaml");
    for (const keyword of raw.keywords)
      if (!/^[\p{L}\p{N}]{2,20}( [\p{L}\p{N}]{1,20}){0,2}$/u.test(keyword))
        file.fault(["keywords"], `"${keyword}" is no keyword`, "one to three words of letters and digits");

    const names = Object.keys(raw.steps);
    const steps: Record<string, Step> = {};
    let whole = true;
    names.forEach((name, index) => {
      const context: StepContext = { file, name, language, below: names[index + 1] ?? "" };
      const step = readStep(context);
      if (step) steps[name] = step;
      else whole = false;
    });
    if (!whole || names.length === 0) {
      if (names.length === 0) file.fault(["steps"], "there is no step", "add one");
      return undefined;
    }
    const { title, keywords, languages, defaults, words, start, steps: _read, ...settings } = raw;
    return {
      id: file.id,
      title: toText(title, language),
      keywords,
      languages,
      ...definedOnly(settings),
      ...(defaults ? { defaults: mapValues(defaults, (text) => toText(text, language)) } : {}),
      ...(words ? { words: definedOnly(words) } : {}),
      start: start ?? names[0] ?? "",
      steps,
    };
  },
};

/** What can only be seen with all flows at hand: calls, and keywords that two things claim. Gives the warnings. */
export function checkFlowsTogether(
  loaded: ReadonlyMap<string, Loaded<FlowDefinition>>,
  deployment: Deployment,
  published: ReadonlyMap<string, FlowDefinition> = new Map(),
): readonly Fault[] {
  const flows = new Map([...published, ...[...loaded].map(([id, { value }]) => [id, value] as const)]);
  const { stop, start, help } = deployment.keywords;
  const taken = new Map<string, string>([...stop, ...start, ...help].map((word) => [word, "the deployment"]));
  for (const { code, keywords } of deployment.languages)
    for (const word of keywords) taken.set(word, `the choice of ${code}`);
  for (const [id, { keywords }] of published)
    if (!loaded.has(id)) for (const word of keywords) taken.set(word, `flow ${id}`);
  const warnings: Fault[] = [];
  for (const [id, { file, value }] of loaded) {
    for (const keyword of value.keywords) {
      const other = taken.get(keyword);
      if (other)
        file.fault(["keywords"], `${keyword} is already a keyword of ${other}`, "choose another word");
      taken.set(keyword, `flow ${id}`);
    }
    for (const fault of checkFlow(value, { flows })) {
      const at = inYaml(fault.at, file);
      const { what, remedy } = fault;
      if (fault.severity === "error") file.fault(at, what, remedy);
      else warnings.push({ file: file.path, line: file.lineOf(at), what, remedy });
    }
  }
  return warnings;
}

/** A place in the definition as a place in the file. */
function inYaml(at: FlowFault["at"], file: YamlFile): NodePath {
  const [root, name, key, ...inside] = at;
  if (root !== "steps" || name === undefined || key === undefined) return at;
  const step = file.shape(FLOW)?.steps[String(name)] ?? {};
  const kind =
    ["say", "ask", "branch", "set", "call", "act", "wait", "quota", "opinions", "end"].find(
      (each) => each in step,
    ) ?? "";
  if (key === "answer") return [root, name, ...inside];
  const renamed: Record<string, string> = {
    text: kind,
    cases: "branch",
    values: "set",
    acts: "act",
    duration: "wait",
    flow: "call",
    cells: "quota",
    statements: "opinions",
  };
  return [root, name, renamed[String(key)] ?? key, ...inside];
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the keys whose value is undefined. */
function definedOnly<T extends object>(values: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >;
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
