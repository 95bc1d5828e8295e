import { expect, it } from "@jest/globals";
import * as ledgerCore from "./index.ts";
import * as testing from "./testing/index.ts";

it("exports what it lists and nothing else", () => {
  expect({ ledgerCore: Object.keys(ledgerCore).sort(), testing: Object.keys(testing).sort() }).toMatchInlineSnapshot(`
        {
          "ledgerCore": [
            "LOG_SEAL_ENTRIES",
            "LOG_TILE_NODES",
            "LedgerError",
            "LogFrontier",
            "MAX_ACCOUNTS_PER_CALL",
            "MAX_GROUP_OPERATIONS",
            "MAX_ID_LENGTH",
            "MAX_PAGE_ROWS",
            "MAX_TOTAL",
            "SEAL_ATTEMPTS",
            "SparseLog",
            "accountDiffers",
            "assertAccountSpecs",
            "assertGroup",
            "assertLogRange",
            "assertPageSize",
            "assertTimeMs",
            "assertVersion",
            "availableBalance",
            "consistencyPath",
            "createMemoryLedger",
            "differenceOf",
            "entryBytes",
            "entryText",
            "expireDueHolds",
            "fingerprintOf",
            "importJournal",
            "inclusionPath",
            "leafHash",
            "ledgerDigest",
            "plainOperation",
            "postedBalance",
            "rangeHashes",
            "reconcileCardStream",
            "refusal",
            "rootAt",
            "treeHead",
            "upTo",
            "verifyConsistency",
            "verifyInclusion",
          ],
          "testing": [
            "ledgerConformance",
          ],
        }
    `);
});
