import { afterEach, describe, it } from "@jest/globals";
import type { ActionCall, ChainAction, ChainSigner, SenderStore } from "@tallystick/evm";
import { senderStoreCases, type SenderStoreTrial } from "@tallystick/evm/testing";
import { encodeDomain } from "@tallystick/protocol";
import { domain } from "../../../test/harness/test-terminal.ts";
import { TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import { type CallAction, JournalSenderStore } from "./journal-sender-store.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

/** The cases hand over bytes that say nothing. */
const signer: ChainSigner = {
  address: new Uint8Array(20).fill(1),
  sign: () => Promise.reject(new Error("the cases sign nothing")),
  read: () => ({
    ...{ chainId: domain.chainId, nonce: 0n, to: domain.vault, data: new Uint8Array(0) },
    ...{ gas: 1n, maxFee: 1n, priorityFee: 1n, accessList: [] },
  }),
};

function planned(call: ActionCall): CallAction {
  return {
    ...{ id: "", state: "planned", call, nonce: null, gas: null, nonceTaken: false, transactions: [] },
    ...{ domainBytes: encodeDomain(domain), refund: null, purpose: "settle" },
  };
}

async function create(): Promise<SenderStoreTrial> {
  const terminal = await suite.terminal();
  // The present journal, also after the terminal was started again.
  const journal = {
    get chainCalls() {
      return terminal.gateway.journal.chainCalls;
    },
    write: <T>(work: () => T): T => terminal.gateway.journal.write(work),
  };
  // The cases hand the store its own actions back, and no others.
  const open = () => new JournalSenderStore({ journal, signer }) as SenderStore<ChainAction>;
  return {
    store: open(),
    plan: (call) => Promise.resolve(planned(call)),
    reopen: () => {
      terminal.restart();
      return Promise.resolve(open());
    },
    keepsPlans: false,
    plansAgain: false,
  };
}

describe("the journal as the sender's store", () => {
  it.each(senderStoreCases.map((each) => [each.name, each] as const))("%s", async (_, { run }) => {
    await run(create);
  });
});
