import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { feePolicy } from "@tallystick/evm";
import { connectVault, useVault, type VaultChain } from "../src/chain/calls/vault-chain.ts";
import { claim, type ClaimEvent } from "../src/claim/claim.ts";
import type { Patience } from "../src/claim/wait-for-call.ts";
import type { ServedDomain } from "../src/config/gateway-config.ts";
import { MoneyReport } from "../src/http/money/money-report.ts";
import { keyBytes, TestChain } from "./harness/chain/test-chain.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

const FUNDED = 20_000_000n;

let chain: TestChain;

/** Every transaction is in a block when it is sent, so nothing has to be waited for. */
const atOnce = () => Promise.resolve();

async function open(index: number, rpcUrl = chain.anvil.rpc): Promise<VaultChain> {
  return await connectVault(chain, { rpcUrl, secretKey: keyBytes(chain, index) });
}

async function run(
  terminal: TestTerminal,
  served: ServedDomain,
  opening: Promise<VaultChain>,
  waits: Pick<Patience, "waitSeconds" | "sleep"> = { waitSeconds: 1, sleep: atOnce },
) {
  const events: ClaimEvent[] = [];
  const { config, gateway } = terminal;
  const { journal } = gateway;
  const patience = { now: () => terminal.now, ...waits };
  const report = await useVault(opening, (account) =>
    claim({ journal, config, served, chain: account, fees: feePolicy(), patience }, (event) => events.push(event)),
  );
  return { report, events };
}

beforeAll(async () => {
  chain = await TestChain.start();
});

afterAll(async () => {
  await chain.stop();
});

describe("a merchant that nobody serves any more", () => {
  it("is paid by the vault with an RPC and anybody's gas, once, and releases what it reversed with its own key", async () => {
    const { terminal, served } = await chain.makeTerminal();
    const anna = await terminal.card("claim anna", {}, chain.domain);
    const bert = await terminal.card("claim bert", {}, chain.domain);
    await chain.fund(anna, FUNDED);
    for (const [card, amount] of [
      [anna, 1_000_000n],
      [bert, 2_000_000n],
      [anna, 3_000_000n],
    ] as const) {
      terminal.reader.card = card;
      expect(await terminal.tap(amount)).toMatchObject({ outcome: "accepted" });
    }
    terminal.reader.card = anna;
    const given = await terminal.tap(5_000_000n);
    terminal.gateway.engine.reverse(given.id);

    // Bert's card was never funded: its voucher is skipped and harms nobody.
    const first = await run(terminal, served, open(0));
    expect(first.report).toEqual({ settled: 2, usedBefore: 0, skipped: 1, released: 0, withdrawn: 4_000_000n });
    expect(first.events.map(({ event }) => event)).toEqual(["settled", "withdrawn"]);
    expect(await chain.held()).toBe(4_000_000n);

    const second = await run(terminal, served, open(0));
    expect(second.report).toEqual({ settled: 0, usedBefore: 2, skipped: 1, released: 0, withdrawn: 0n });
    expect(await chain.held()).toBe(4_000_000n);

    await chain.fund(bert, FUNDED);
    const third = await run(terminal, served, open(1));
    expect(third.report).toEqual({ settled: 1, usedBefore: 2, skipped: 0, released: 1, withdrawn: 2_000_000n });
    expect(await chain.held()).toBe(6_000_000n);
    terminal.remove();
  });

  it("is paid once where its transaction is stuck at too low a fee and the terminal is stopped meanwhile", async () => {
    const { terminal, served } = await chain.makeTerminal();
    const card = await terminal.card("claim stuck", {}, chain.domain);
    await chain.fund(card, FUNDED);
    terminal.reader.card = card;
    const { voucherId } = await terminal.tap(1_000_000n);
    const held = await chain.held();
    const before = await chain.provider.getTransactionCount(chain.payer.address);
    await chain.provider.send("evm_setAutomine", [false]);
    try {
      const impatient = run(terminal, served, open(0), { waitSeconds: 0, sleep: atOnce });
      await expect(impatient).rejects.toMatchObject({ code: "CLAIM_WAITING" });
      await chain.provider.send("anvil_setNextBlockBaseFeePerGas", [`0x${(5n * 10n ** 9n).toString(16)}`]);
      await chain.provider.send("evm_mine", []);
      terminal.restart();
      terminal.now += feePolicy().replaceAfterMs / 1_000;
      const mine = async (): Promise<void> => {
        await chain.provider.send("evm_mine", []);
      };
      const { report } = await run(terminal, served, open(0), { waitSeconds: 1, sleep: mine });
      expect(report).toMatchObject({ usedBefore: 1, withdrawn: 1_000_000n });
    } finally {
      await chain.provider.send("evm_setAutomine", [true]);
    }
    expect(await chain.held()).toBe(held + 1_000_000n);
    expect(await chain.provider.getTransactionCount(chain.payer.address)).toBe(before + 2);
    const voucher = terminal.gateway.journal.vouchers.byId(voucherId ?? new Uint8Array(32));
    expect((await chain.provider.getTransactionReceipt(voucher?.claimTx ?? ""))?.status).toBe(1);
    terminal.remove();
  });

  it("fails by its code when the node is of another chain or out of reach", async () => {
    const { terminal, served } = await chain.makeTerminal();
    const other = { ...served, domain: { ...served.domain, chainId: 5n } };
    await expect(run(terminal, other, open(0))).rejects.toMatchObject({ code: "WRONG_CHAIN" });
    await expect(run(terminal, served, open(0, "http://127.0.0.1:1"))).rejects.toMatchObject({
      code: "RPC_UNREACHABLE",
    });
    terminal.remove();
  });
});

