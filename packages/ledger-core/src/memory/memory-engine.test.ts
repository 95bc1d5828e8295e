import { describe, it } from "@jest/globals";
import { ledgerConformance } from "../testing/index.ts";
import { createMemoryLedger } from "./memory-engine.ts";

describe("the ledger in memory", () => {
  it.each(ledgerConformance.map((each) => [each.name, each] as const))("%s", async (_name, { run }) => {
    await run(async () => createMemoryLedger());
  });
});
