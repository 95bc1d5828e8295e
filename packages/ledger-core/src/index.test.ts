import { expect, it } from "@jest/globals";
import * as ledgerCore from "./index.ts";
import * as testing from "./testing/index.ts";

it("exports what it lists and nothing else", () => {
  expect({ ledgerCore: Object.keys(ledgerCore).sort(), testing: Object.keys(testing).sort() }).toMatchInlineSnapshot(`
   {
     "ledgerCore": [
       "LedgerError",
       "MAX_ACCOUNTS_PER_CALL",
       "MAX_GROUP_OPERATIONS",
       "MAX_ID_LENGTH",
       "MAX_PAGE_ROWS",
       "MAX_TOTAL",
       "accountDiffers",
       "assertAccountSpecs",
       "assertGroup",
       "assertPageSize",
       "assertTimeMs",
       "assertVersion",
       "availableBalance",
       "createMemoryLedger",
       "differenceOf",
       "expireDueHolds",
       "fingerprintOf",
       "importJournal",
       "ledgerDigest",
       "plainOperation",
       "postedBalance",
       "reconcileCardStream",
       "refusal",
     ],
     "testing": [
       "ledgerConformance",
     ],
   }
  `);
});
