import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type BroadcastTemplate,
  type FlowDefinition,
  type Guidelines,
  NO_GUIDELINES,
  type Protocol,
} from "#flows";
import { broadcastKind } from "./broadcast.ts";
import { type PlannedItem, readCalendar } from "./calendar.ts";
import { type Deployment, readDeployment } from "./deployment.ts";
import { ContentError, type Fault } from "./fault.ts";
import { checkFlowsTogether, flowKind } from "./flow.ts";
import { readGuidelines } from "./guidelines.ts";
import { type Instruments, NO_INSTRUMENTS, readInstruments } from "./instruments.ts";
import type { Kind, Loaded } from "./kind.ts";
import type { MessageKey } from "./message-keys.ts";
import { type MessageFile, openMessages, readMessages } from "./messages.ts";
import { protocolKind } from "./protocol.ts";
import { readYaml, type YamlFile } from "./yaml.ts";

/** Everything that staff can edit in files, read and checked once at start. */
export interface Content {
  readonly folder: string;
  readonly deployment: Deployment;
  readonly flows: ReadonlyMap<string, FlowDefinition>;
  readonly protocols: ReadonlyMap<string, Protocol>;
  readonly broadcasts: ReadonlyMap<string, BroadcastTemplate>;
  readonly instruments: Instruments;
  /** How the municipality wants its messages to be. */
  readonly guidelines: Guidelines;
  /** What is planned for the year. */
  readonly calendar: readonly PlannedItem[];
  /** A sentence of the system's own in this language, or in the nearest that has it. */
  say(key: MessageKey, language: string, values?: Readonly<Record<string, string | number>>): string;
}

/** As it was read from its folder. */
export interface LoadedContent extends Content {
  /** What does not keep a flow from being published: a missing translation that another stands in for. */
  readonly warnings: readonly Fault[];
}

/** Reads a templates folder. Throws {@link ContentError} with every fault of every file. */
export async function loadContent(folder: string): Promise<LoadedContent> {
  const faults: Fault[] = [];
  const [deploymentFile] = await readFiles(folder, ["deployment.yaml"], faults);
  const deployment = deploymentFile && readDeployment(deploymentFile);
  if (!deployment) throw new ContentError(folder, faults);

  const messageFiles = (await readFolder(folder, "messages", faults))
    .map((file) => readMessages(file, deployment))
    .filter((file): file is MessageFile => file !== undefined);
  const flows = await readKind(folder, flowKind, deployment, faults);
  const warnings = checkFlowsTogether(flows, deployment);
  const instruments = await readInstrumentsIn(folder, faults);
  for (const { file, value } of flows.values()) checkInstrument(file, value, instruments);
  const protocols = await readKind(folder, protocolKind, deployment, faults);
  const broadcasts = await readKind(folder, broadcastKind, deployment, faults);
  const guidelines = await readGuidelinesIn(folder, deployment, faults);
  const calendar = await readCalendarIn(folder, faults);
  const say = openMessages(messageFiles, deployment, faults);
  if (faults.length > 0)
    throw new ContentError(
      folder,
      faults.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line),
    );
  return {
    folder,
    deployment,
    flows: valuesOf(flows),
    protocols: valuesOf(protocols),
    broadcasts: valuesOf(broadcasts),
    instruments,
    guidelines,
    calendar,
    warnings,
    say,
  };
}

/** One flow's file, wherever it lies, among the other content that it needs. */
export interface FlowFile {
  readonly flow: FlowDefinition;
  readonly warnings: readonly Fault[];
}

/** Reads a flow that is being written. Throws {@link ContentError} with every fault of the file. */
export async function loadFlowFile(path: string, around: Content): Promise<FlowFile> {
  const faults: Fault[] = [];
  const [file] = await readFiles(".", [path], faults);
  const flow = file && flowKind.read(file, around.deployment);
  if (!file || !flow) throw new ContentError(path, faults);
  const loaded = new Map([[flow.id, { file, value: flow }]]);
  const warnings = checkFlowsTogether(loaded, around.deployment, around.flows);
  checkInstrument(file, flow, around.instruments);
  if (faults.length > 0) throw new ContentError(path, faults);
  return { flow, warnings };
}

/** A folder without the file has no statutory consultations. */
async function readInstrumentsIn(folder: string, faults: Fault[]): Promise<Instruments> {
  if (!(await readdir(folder)).includes("instruments.yaml")) return NO_INSTRUMENTS;
  const [file] = await readFiles(folder, ["instruments.yaml"], faults);
  return (file && readInstruments(file)) ?? NO_INSTRUMENTS;
}

/** A folder without the file has no rules of its own. */
async function readGuidelinesIn(
  folder: string,
  deployment: Deployment,
  faults: Fault[],
): Promise<Guidelines> {
  if (!(await readdir(folder)).includes("guidelines.yaml")) return NO_GUIDELINES;
  const [file] = await readFiles(folder, ["guidelines.yaml"], faults);
  return file ? readGuidelines(file, deployment) : NO_GUIDELINES;
}

async function readCalendarIn(folder: string, faults: Fault[]): Promise<readonly PlannedItem[]> {
  if (!(await readdir(folder)).includes("calendar.yaml")) return [];
  const [file] = await readFiles(folder, ["calendar.yaml"], faults);
  return file ? readCalendar(file) : [];
}

function checkInstrument(file: YamlFile, { instrument }: FlowDefinition, { byId }: Instruments): void {
  if (instrument === undefined || byId.has(instrument)) return;
  file.fault(
    ["instrument"],
    `"${instrument}" is not in instruments.yaml`,
    byId.size > 0
      ? `use one of: ${[...byId.keys()].join(", ")}`
      : "add it there, with its days and its source",
  );
}

async function readKind<T>(
  folder: string,
  kind: Kind<T>,
  deployment: Deployment,
  faults: Fault[],
): Promise<ReadonlyMap<string, Loaded<T>>> {
  const loaded = new Map<string, Loaded<T>>();
  for (const file of await readFolder(folder, kind.folder, faults)) {
    const value = kind.read(file, deployment);
    if (value !== undefined) loaded.set(file.id, { file, value });
  }
  return loaded;
}

const valuesOf = <T>(loaded: ReadonlyMap<string, Loaded<T>>): ReadonlyMap<string, T> =>
  new Map([...loaded].map(([id, { value }]) => [id, value]));

async function readFolder(folder: string, name: string, faults: Fault[]): Promise<readonly YamlFile[]> {
  const names = await readdir(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const paths = names.filter((file) => /\.ya?ml$/.test(file)).map((file) => `${name}/${file}`);
  return readFiles(folder, paths.toSorted(), faults);
}

async function readFiles(folder: string, paths: readonly string[], faults: Fault[]): Promise<YamlFile[]> {
  const files: YamlFile[] = [];
  for (const path of paths) {
    try {
      const file = readYaml(path, await readFile(resolve(folder, path), "utf8"), faults);
      if (file) files.push(file);
    } catch (error) {
      faults.push({
        file: path,
        line: 1,
        what: `cannot be read: ${error instanceof Error ? error.message.replace(/,[^,]*$/, "") : String(error)}`,
        remedy: "check that the file exists and may be read",
      });
    }
  }
  return files;
}
