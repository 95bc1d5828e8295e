// Cards that follow a script
export { createScriptedCard } from "./scripted-card.ts";
export type { ScriptedCard, ScriptStep } from "./scripted-card.ts";

// The card's side of SCP03, on OpenSSL alone
export { opensslCmac, OpensslScp03 } from "./openssl-cards.ts";

// Recorded sessions
export { formatSession, parseSession, recordSession, replaySession } from "./session-record.ts";
export type { SessionRecord } from "./session-record.ts";
export { hexDump } from "./hex-dump.ts";

// Cards behind a virtual reader, and the tests that every reader binding must pass
export { startVirtualCard } from "./virtual/virtual-card.ts";
export type { VirtualCard, VirtualCardBehaviour, VirtualCardOptions } from "./virtual/virtual-card.ts";
export { readerConformance } from "./conformance/reader-conformance.ts";
export type { ConformanceCase, ConformanceEnvironment, ConformanceNeed } from "./conformance/reader-conformance.ts";
export { startRival } from "./virtual/rival.ts";
export type { Rival, RivalBinding } from "./virtual/rival.ts";
