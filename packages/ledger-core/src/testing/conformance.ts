import type { LedgerEngine } from "../engine.ts";
import { accountCases } from "./account-cases.ts";
import { groupCases } from "./group-cases.ts";
import { historyCases } from "./history-cases.ts";
import { holdCases } from "./hold-cases.ts";
import { propertyCases } from "./property-cases.ts";
import { reversalCases } from "./reversal-cases.ts";

/** Makes a ledger with nothing in it; called once or more in every case. */
export type EngineFactory = () => Promise<LedgerEngine>;

/** One rule of the port. `run` rejects with an AssertionError where the engine breaks it. */
export interface LedgerConformanceCase {
  readonly name: string;
  run(createEngine: EngineFactory): Promise<void>;
}

/** All rules that every engine keeps; run each in a test of its own. */
export const ledgerConformance: readonly LedgerConformanceCase[] = [
  ...accountCases,
  ...groupCases,
  ...holdCases,
  ...reversalCases,
  ...historyCases,
  ...propertyCases,
];
