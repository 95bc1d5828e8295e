import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { feePolicy } from "@tallystick/evm";
import { concatBytes, decodeVoucherBundle, parseAddress, toHex } from "@tallystick/protocol";
import { transferCall } from "@tallystick/vault";
import type { Wallet } from "ethers";
import { connectVault, useVault } from "../src/chain/calls/vault-chain.ts";
import { searchEnds } from "../src/chain/outcomes/search.ts";
import { TransactionReader } from "../src/chain/outcomes/transaction-facts.ts";
import { claim } from "../src/claim/claim.ts";
import { settleCallOf } from "../src/claim/settle-bundles.ts";
import type { ServedDomain } from "../src/config/gateway-config.ts";
import { keyBytes, TestChain } from "./harness/chain/test-chain.ts";
import type { TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

const FUNDED = 20_000_000n;
const PRICE = 1_000_000n;

let chain: TestChain;
let cards = 0;
const terminals: TestTerminal[] = [];

interface Sale {
  readonly terminal: TestTerminal;
  readonly served: ServedDomain;
  readonly card: TestCard;
  readonly id: Uint8Array;
}

beforeAll(async () => {
  chain = await TestChain.start();
});

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.remove();
});

afterAll(async () => {
  await chain.stop();
});

/** One payment at a terminal that reads the chain; anvil's second account is its payee. */
async function sell(changes: { readonly guaranteeAccount?: string; readonly card?: TestCard } = {}): Promise<Sale> {
  const { guaranteeAccount } = changes;
  const { terminal, served } = await chain.makeTerminal(
    {},
    {
      chain: { rpcUrl: chain.anvil.rpc, startBlock: chain.block },
      guaranteeAccount: guaranteeAccount === undefined ? null : parseAddress(guaranteeAccount.toLowerCase()),
    },
  );
  terminals.push(terminal);
  cards += 1;
  const card = changes.card ?? (await terminal.card(`outcome ${cards}`, {}, chain.domain));
  if (changes.card === undefined) await chain.fund(card, FUNDED);
  terminal.reader.card = card;
  const { voucherId } = await terminal.tap(PRICE);
  if (voucherId === null) throw new Error("the card did not pay");
  return { terminal, served, card, id: voucherId };
}

function voucherOf({ terminal, id }: Sale) {
  const voucher = terminal.gateway.journal.vouchers.byId(id);
  if (voucher === null) throw new Error("the voucher has left the journal");
  return voucher;
}

/** Sends a call from an account; answers its transaction when it is in a block. */
async function send(from: Wallet, to: string, data: Uint8Array): Promise<string> {
  const nonce = await chain.provider.getTransactionCount(from.address, "latest");
  const sent = await from.sendTransaction({ to, data: toHex(data), nonce });
  await sent.wait();
  return sent.hash;
}

/** Somebody hands vouchers to the vault. */
async function settle(...sales: readonly Sale[]): Promise<string> {
  const bundles = sales.map((sale) => decodeVoucherBundle(voucherOf(sale).entry));
  return await send(chain.payer, toHex(chain.domain.vault), settleCallOf(bundles));
}

/** Settlement names a transaction, and says that it is the end. */
function report({ terminal, id }: Sale, tx: string | null, state = "final"): void {
  const { journal } = terminal.gateway;
  journal.write(() => {
    journal.vouchers.pack([id], 1);
    journal.vouchers.deliver({ id, status: "new", code: null, delivery: "taken" }, terminal.now);
    journal.vouchers.follow(id, { state, batch: null, tx, reported: "final" }, terminal.now);
  });
}

async function runClaim({ terminal, served }: Sale) {
  const patience = { now: () => terminal.now, waitSeconds: 1, sleep: () => Promise.resolve() };
  const opening = connectVault(chain, { rpcUrl: chain.anvil.rpc, secretKey: keyBytes(chain, 0) });
  const { journal } = terminal.gateway;
  return await useVault(opening, (account) =>
    claim({ journal, config: terminal.config, served, chain: account, fees: feePolicy(), patience }, () => undefined),
  );
}

