import { accountCases } from "./account-cases.ts";
import type { LedgerConformanceCase } from "./conformance-case.ts";
import { groupCases } from "./group-cases.ts";
import { historyCases } from "./history-cases.ts";
import { holdCases } from "./hold-cases.ts";
import { logCases } from "./log-cases.ts";
import { propertyCases } from "./property-cases.ts";
import { reversalCases } from "./reversal-cases.ts";

/** All rules that every engine keeps; run each in a test of its own. */
export const ledgerConformance: readonly LedgerConformanceCase[] = [
  ...accountCases,
  ...groupCases,
  ...holdCases,
  ...reversalCases,
  ...historyCases,
  ...logCases,
  ...propertyCases,
];
