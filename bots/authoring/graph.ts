import { type Edge, type Graph, instance, type Node } from "@viz-js/viz";
import { type FlowDefinition, parseSentence, type Step, stepsInOrder, waysOf } from "#flows";

/** Characters of a step's own words. */
const WORDS = 60;

const LOOKS: Readonly<Record<Step["kind"], { readonly shape: string; readonly fillcolor: string }>> = {
  ask: { shape: "box", fillcolor: "#dbeeee" },
  say: { shape: "box", fillcolor: "#ffffff" },
  branch: { shape: "diamond", fillcolor: "#fff3d6" },
  set: { shape: "note", fillcolor: "#f4f6f6" },
  call: { shape: "box3d", fillcolor: "#f4f6f6" },
  act: { shape: "component", fillcolor: "#f4f6f6" },
  wait: { shape: "ellipse", fillcolor: "#fff3d6" },
  quota: { shape: "diamond", fillcolor: "#f6dfe6" },
  opinions: { shape: "box", fillcolor: "#dbeeee" },
  end: { shape: "box", fillcolor: "#0e5a5a" },
};

/** The flow as an SVG picture, in one of its languages: steps with their words, and where each leads. */
export async function drawFlow(flow: FlowDefinition, language: string): Promise<string> {
  const viz = await instance();
  const names = [...new Set([...stepsInOrder(flow), ...Object.keys(flow.steps)])];
  const graph: Graph = {
    graphAttributes: { rankdir: "TB", bgcolor: "white", nodesep: 0.3, ranksep: 0.4 },
    nodeAttributes: {
      fontname: "Helvetica,Arial,sans-serif",
      fontsize: 11,
      style: "rounded,filled",
      margin: "0.25,0.08",
    },
    edgeAttributes: { fontname: "Helvetica,Arial,sans-serif", fontsize: 9, color: "#4a5a5a" },
    nodes: names.flatMap((name) => {
      const step = flow.steps[name];
      return step ? [nodeOf(flow, name, step, language)] : [];
    }),
    edges: names.flatMap((name) => {
      const step = flow.steps[name];
      return step ? edgesOf(name, step) : [];
    }),
  };
  return viz.renderString(graph, { format: "svg" });
}

function nodeOf(flow: FlowDefinition, name: string, step: Step, language: string): Node {
  const words = wordsOf(step, flow, language);
  const label = [name === flow.start ? `▶ ${name}` : name, ...wrapped(words)].join("\n");
  return {
    name,
    attributes: {
      label,
      ...LOOKS[step.kind],
      ...(step.kind === "end" ? { fontcolor: "white" } : {}),
      tooltip: words || name,
    },
  };
}

function wordsOf(step: Step, flow: FlowDefinition, language: string): string {
  const shown = (text: Readonly<Record<string, string>>): string => {
    const source = text[language] ?? text[flow.languages[0] ?? ""] ?? Object.values(text)[0] ?? "";
    return parseSentence(source, language).render((name) => `{${name}}`);
  };
  switch (step.kind) {
    case "say":
      return shown(step.text);
    case "ask":
      return `${shown(step.text)} [${step.answer.type}]`;
    case "end":
      return step.text ? shown(step.text) : "";
    case "set":
      return Object.entries(step.values)
        .map(([name, value]) => `${name} = ${value}`)
        .join("; ");
    case "call":
      return `flow ${step.flow}`;
    case "wait":
      return step.duration;
    case "act":
      return step.acts
        .map((deed) => (deed.do === "join" || deed.do === "leave" ? `${deed.do} ${deed.group}` : deed.do))
        .join("; ");
    case "opinions":
      return `${Object.keys(step.statements).length} statements${step.offer ? " and own ones" : ""}`;
    case "quota":
      return step.cells.map(({ name, limit }) => `${name}: ${limit}`).join("; ");
    case "branch":
      return "";
  }
}

/** At most two lines of thirty characters. */
function wrapped(words: string): readonly string[] {
  const short = words.length > WORDS ? `${words.slice(0, WORDS - 1).toWellFormed()}…` : words;
  const line = short.replace(/\s+/g, " ").trim();
  if (line.length <= WORDS / 2) return line === "" ? [] : [line];
  const middle = line.lastIndexOf(" ", WORDS / 2);
  return middle > 0 ? [line.slice(0, middle), line.slice(middle + 1)] : [line];
}

function edgesOf(name: string, step: Step): readonly Edge[] {
  return waysOf(step).map(({ to, at }) => {
    const label = meaningOf(step, at);
    const aside = ["giveUp", "expired"].includes(String(at[0]));
    return {
      tail: name,
      head: to,
      attributes: { ...(label ? { label } : {}), ...(aside ? { style: "dashed" } : {}) },
    };
  });
}

function meaningOf(step: Step, at: readonly (string | number)[]): string {
  const [key, index] = at;
  if (step.kind === "branch")
    return key === "otherwise" ? "otherwise" : (step.cases[Number(index)]?.when ?? "");
  if (key === "giveUp") return "not understood";
  if (key === "expired") return "no answer";
  if (key === "replied") return "replied";
  if (key === "full") return "full";
  return step.kind === "wait" ? `after ${step.duration}` : "";
}
