// Time that passes when a test wants it
export { ManualTimer, settled } from "./manual-timer.ts";

// An API beside its description
export { type ApiCall, type ApiDocument, callsOf } from "./api/api-document.ts";
export { ApiWitness, type WatchedServer } from "./api/api-witness.ts";
export { type CallExample, type CallExamples, exampleFault } from "./api/call-examples.ts";
export {
  assertCommitted,
  committedDocument,
  type CommittedReference,
  rewriteCommitted,
} from "./api/committed-reference.ts";
