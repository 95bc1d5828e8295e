import { feePolicy } from "@tallystick/evm";
import { connectVault, type VaultChain } from "../../src/chain/calls/vault-chain.ts";
import { claim } from "../../src/claim/claim.ts";
import type { GatewayConfig, ServedDomain } from "../../src/config/gateway-config.ts";
import type { Journal } from "../../src/journal/journal.ts";
import type { RefundRecord } from "../../src/journal/payments/refund-store.ts";
import { alteredChain } from "./chain/altered-chain.ts";
import { Killed } from "./codes.ts";
import { keyBytes, TestChain } from "./chain/test-chain.ts";
import type { TestCard } from "./test-card.ts";
import type { TestTerminal } from "./test-terminal.ts";

/** What every card of these tests is funded with. */
export const FUNDED = 20_000_000n;
/** What every sale of these tests costs. */
export const SALE_PRICE = 4_000_000n;
/** More steps than any refund of these tests takes. */
const MOST_STEPS = 12;

/** One payment at a terminal of its own. */
export interface Sale {
  readonly terminal: TestTerminal;
  readonly served: ServedDomain;
  readonly card: TestCard;
  readonly tapId: string;
  readonly voucherId: Uint8Array;
}

/** A merchant on a chain of its own that sells once at each terminal, and returns value. */
export class RefundHarness {
  readonly chain: TestChain;
  private readonly terminals: TestTerminal[] = [];
  private cards = 0;

  private constructor(chain: TestChain) {
    this.chain = chain;
  }

  static async start(): Promise<RefundHarness> {
    return new RefundHarness(await TestChain.start());
  }

  /**
   * A sale at a terminal with the payee's key; `settlementUrl` is set where the terminal has a
   * settlement.
   */
  async sell(changes: Partial<GatewayConfig> = {}, settlementUrl: string | null = null): Promise<Sale> {
    const access = { rpcUrl: this.chain.anvil.rpc, keyFile: this.chain.keyFile(1), fees: feePolicy() };
    const { terminal, served } = await this.chain.makeTerminal({ claim: access, ...changes }, { settlementUrl });
    this.terminals.push(terminal);
    this.cards += 1;
    const card = await terminal.card(`refund ${this.cards}`, {}, this.chain.domain);
    await this.chain.fund(card, FUNDED);
    terminal.reader.card = card;
    const tap = await terminal.tap(SALE_PRICE);
    if (tap.voucherId === null) throw new Error(`the card did not pay: ${String(tap.code)}`);
    return { terminal, served, card, tapId: tap.id, voucherId: tap.voucherId };
  }

  /** Brings the sale's voucher to the vault; the merchant's earnings stay there or are paid out. */
  async settle({ terminal, served }: Sale, payOut: boolean): Promise<void> {
    await this.settleWith(terminal.gateway.journal, { terminal, served }, payOut);
  }

  async settleWith(journal: Journal, { terminal, served }: Pick<Sale, "terminal" | "served">, payOut: boolean) {
    const account = await this.open(0);
    const views = { ...account.views, merchant: () => Promise.resolve({ earned: 0n, withdrawn: 0n }) };
    // Every transaction is in a block when it is sent, so nothing has to be waited for.
    const patience = { now: () => terminal.now, waitSeconds: 1, sleep: () => Promise.resolve() };
    try {
      const chain = payOut ? account : { ...account, views };
      await claim({ journal, config: terminal.config, served, chain, fees: feePolicy(), patience }, () => undefined);
    } finally {
      account.close();
    }
  }

  async open(index: number): Promise<VaultChain> {
    const { anvil, domain } = this.chain;
    return await connectVault({ domain }, { rpcUrl: anvil.rpc, secretKey: keyBytes(this.chain, index) });
  }

  /** The same with a terminal that dies when it is about to send. */
  async openKilled(index: number): Promise<VaultChain> {
    return alteredChain(await this.open(index), { node: { sendRaw: () => Promise.reject(new Killed()) } });
  }

  /** Settlement has the voucher, as after an answered upload. */
  take({ terminal, voucherId }: Sale, state: string | null = null): void {
    const { journal } = terminal.gateway;
    journal.write(() => {
      journal.vouchers.pack([voucherId], 1);
      journal.vouchers.deliver({ id: voucherId, status: "new", code: null, delivery: "taken" }, terminal.now);
      if (state !== null)
        journal.vouchers.follow(voucherId, { state, batch: null, tx: null, reported: null }, terminal.now);
    });
  }

  async refund({ terminal, tapId }: Sale, refundId: string, amount: bigint | null = null): Promise<RefundRecord> {
    return await terminal.gateway.refunds.request(tapId, { refundId, amount });
  }

  /** Steps a refund to its end, a block or three after each step. */
  async finish(sale: Sale, refundId: string): Promise<RefundRecord> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const found = sale.terminal.gateway.journal.refunds.byId(sale.tapId, refundId);
      if (found === null) throw new Error(`there is no refund ${refundId}`);
      if (found.state === "refunded" || found.state === "refused") return found;
      await this.chain.finalize();
      await sale.terminal.gateway.refunds.advance();
    }
    throw new Error(`refund ${refundId} does not come to its end`);
  }

  /** A terminal of this chain that is removed with the others. */
  keep(terminal: TestTerminal): void {
    this.terminals.push(terminal);
  }

  /** After a test: the next one begins with a merchant that has nothing. */
  async clear(): Promise<void> {
    const { chain } = this;
    for (const terminal of this.terminals.splice(0)) terminal.remove();
    if ((await chain.owed()) > 0n) await chain.send(chain.payer, "vault", "withdraw", chain.merchant.address);
    const held = await chain.held();
    if (held > 0n) await chain.send(chain.merchant, "token", "transfer", chain.payer.address, held);
  }
}
