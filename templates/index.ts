export { type BroadcastTemplate, type Content, loadContent } from "./content.ts";
export type { Deployment, DeploymentLanguage } from "./deployment.ts";
export { ContentError, type Fault } from "./fault.ts";
export type { MessageKey } from "./message-keys.ts";