describe("a payment that settlement calls final", () => {
  it("is final once the block of the transaction that it names is, and not before", async () => {
    const sale = await sell();
    const { outcomes } = sale.terminal.gateway;
    const tx = await settle(sale);
    report(sale, tx);
    expect(await outcomes.pass()).toBe(0);
    expect(voucherOf(sale)).toMatchObject({ delivery: "taken", outcome: null, reported: "final" });
    await chain.finalize();
    expect(await outcomes.pass()).toBe(1);
    const receipt = await chain.provider.getTransactionReceipt(tx);
    const outcome = { kind: "paid", tx, block: BigInt(receipt?.blockNumber ?? 0) };
    expect(voucherOf(sale)).toMatchObject({ delivery: "final", outcome });
    expect(await outcomes.pass()).toBe(0);
  });

  it("stays open where the named transaction paid another one, or is none", async () => {
    const sale = await sell();
    const other = await sell();
    const tx = await settle(other);
    await chain.finalize();
    for (const named of [tx, `0x${"ab".repeat(32)}`, "0xabc", "nonsense"]) {
      report(sale, named);
      expect(await sale.terminal.gateway.outcomes.pass()).toBe(0);
      expect(voucherOf(sale)).toMatchObject({ delivery: "taken", outcome: null, rivalTx: null });
    }
    // The claim asks the chain, and settles it.
    expect(await runClaim(sale)).toMatchObject({ settled: 1, usedBefore: 0 });
  });

  it("is settled by the claim although no transaction is named", async () => {
    const sale = await sell();
    report(sale, null);
    expect(await runClaim(sale)).toMatchObject({ settled: 1 });
    await chain.finalize();
    expect(await sale.terminal.gateway.outcomes.pass()).toBe(1);
    expect(voucherOf(sale)).toMatchObject({ delivery: "final", outcome: { kind: "paid" } });
  });

  it("is found by the claim's search where somebody settled it and nobody names the transaction", async () => {
    const sale = await sell();
    const tx = await settle(sale);
    report(sale, null);
    expect(await runClaim(sale)).toMatchObject({ settled: 0, usedBefore: 1 });
    expect(voucherOf(sale).outcome).toBeNull();
    await chain.finalize();
    expect(await runClaim(sale)).toMatchObject({ settled: 0, usedBefore: 1 });
    expect(voucherOf(sale)).toMatchObject({ delivery: "final", outcome: { kind: "paid", tx } });
  });

  it("is searched for in a bounded number of ranges, and the next search goes on", async () => {
    const sale = await sell();
    const { terminal, served } = sale;
    report(sale, null);
    const { journal, clock } = terminal.gateway;
    // Nothing used its counter, so the search ends at the bottom without a finding.
    await useVault(
      connectVault(chain, { rpcUrl: chain.anvil.rpc, secretKey: keyBytes(chain, 0) }),
      async ({ node: rpc }) => {
        const place = { rpc, served, payee: terminal.config.payee };
        const asked: bigint[] = [];
        const counting = Object.assign(Object.create(rpc) as typeof rpc, {
          logs: (filter: Parameters<typeof rpc.logs>[0]) => {
            asked.push(filter.from);
            return rpc.logs(filter);
          },
        });
        const search = async (): Promise<number> => {
          asked.length = 0;
          const reader = new TransactionReader(place);
          const parts = { journal, place: { ...place, rpc: counting }, reader, now: clock.now(), startBlock: 0n };
          return await searchEnds({ ...parts, ranges: 1 }, [voucherOf(sale)]);
        };
        expect(await search()).toBe(0);
        expect(asked).toEqual([0n]);
        expect(voucherOf(sale).searched).toMatchObject({ from: 0n });
        await search();
        expect(asked).toEqual([]);
        await chain.finalize();
        await search();
        expect(asked).toHaveLength(1);
      },
    );
  });
});

describe("a counter that another message used", () => {
  it("ends nothing, convicts the card, and is no reason to claim again", async () => {
    const sale = await sell();
    // A copy of the card from before the payment pays the same counter at another terminal.
    const copy = await sale.card.copy();
    copy.counter = 0;
    copy.spent = 0n;
    Object.assign(copy, { head: new Uint8Array(32), ring: [] });
    const other = await sell({ card: copy });
    const tx = await settle(other);
    await chain.finalize();
    report(sale, tx, "forked");
    expect(await sale.terminal.gateway.outcomes.pass()).toBe(0);
    expect(voucherOf(sale)).toMatchObject({ delivery: "taken", outcome: null, rivalTx: tx });
    sale.terminal.reader.card = sale.card;
    expect(await sale.terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_REVOKED" });
    const { outcomes } = sale.terminal.gateway.journal;
    const due = { withReceipt: sale.terminal.now, withoutReceipt: sale.terminal.now };
    expect(outcomes.isClaimDue(sale.served.domainBytes, due)).toBe(false);
  });
});

describe("a compensation", () => {
  const pay = async (sale: Sale, { from = chain.payer, units = PRICE, id = sale.id } = {}): Promise<string> =>
    await send(
      from,
      chain.token,
      concatBytes(transferCall({ to: parseAddress(chain.merchant.address.toLowerCase()), baseUnits: units }), id),
    );

  it("ends a payment where the pinned account names it, and its card is refused", async () => {
    const sale = await sell({ guaranteeAccount: chain.payer.address });
    const tx = await pay(sale);
    report(sale, tx, "compensated");
    await chain.finalize();
    expect(await sale.terminal.gateway.outcomes.pass()).toBe(1);
    expect(voucherOf(sale)).toMatchObject({ delivery: "final", outcome: { kind: "compensated", tx } });
    sale.terminal.gateway.journal.write(() => {
      sale.terminal.gateway.journal.vouchers.follow(
        sale.id,
        { state: "final", batch: null, tx: null, reported: "final" },
        sale.terminal.now,
      );
    });
    expect(await sale.terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "STATUS_REVOKED" });
  });

  it.each([
    ["from another account", { from: () => chain.merchant }],
    ["of another amount", { units: PRICE - 1n }],
    ["that names another voucher", { id: new Uint8Array(32).fill(7) }],
    ["that names none", { id: new Uint8Array(0) }],
  ])("ends nothing %s", async (_name, change: { from?: () => Wallet; units?: bigint; id?: Uint8Array }) => {
    const sale = await sell({ guaranteeAccount: chain.payer.address });
    await pay(sale);
    const { from, ...others } = change;
    const tx = await pay(sale, { ...others, ...(from === undefined ? {} : { from: from() }) });
    report(sale, tx, "compensated");
    await chain.finalize();
    expect(await sale.terminal.gateway.outcomes.pass()).toBe(0);
    expect(voucherOf(sale)).toMatchObject({ delivery: "taken", outcome: null });
  });

  it("ends nothing where no account is pinned", async () => {
    const sale = await sell();
    report(sale, await pay(sale), "compensated");
    await chain.finalize();
    expect(await sale.terminal.gateway.outcomes.pass()).toBe(0);
  });
});
