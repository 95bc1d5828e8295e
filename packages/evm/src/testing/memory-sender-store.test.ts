import { describe, it } from "@jest/globals";
import { MemorySenderStore } from "./memory-sender-store.ts";
import { senderStoreCases, type SenderStoreTrial } from "./sender-store-cases.ts";

async function create(): Promise<SenderStoreTrial> {
  const store = new MemorySenderStore();
  let ids = 0;
  return {
    // The cases hand the store its own actions back, and no others.
    store: store as unknown as SenderStoreTrial["store"],
    plan: async (call) => {
      ids += 1;
      return store.plan(`0x${ids}`, call);
    },
    reopen: async () => store as unknown as SenderStoreTrial["store"],
    keepsPlans: true,
    plansAgain: true,
  };
}

describe("the sender's store in memory", () => {
  it.each(senderStoreCases.map((each) => [each.name, each] as const))("%s", async (_, { run }) => {
    await run(create);
  });
});
