export { startDispatcher } from "./dispatcher.ts";
export { startReconciler } from "./reconciler.ts";
