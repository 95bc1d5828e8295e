import { describe, it } from "@jest/globals";
import { draft, JournalStore } from "./journal-store.ts";
import { MemorySenderStore } from "./memory-sender-store.ts";
import { senderStoreCases, type SenderStoreTrial } from "./sender-store-cases.ts";

/** The cases hand a store its own actions back, and no others. */
function port(store: MemorySenderStore | JournalStore): SenderStoreTrial["store"] {
  return store as unknown as SenderStoreTrial["store"];
}

async function createMemoryTrial(): Promise<SenderStoreTrial> {
  const store = new MemorySenderStore();
  let ids = 0;
  return {
    store: port(store),
    plan: async (call) => {
      ids += 1;
      return store.plan(`0x${ids}`, call);
    },
    reopen: async () => port(store),
    ...{ keepsPlans: true, plansAgain: true },
  };
}

async function createJournalTrial(): Promise<SenderStoreTrial> {
  const store = new JournalStore();
  return {
    store: port(store),
    plan: async (call) => ({ ...draft, call }),
    reopen: async () => port(store),
    ...{ keepsPlans: false, plansAgain: false },
  };
}

const cases = senderStoreCases.map((each) => [each.name, each] as const);

describe("the sender's store in memory", () => {
  it.each(cases)("%s", async (_, { run }) => {
    await run(createMemoryTrial);
  });
});

describe("a store whose actions begin with their bytes", () => {
  it.each(cases)("%s", async (_, { run }) => {
    await run(createJournalTrial);
  });
});
