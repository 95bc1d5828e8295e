// A store in memory, and what every store must do
export { type MemoryAction, MemorySenderStore } from "./memory-sender-store.ts";
export {
  type SenderStoreCase,
  senderStoreCases,
  type SenderStoreFactory,
  type SenderStoreTrial,
} from "./sender-store-cases.ts";

// A node in memory
export { ScriptedNode, scriptedSigner, type ScriptedTransaction } from "./scripted-node.ts";
