import { setTimeout as sleep } from "node:timers/promises";
import { createEthersVaultChain } from "../../src/chain/calls/ethers-vault-chain.ts";
import { feePolicy } from "../../src/config/fee-policy.ts";
import type { VaultChain } from "../../src/chain/calls/vault-chain.ts";
import { claim } from "../../src/claim/claim.ts";
import type { GatewayConfig, ServedDomain } from "../../src/config/gateway-config.ts";
import type { Journal } from "../../src/journal/journal.ts";
import type { RefundRecord } from "../../src/journal/payments/refund-store.ts";
import { keyBytes, TestChain } from "./test-chain.ts";
import type { TestCard } from "./test-card.ts";
import type { TestTill } from "./test-terminal.ts";

/** What every card of these tests is funded with. */
export const FUNDED = 20_000_000n;
/** What every sale of these tests costs. */
export const SALE_PRICE = 4_000_000n;
/** More steps than any refund of these tests takes. */
const MOST_STEPS = 12;

/** One payment at a till of its own. */
export interface Sale {
  readonly till: TestTill;
  readonly served: ServedDomain;
  readonly card: TestCard;
  readonly tapId: string;
  readonly voucherId: Uint8Array;
}

/** A shop on a chain of its own that sells once at each till, and gives back. */
export class RefundShop {
  readonly chain: TestChain;
  private readonly tills: TestTill[] = [];
  private cards = 0;

  private constructor(chain: TestChain) {
    this.chain = chain;
  }

  static async start(): Promise<RefundShop> {
    return new RefundShop(await TestChain.start());
  }

  /** A sale at a till with the payee's key; `settlementUrl` is set where the till has a settlement. */
  async sell(changes: Partial<GatewayConfig> = {}, settlementUrl: string | null = null): Promise<Sale> {
    const access = { rpc: this.chain.anvil.rpc, keyFile: this.chain.keyFile(1), fees: feePolicy() };
    const { till, served } = await this.chain.makeTill({ claim: access, ...changes }, { settlementUrl });
    this.tills.push(till);
    this.cards += 1;
    const card = await till.card(`refund ${this.cards}`, {}, this.chain.domain);
    await this.chain.fund(card, FUNDED);
    till.reader.card = card;
    const tap = await till.tap(SALE_PRICE);
    if (tap.voucherId === null) throw new Error(`the card did not pay: ${String(tap.code)}`);
    return { till, served, card, tapId: tap.id, voucherId: tap.voucherId };
  }

  /** Brings the sale's voucher to the vault; the shop's earnings stay there or are paid out to it. */
  async settle({ till, served }: Sale, payOut: boolean): Promise<void> {
    await this.settleWith(till.gateway.journal, { till, served }, payOut);
  }

  async settleWith(journal: Journal, { till, served }: Pick<Sale, "till" | "served">, payOut: boolean) {
    const account = this.open(0);
    try {
      const held = payOut ? account : { ...account, owed: () => Promise.resolve(0n) };
      const patience = { now: () => till.now, waitSeconds: 1, sleep };
      await claim({ journal, config: till.config, served, chain: held, fees: feePolicy(), patience }, () => undefined);
    } finally {
      account.close();
    }
  }

  open(index: number): VaultChain {
    return createEthersVaultChain({
      rpc: this.chain.anvil.rpc,
      vault: this.chain.domain.vault,
      key: keyBytes(this.chain, index),
    });
  }

  /** Settlement has the voucher, as after an answered upload. */
  take({ till, voucherId }: Sale, state: string | null = null): void {
    const { journal } = till.gateway;
    journal.write(() => {
      journal.vouchers.pack([voucherId], 1);
      journal.vouchers.deliver({ id: voucherId, status: "new", code: null, delivery: "taken" }, till.now);
      if (state !== null) journal.vouchers.follow(voucherId, { state, batch: null, tx: null, final: false }, till.now);
    });
  }

  async refund({ till, tapId }: Sale, refundId: string, amount: bigint | null = null): Promise<RefundRecord> {
    return await till.gateway.refunds.request(tapId, { refundId, amount });
  }

  /** Steps a refund to its end, a block or three after each step. */
  async finish(sale: Sale, refundId: string): Promise<RefundRecord> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const found = sale.till.gateway.journal.refunds.byId(sale.tapId, refundId);
      if (found === null) throw new Error(`there is no refund ${refundId}`);
      if (found.state === "refunded" || found.state === "refused") return found;
      await this.chain.finalize();
      await sale.till.gateway.refunds.advance();
    }
    throw new Error(`refund ${refundId} does not come to its end`);
  }

  /** A till of this shop's chain that is removed with the others. */
  keep(till: TestTill): void {
    this.tills.push(till);
  }

  /** After a test: the next one begins with a shop that has nothing. */
  async clear(): Promise<void> {
    const { chain } = this;
    for (const till of this.tills.splice(0)) till.remove();
    if ((await chain.owed()) > 0n) await chain.send(chain.payer, "vault", "withdraw", chain.shop.address);
    const held = await chain.held();
    if (held > 0n) await chain.send(chain.shop, "token", "transfer", chain.payer.address, held);
  }
}
