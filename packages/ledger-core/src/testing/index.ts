// The tests that every engine must pass
export { ledgerConformance } from "./conformance.ts";
export type { EngineFactory, LedgerConformanceCase } from "./conformance-case.ts";
