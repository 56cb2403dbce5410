export { type Dispatcher, startDispatcher } from "./dispatcher.ts";
export { settleDoubts } from "./doubts.ts";
export { type Sweep, startReconciler } from "./reconciler.ts";
