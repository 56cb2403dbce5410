export { type Content, type LoadedContent, loadContent, loadFlowFile } from "./content.ts";
export type { Deployment, DeploymentLanguage } from "./deployment.ts";
export { ContentError, type Fault } from "./fault.ts";
export type { MessageKey } from "./message-keys.ts";
export { DEFAULT_SENDING } from "./sending.ts";