describe("a merchant that asks where its money is", () => {
  /** Count and sum of each stage that holds something, in units. */
  function stagesOf({ gateway }: TestTerminal): Record<string, string> {
    const [currency] = new MoneyReport(gateway).read().currencies;
    const held = currency?.stages.filter(({ count }) => count > 0) ?? [];
    return Object.fromEntries(held.map(({ stage, saidBy, count, sum }) => [`${stage} ${saidBy}`, `${count} ${sum}`]));
  }

  it("reads what the chain says to the unit, at each stage, and is paid out when it says so", async () => {
    const access = { rpcUrl: chain.anvil.rpc, keyFile: chain.keyFile(1), fees: feePolicy() };
    const watched = { chain: { rpcUrl: chain.anvil.rpc, startBlock: chain.block } };
    const { terminal, served } = await chain.makeTerminal({ claim: access }, watched);
    const { gateway, config } = terminal;
    const { journal } = gateway;
    const card = await terminal.card("money", {}, chain.domain);
    await chain.fund(card, FUNDED);
    terminal.reader.card = card;
    const patience = { now: () => terminal.now, waitSeconds: 1, sleep: atOnce };
    /** Brings what is there to the vault, and leaves it there. */
    const settle = async (): Promise<void> => {
      const account = await open(0);
      const views = { ...account.views, merchant: () => Promise.resolve({ earned: 0n, withdrawn: 0n }) };
      const parts = { journal, config, served, chain: { ...account, views }, fees: feePolicy(), patience };
      await claim(parts, () => undefined);
      account.close();
    };
    const look = async (): Promise<void> => {
      await chain.finalize();
      await gateway.outcomes.passGuarded();
      await gateway.chainWatch.passAll();
    };
    const currency = () => new MoneyReport(gateway).read().currencies[0];
    const heldBefore = await chain.held();
    await gateway.chainWatch.passAll();
    const before = { count: 0, sum: 0n, ...journal.payeeEvents.account(served.domainBytes) };

    for (const amount of [1_000_001n, 2_000_002n]) await terminal.tap(amount);
    expect(stagesOf(terminal)).toEqual({ "terminal terminal": "2 3.000003" });
    await settle();
    expect(stagesOf(terminal)).toEqual({ "batch terminal": "2 3.000003" });
    expect(currency()?.stages.find(({ saidBy, stage }) => stage === "batch" && saidBy === "terminal")).toMatchObject({
      transactions: [{ block: null, count: 2, sum: "3.000003" }],
    });
    await look();
    expect(await chain.owed()).toBe(3_000_003n);
    expect(stagesOf(terminal)).toEqual({ "vault chain": "2 3.000003" });
    expect(currency()).toMatchObject({ account: { owed: "3.000003", refundedSincePayout: "0.00" } });

    const paid = await gateway.payOuts.pay(served);
    expect(paid).toMatchObject({ kind: "sent", units: 3_000_003n });
    await look();
    expect(await chain.held()).toBe(heldBefore + 3_000_003n);
    expect(stagesOf(terminal)).toEqual({ "paid-out chain": "2 3.000003" });
    const tx = paid.kind === "sent" ? paid.tx : "";
    expect(currency()).toMatchObject({ account: { owed: "0.00" } });
    expect(currency()?.payouts?.[0]).toMatchObject({ tx, amount: "3.000003" });
    expect(await gateway.payOuts.pay(served)).toEqual({ kind: "nothing" });

    const { id } = await terminal.tap(5_000_000n);
    await settle();
    await look();
    await gateway.refunds.request(id, { refundId: "r", amount: 1_500_000n });
    await look();
    expect(await chain.owed()).toBe(3_500_000n);
    expect(stagesOf(terminal)).toEqual({ "paid-out chain": "2 3.000003", "vault chain": "1 5.00" });
    expect(currency()).toMatchObject({ account: { owed: "3.50", refundedSincePayout: "1.50" } });
    const { earned = 0n, withdrawn = 0n } = journal.payeeEvents.account(served.domainBytes) ?? {};
    expect([earned - (before.earned ?? 0n), withdrawn - (before.withdrawn ?? 0n)]).toEqual([8_000_003n, 4_500_003n]);
    // A journal whose chain is read anew comes to the same.
    journal.write(() => {
      journal.chainEvents.forget(served.domainBytes);
      journal.payeeEvents.forget(served.domainBytes);
    });
    terminal.restart();
    await terminal.gateway.chainWatch.passAll();
    expect(stagesOf(terminal)).toEqual({ "paid-out chain": "2 3.000003", "vault chain": "1 5.00" });
    expect(await terminal.gateway.payOuts.pay(served)).toMatchObject({ kind: "sent", units: 3_500_000n });
    terminal.remove();
  });
});
