import { feePolicy } from "@tallystick/evm";
import { scriptedSigner } from "@tallystick/evm/testing";
import { toAddress } from "@tallystick/protocol";
import type { GatewayConfig, ServedDomain } from "../../../src/config/gateway-config.ts";
import type { RefundRecord } from "../../../src/journal/payments/refund-store.ts";
import type { VoucherRecord } from "../../../src/journal/payments/voucher-record.ts";
import { ReturningChain } from "./returning-chain.ts";
import type { TerminalSuite } from "../terminal-suite.ts";
import type { TestCard } from "../test-card.ts";
import { domain, servedDomain, signCertificate, type TestTerminal } from "../test-terminal.ts";

/** What the sale of these tests costs. */
export const QUIET_PRICE = 4_000_000n;

const payee = toAddress(scriptedSigner.address);
/** The payee's key and node, as the configuration names them; nothing of it is opened. */
export const payeeAccess: NonNullable<GatewayConfig["claim"]> = {
  rpcUrl: "http://127.0.0.1:1",
  keyFile: "payee.json",
  fees: feePolicy(),
};

/** One payment at a terminal, and its refunds on a chain in memory where nothing happens by itself. */
export class QuietSale {
  readonly terminal: TestTerminal;
  readonly card: TestCard;
  readonly chain: ReturningChain;
  readonly tapId: string;
  readonly voucherId: Uint8Array;

  private constructor(
    { terminal, card }: { readonly terminal: TestTerminal; readonly card: TestCard },
    chain: ReturningChain,
    tap: { readonly id: string; readonly voucherId: Uint8Array },
  ) {
    this.terminal = terminal;
    this.card = card;
    this.chain = chain;
    this.tapId = tap.id;
    this.voucherId = tap.voucherId;
  }

  /** At a terminal with the payee's key, unless a test says otherwise. */
  static async make(
    suite: TerminalSuite,
    changes: Partial<GatewayConfig> = {},
    ofDomain: Partial<ServedDomain> = {},
  ): Promise<QuietSale> {
    const certificate = await signCertificate({ payee });
    const domains = [await servedDomain({ certificate, ...ofDomain })];
    const { terminal, card } = await suite.withCard({ payee, claim: payeeAccess, domains, ...changes });
    const chain = new ReturningChain(domain.vault, () => card.signer.publicKey);
    terminal.openVaultChain = () => Promise.resolve(chain);
    terminal.restart();
    const { id, voucherId } = await terminal.tap(QUIET_PRICE);
    if (voucherId === null) throw new Error("the card did not pay");
    return new QuietSale({ terminal, card }, chain, { id, voucherId });
  }

  get served(): ServedDomain {
    const [served] = this.terminal.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    return served;
  }

  get voucher(): VoucherRecord {
    const voucher = this.terminal.gateway.journal.vouchers.byId(this.voucherId);
    if (voucher === null) throw new Error("the voucher is not in the journal");
    return voucher;
  }

  /** Settlement has the voucher in a state, as after an answered upload. */
  take(
    state: string | null = null,
    { tx = null, reported = null }: Partial<Pick<VoucherRecord, "tx" | "reported">> = {},
  ) {
    const { journal } = this.terminal.gateway;
    journal.write(() => {
      if (this.voucher.delivery === "unsent") journal.vouchers.pack([this.voucherId], 1);
      if (this.voucher.delivery === "packed") {
        const answer = { id: this.voucherId, status: "new", code: null, delivery: "taken" } as const;
        journal.vouchers.deliver(answer, this.terminal.now);
      }
      if (state !== null)
        journal.vouchers.follow(this.voucherId, { state, batch: null, tx, reported }, this.terminal.now);
    });
  }

  /** The same chain with the key of another account. */
  withSigner(address: Uint8Array): ReturningChain {
    return Object.create(this.chain, {
      signer: { value: { ...this.chain.signer, address } },
    }) as ReturningChain;
  }

  /** The chain pays the voucher, and settlement names the transaction; answers it. */
  async pay(state = "mined"): Promise<string> {
    const tx = await this.chain.settle(this.voucher);
    this.take(state, { tx });
    return tx;
  }

  async refund(refundId: string, amount: bigint | null = null): Promise<RefundRecord> {
    return await this.terminal.gateway.refunds.request(this.tapId, { refundId, amount });
  }

  /** Makes a block, which is final where a test says so, and goes on with all refunds. */
  async next(final = false): Promise<readonly { readonly code: string }[]> {
    this.chain.mine();
    if (final) this.chain.finalize();
    return await this.terminal.gateway.refunds.advance();
  }

  refundOf(refundId: string): RefundRecord | null {
    return this.terminal.gateway.journal.refunds.byId(this.tapId, refundId);
  }

  refunds(): readonly RefundRecord[] {
    return this.terminal.gateway.journal.refunds.ofTap(this.tapId);
  }
}
