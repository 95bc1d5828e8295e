// The tests that every engine must pass
export { ledgerConformance, type EngineFactory, type LedgerConformanceCase } from "./conformance.ts";
