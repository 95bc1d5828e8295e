import { afterEach, describe, expect, it } from "@jest/globals";
import { decodeVoucherBundle, encodeVoucherMessage, messageHash, signatureParity } from "@tallystick/protocol";
import { releaseCall } from "@tallystick/vault";
import { codeOfRejection } from "../../test/harness/codes.ts";
import { QUIET_PRICE, QuietSale } from "../../test/harness/chain/quiet-sale.ts";
import { TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { ChainError } from "../chain/chain-error.ts";
import { MAX_REFUND_FAILURES } from "../limits.ts";
import type { FollowedVoucher } from "../sync/settlement-client.ts";
import { RefundService } from "./refund-service.ts";

const suite = new TerminalSuite();
const REASON = "execution reverted";

afterEach(() => {
  suite.removeAll();
});

const sell = (...options: Parameters<typeof QuietSale.make> extends [unknown, ...infer More] ? More : never) =>
  QuietSale.make(suite, ...options);

describe("a payment that nobody but the terminal has", () => {
  it("is given back whole by its reversal, whatever the configuration, and the same request is the same refund", async () => {
    const sale = await sell({ claim: null });
    const begun = await sale.refund("r1");
    expect(begun).toMatchObject({ state: "reversed", amount: QUIET_PRICE, code: null, tx: null });
    expect(sale.terminal.gateway.journal.reversals.has(sale.tapId)).toBe(true);
    expect(await sale.refund("r1")).toEqual(begun);
    expect(await sale.refund("r1", QUIET_PRICE)).toEqual(begun);
    expect(await codeOfRejection(sale.refund("r1", 1n))).toBe("REFUND_DIFFERS");
    expect(await codeOfRejection(sale.refund("r2"))).toBe("REFUND_ABOVE_PAYMENT");
    expect(await sale.terminal.gateway.refunds.advance()).toEqual([]);
    expect(sale.refunds()).toEqual([begun]);
    expect(sale.terminal.gateway.refunds.hasChain()).toBe(false);
  });

  it("is given back as a whole or not at all, and of an unknown tap nothing", async () => {
    const sale = await sell();
    expect(await codeOfRejection(sale.refund("r1", QUIET_PRICE - 1n))).toBe("REFUND_WHOLE_ONLY");
    const { refunds, journal } = sale.terminal.gateway;
    expect(await codeOfRejection(refunds.request("no tap", { refundId: "r1", amount: null }))).toBe("TAP_UNKNOWN");
    expect([sale.refunds(), journal.reversals.has(sale.tapId), sale.chain.sent]).toEqual([[], false, []]);
    expect(await sale.refund("r1", QUIET_PRICE)).toMatchObject({ state: "reversed" });
    expect(refunds.hasChain()).toBe(true);
  });

  it("is reversed together with its refund or not at all, so that the same request goes on after a loss of power", async () => {
    for (const state of ["reversed", "releasing"]) {
      const sale = await sell();
      if (state === "releasing") sale.take("received");
      const { journal } = sale.terminal.gateway;
      const begin = journal.refunds.begin.bind(journal.refunds);
      const lost = new Error("a loss of power");
      journal.refunds.begin = () => {
        throw lost;
      };
      await expect(sale.refund("r1")).rejects.toBe(lost);
      journal.refunds.begin = begin;
      expect(journal.reversals.has(sale.tapId)).toBe(false);
      await sale.next();
      expect([sale.refunds(), await sale.refund("r1")]).toMatchObject([[], { refundId: "r1", state }]);
      expect(journal.reversals.has(sale.tapId)).toBe(true);
    }
  });

  it("is released by the next step, without a settlement, although it was never sent", async () => {
    const sale = await sell();
    await sale.refund("r1");
    expect(await sale.next()).toEqual([]);
    expect(sale.refundOf("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN", block: null });
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "releasing", block: 2 });
    await sale.next(true);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded", code: null, block: 2, tx: sale.chain.sent[0] });
    expect([sale.chain.calls, sale.chain.returnedOf(sale.voucherId)]).toEqual([["release"], QUIET_PRICE]);
    expect(sale.voucher).toMatchObject({ claimTx: sale.chain.sent[0] });
    await sale.next();
    expect(sale.chain.sent.every((hash) => hash === sale.chain.sent[0])).toBe(true);
  });

  it("waits for settlement where there is one, and not where its voucher was claimed or batched by then", async () => {
    const sale = await sell({}, { settlementUrl: "https://settlement.example" });
    await sale.refund("r1");
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "reversed", code: "WAITING_FOR_UPLOAD" });
    sale.terminal.gateway.journal.write(() => {
      sale.terminal.gateway.journal.vouchers.pack([sale.voucherId], 1);
    });
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "reversed", code: "WAITING_FOR_UPLOAD" });
    sale.take("received");
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN" });
  });
});

describe("a payment that settlement has and that is not on the chain", () => {
  it("is released, after its reversal, once and for all of it", async () => {
    const sale = await sell();
    sale.take("received");
    expect(await codeOfRejection(sale.refund("part", 1n))).toBe("REFUND_WHOLE_ONLY");
    expect(await sale.refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN" });
    expect(sale.terminal.gateway.journal.reversals.has(sale.tapId)).toBe(true);
    await sale.next();
    await sale.next(true);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded" });
  });

  it("waits where it was batched, and is refunded where the batch pays it", async () => {
    const sale = await sell();
    sale.take("batched");
    expect(await sale.refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_BATCH" });
    const tx = await sale.chain.settle(sale.voucher);
    sale.take("batched", { tx });
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
    await sale.next();
    await sale.next(true);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded" });
    expect(sale.chain.calls).toEqual(["settle", "refund"]);
  });

  it("records unpaid counters first where the vault wants that", async () => {
    const sale = await sell();
    sale.take("received");
    sale.chain.refusals.set("release", "Advance");
    expect(await sale.refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_CHAIN", tx: null });
    sale.chain.refusals.clear();
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "releasing", tx: null });
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "releasing", tx: sale.chain.sent.at(-1) });
    await sale.next();
    await sale.next(true);
    expect(sale.chain.calls).toEqual(["advance", "release"]);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded" });
  });

  it.each([
    ["release", "NotPayee"],
    ["advance", "Paused"],
  ])("is refused by the vault's own name for why: %s", async (name, reason) => {
    const sale = await sell();
    sale.take("received");
    sale.chain.refusals.set("release", name === "advance" ? "Advance" : reason).set(name, reason);
    if (name === "advance") sale.chain.refusals.set("release", "Advance");
    expect(await sale.refund("r1")).toMatchObject({ state: "refused", code: "REFUSED_BY_VAULT", detail: reason });
    expect(sale.chain.sent).toEqual([]);
    // Refused is refused; another refund may be asked for.
    expect(await sale.refund("r1")).toMatchObject({ state: "refused" });
    sale.chain.refusals.clear();
    expect(await sale.refund("r2")).toMatchObject({ state: "releasing", amount: QUIET_PRICE });
  });
});

describe("a payment that the chain has paid", () => {
  it("is given back in parts out of the earnings, never above the whole", async () => {
    const sale = await sell();
    await sale.pay();
    expect(await codeOfRejection(sale.refund("much", QUIET_PRICE + 1n))).toBe("REFUND_ABOVE_PAYMENT");
    expect(await codeOfRejection(sale.refund("none", 0n))).toBe("REFUND_ABOVE_PAYMENT");
    expect(await sale.refund("r1", 1_000_000n)).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
    expect(await codeOfRejection(sale.refund("r2", QUIET_PRICE - 999_999n))).toBe("REFUND_ABOVE_PAYMENT");
    await sale.next();
    await sale.next(true);
    expect(await sale.refund("r2")).toMatchObject({ amount: QUIET_PRICE - 1_000_000n, state: "refunding" });
    await sale.next();
    await sale.next(true);
    expect(sale.refunds().map(({ state }) => state)).toEqual(["refunded", "refunded"]);
    expect(sale.chain.returns.map(({ units }) => units)).toEqual([1_000_000n, QUIET_PRICE - 1_000_000n]);
    expect([sale.chain.owed, sale.chain.tokens]).toEqual([0n, 0n]);
    expect(sale.terminal.gateway.journal.reversals.has(sale.tapId)).toBe(false);
  });

  it("comes out of the account where the earnings do not reach, approved for exactly what they lack", async () => {
    const sale = await sell();
    await sale.pay();
    sale.chain.owed = 1_500_000n;
    sale.chain.tokens = 2_500_000n;
    expect(await sale.refund("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN", tx: null });
    await sale.next();
    expect(sale.chain.allowed).toBe(2_500_000n);
    await sale.next();
    await sale.next(true);
    expect(sale.chain.calls).toEqual(["settle", "approve", "refund"]);
    expect([sale.chain.owed, sale.chain.tokens, sale.chain.allowed]).toEqual([0n, 0n, 0n]);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded" });
  });

  it("needs no approval where the vault may pull enough already", async () => {
    const sale = await sell();
    await sale.pay();
    sale.chain.owed = QUIET_PRICE - 1n;
    sale.chain.tokens = 1n;
    sale.chain.allowed = 1n;
    await sale.refund("r1");
    await sale.next();
    await sale.next(true);
    expect(sale.chain.calls).toEqual(["settle", "refund"]);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded" });
  });

  it("is refused where neither holds enough, by a single unit, and can be asked for again", async () => {
    const sale = await sell();
    await sale.pay();
    sale.chain.owed = QUIET_PRICE - 2n;
    sale.chain.tokens = 1n;
    expect(await sale.refund("r1")).toMatchObject({ state: "refused", code: "SHORT_OF_FUNDS", tx: null });
    sale.chain.tokens = 2n;
    expect(await sale.refund("r2")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
  });

  it("counts a base unit as what the asset's scale says", async () => {
    const sale = await sell();
    Object.assign(sale.terminal.config.domains[0] ?? {}, { asset: { ...sale.served.asset, scale: 1_000n } });
    await sale.pay();
    sale.chain.owed = QUIET_PRICE - 2n;
    sale.chain.tokens = 1_999n;
    expect(await sale.refund("r1")).toMatchObject({ state: "refused", code: "SHORT_OF_FUNDS" });
    sale.chain.tokens = 2_000n;
    await sale.refund("r2");
    await sale.next();
    expect(sale.chain.allowed).toBe(2_000n);
  });

  it("names its voucher in the transaction, and another of the same call may be mined in its place", async () => {
    const sale = await sell();
    await sale.pay();
    const { tx } = await sale.refund("r1");
    expect(tx).toBe(sale.chain.sent.at(-1));
    // Too low a fee: it is replaced under its nonce.
    sale.chain.market = { baseFee: 3_000n, tip: 10n };
    sale.terminal.now += 1_000;
    await sale.next();
    const replaced = sale.refundOf("r1");
    expect(replaced?.tx).not.toBe(tx);
    expect(replaced).toMatchObject({ state: "refunding", block: null, tx: sale.chain.sent.at(-1) });
    await sale.next();
    expect(sale.chain.returns.map(({ transaction }) => transaction.hash)).toEqual([replaced?.tx]);
    await sale.next(true);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded", tx: replaced?.tx });
  });

  it(`is refused when the chain undoes its transaction ${MAX_REFUND_FAILURES} times, and not before`, async () => {
    const sale = await sell();
    await sale.pay();
    await sale.refund("r1");
    for (let failure = 1; failure <= MAX_REFUND_FAILURES; failure += 1) {
      expect([failure, sale.refundOf("r1")?.state]).toEqual([failure, "refunding"]);
      sale.chain.undone.add(sale.chain.sent.at(-1) ?? "");
      await sale.next();
      // Undone in a block that may still go: nothing has ended.
      expect(sale.refundOf("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
      await sale.next(true);
      if (failure < MAX_REFUND_FAILURES) {
        expect(sale.refundOf("r1")).toMatchObject({ state: "refunding", tx: null, block: null });
        await sale.next();
      }
    }
    expect(sale.refundOf("r1")).toMatchObject({ state: "refused", code: "REVERTED" });
    expect(sale.chain.returns).toEqual([]);
  });

  it("is sent again where another transaction has used its nonce for good", async () => {
    const sale = await sell();
    await sale.pay();
    const { tx } = await sale.refund("r1");
    sale.chain.pool.clear();
    sale.chain.useNonce();
    await sale.next();
    await sale.next(true);
    await sale.next(true);
    await sale.next(true);
    expect(sale.refundOf("r1")?.tx).not.toBe(tx);
    await sale.next();
    await sale.next(true);
    await sale.next(true);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded" });
    expect(sale.chain.returns).toHaveLength(1);
  });
});

describe("what the chain says of a payment", () => {
  it("is unclear where its counter was used and nothing shows for what", async () => {
    const sale = await sell();
    await sale.chain.settle(sale.voucher);
    sale.take("received");
    expect(await sale.refund("r1")).toMatchObject({ state: "releasing", code: "PAYMENT_UNCLEAR", tx: null });
    // Settlement names the transaction, and it is clear.
    sale.take("mined", { tx: sale.chain.mined[0]?.hash ?? null });
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunding" });
  });

  it("begins a refund where settlement reports it paid, and sends nothing before the chain shows it", async () => {
    const sale = await sell();
    sale.take("final", { tx: `0x${"12".repeat(32)}`, reported: "final" });
    expect(await sale.refund("r1", 1n)).toMatchObject({ state: "refunding", code: "PAYMENT_NOT_ON_CHAIN" });
    await sale.next();
    expect([sale.refundOf("r1")?.code, sale.chain.sent]).toEqual(["PAYMENT_NOT_ON_CHAIN", []]);
    const tx = await sale.chain.settle(sale.voucher);
    sale.take("final", { tx, reported: "final" });
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
  });

  it("is not believed against what settlement reported while the chain was asked", async () => {
    const sale = await sell();
    sale.take("batched");
    const { chainId } = sale.chain;
    sale.chain.chainId = async () => {
      sale.take("final", { reported: "final" });
      return await chainId.call(sale.chain);
    };
    expect(await sale.refund("r1", 1n)).toMatchObject({ state: "refunding", code: "PAYMENT_NOT_ON_CHAIN" });
    expect(sale.terminal.gateway.journal.reversals.has(sale.tapId)).toBe(false);
  });

  it("is a release that somebody else made, and the refund ends with its transaction", async () => {
    const sale = await sell();
    sale.take("received");
    const { message, signature, cardKey } = decodeVoucherBundle(sale.voucher.entry);
    const parity = signatureParity(signature, messageHash(message), cardKey);
    const tx = await sale.chain.send(releaseCall({ message: encodeVoucherMessage(message), signature, parity }));
    sale.take("released", { tx });
    expect(await sale.refund("r1")).toMatchObject({ state: "refunded", tx });
    expect(sale.chain.calls).toEqual(["release"]);
    expect(await sale.refund("r1")).toMatchObject({ state: "refunded", tx });
  });

  it("is asked whether the issuer has paid it from the guarantee", async () => {
    const sale = await sell();
    for (const state of ["compensating", "compensated"]) {
      sale.take(state);
      expect(await sale.refund(state)).toMatchObject({ state: "releasing", code: "PAYMENT_UNCLEAR" });
      expect(sale.chain.sent).toEqual([]);
      sale.terminal.gateway.journal.write(() => {
        const refund = sale.refundOf(state);
        if (refund !== null) sale.terminal.gateway.journal.refunds.move(refund, { state: "refused" }, 1);
      });
    }
  });

  it("is known by the journal while the node is away, and nothing is sent by that", async () => {
    const sale = await sell();
    sale.chain.away = true;
    sale.take("final", { reported: "final" });
    expect(await sale.refund("r1", 1n)).toMatchObject({ state: "refunding", code: "RPC_UNREACHABLE", tx: null });
    expect(await sale.next()).toMatchObject([{ code: "RPC_UNREACHABLE" }]);
    sale.chain.away = false;
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunding", code: "PAYMENT_NOT_ON_CHAIN" });
    const tx = await sale.chain.settle(sale.voucher);
    sale.take("final", { tx, reported: "final" });
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
  });

  it.each<[string, string, "final" | "reversed" | null, boolean]>([
    ["final", "final", "final", true],
    ["compensated", "compensated", "final", true],
    ["refunded", "refunded", "final", true],
    ["released", "released", "final", false],
    ["said by nobody authenticated", "final", null, false],
    ["batched", "batched", null, false],
  ])("is, while the node is away, by what settlement reported: %s", async (_, state, reported, paid) => {
    const sale = await sell();
    sale.chain.away = true;
    sale.take(state, { reported });
    if (paid) expect(await sale.refund("r1", 1n)).toMatchObject({ state: "refunding" });
    else expect(await codeOfRejection(sale.refund("r1", 1n))).toBe("REFUND_WHOLE_ONLY");
  });
});

describe("who may give back, and where", () => {
  it("is the payee alone, and nothing is written for another", async () => {
    const sale = await sell();
    await sale.pay();
    const other = new Uint8Array(20).fill(9);
    sale.terminal.openVaultChain = () => Promise.resolve(sale.withSigner(other));
    sale.terminal.restart();
    expect(await codeOfRejection(sale.refund("r1"))).toBe("NOT_PAYEE_KEY");
    expect([sale.refunds(), sale.chain.calls]).toEqual([[], ["settle"]]);
  });

  it("is a node of the vault's chain", async () => {
    const sale = await sell();
    await sale.pay();
    sale.chain.chainId = () => Promise.resolve(5n);
    expect(await codeOfRejection(sale.refund("r1"))).toBe("WRONG_CHAIN");
    expect(sale.refunds()).toEqual([]);
  });

  it("needs a key that can be read; what is under way tells so and goes on afterwards", async () => {
    const sale = await sell();
    await sale.pay();
    await sale.refund("r1");
    const fault = new ChainError("PAYING_KEY_UNREADABLE", "no file");
    sale.terminal.openVaultChain = () => Promise.reject(fault);
    sale.terminal.restart();
    expect(await sale.next()).toEqual([fault]);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunding", code: "PAYING_KEY_UNREADABLE", detail: "no file" });
    expect(await codeOfRejection(sale.refund("r2", 1n))).toBe("REFUND_ABOVE_PAYMENT");
    const { refunds } = sale.terminal.gateway;
    expect(await refunds.request(sale.tapId, { refundId: "r1", amount: null })).toMatchObject({ state: "refunding" });
    sale.terminal.openVaultChain = () => Promise.resolve(sale.chain);
    sale.terminal.restart();
    await sale.next(true);
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded" });
  });

  it("says what to configure where a payment was sent and there is no key", async () => {
    const sale = await sell({ claim: null });
    sale.take("received");
    expect(await codeOfRejection(sale.refund("r1"))).toBe("CHAIN_NOT_CONFIGURED");
    expect([sale.refunds(), sale.terminal.gateway.journal.reversals.has(sale.tapId)]).toEqual([[], false]);
  });

  it("closes the chain after each use, also after a fault", async () => {
    const sale = await sell();
    await sale.pay();
    await sale.refund("r1", 1n);
    expect(sale.chain.closed).toBe(2);
    sale.chain.away = true;
    await sale.next();
    expect(sale.chain.closed).toBe(3);
  });

  it("throws on what is no fault of chain or request, and goes on afterwards", async () => {
    const sale = await sell();
    await sale.pay();
    const fault = new RangeError(REASON);
    const { chainId } = sale.chain;
    sale.chain.chainId = () => Promise.reject(fault);
    await expect(sale.refund("r1")).rejects.toBe(fault);
    sale.chain.chainId = chainId;
    expect(await sale.refund("r1")).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
  });
});

describe("a payment that the terminal has reversed", () => {
  it("is given back by itself with the payee's key, once", async () => {
    const sale = await sell();
    sale.terminal.gateway.engine.reverse(sale.tapId);
    expect(await sale.terminal.gateway.refunds.advance()).toEqual([]);
    expect(sale.refunds()).toMatchObject([{ refundId: "reversal", state: "releasing", amount: QUIET_PRICE }]);
    await sale.next();
    await sale.next(true);
    await sale.next();
    expect(sale.refunds()).toMatchObject([{ refundId: "reversal", state: "refunded" }]);
    expect(sale.chain.calls).toEqual(["release"]);
  });

  it.each([
    ["the key is another's", "other"],
    ["the key cannot be read", "unreadable"],
    ["there is no key", "none"],
  ])("is left to a person where %s", async (_, key) => {
    const sale = await sell(key === "none" ? { claim: null } : {});
    sale.terminal.openVaultChain = () =>
      key === "other"
        ? Promise.resolve(sale.withSigner(new Uint8Array(20).fill(9)))
        : Promise.reject(new ChainError("PAYING_KEY_UNREADABLE", "no file"));
    sale.terminal.restart();
    sale.terminal.gateway.engine.reverse(sale.tapId);
    expect(await sale.terminal.gateway.refunds.advance()).toEqual([]);
    expect(sale.refunds()).toEqual([]);
  });
});

describe("several refunds under way", () => {
  it("wait together for a node that is away, which is told once", async () => {
    const sale = await sell();
    await sale.pay();
    await sale.refund("r1", 1n);
    await sale.refund("r2", 2n);
    sale.chain.away = true;
    expect(await sale.next()).toMatchObject([{ code: "RPC_UNREACHABLE" }]);
    expect(sale.refunds().map(({ code }) => code)).toEqual(["RPC_UNREACHABLE", "WAITING_FOR_CHAIN"]);
    sale.chain.away = false;
    await sale.next();
    await sale.next(true);
    expect(sale.refunds().map(({ state }) => state)).toEqual(["refunded", "refunded"]);
    expect(sale.chain.returnedOf(sale.voucherId)).toBe(3n);
  });

  it("go on one after the other although one has a fault of its own", async () => {
    const sale = await sell();
    await sale.pay();
    sale.chain.wei = 0n;
    expect(await sale.refund("r1", 1n)).toMatchObject({ state: "refunding", code: "NO_GAS" });
    expect(await sale.refund("r2", 2n)).toMatchObject({ state: "refunding", code: "NO_GAS" });
    expect(await sale.next()).toMatchObject([{ code: "NO_GAS" }, { code: "NO_GAS" }]);
    sale.chain.wei = 10n ** 18n;
    await sale.next();
    expect(sale.refunds().map(({ code }) => code)).toEqual(["WAITING_FOR_CHAIN", "WAITING_FOR_CHAIN"]);
  });
});

describe("a payment whose end the journal knows", () => {
  const tx = `0x${"5e".repeat(32)}`;

  /** A final block showed the voucher's end; the chain of the test shows nothing of it. */
  async function ended(kind: "paid" | "released" | "compensated"): Promise<QuietSale> {
    const sale = await sell();
    sale.take("received");
    const { journal } = sale.terminal.gateway;
    journal.write(() => {
      journal.outcomes.end(sale.voucherId, { kind, tx, block: 1n }, sale.terminal.now);
    });
    sale.chain.owed = QUIET_PRICE;
    return sale;
  }

  it.each<"paid" | "compensated">(["paid", "compensated"])("is refunded where it was %s", async (kind) => {
    const sale = await ended(kind);
    expect(await sale.refund("r1", 1n)).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
    sale.chain.away = true;
    expect(await sale.refund("r2", 1n)).toMatchObject({ state: "refunding", code: "RPC_UNREACHABLE" });
  });

  it("needs no refund where it was released, and its refund of before ends with that transaction", async () => {
    const sale = await sell();
    sale.take("batched");
    expect(await sale.refund("r1")).toMatchObject({ state: "releasing", code: "WAITING_FOR_BATCH" });
    const { journal } = sale.terminal.gateway;
    journal.write(() => {
      journal.outcomes.end(sale.voucherId, { kind: "released", tx, block: 1n }, sale.terminal.now);
    });
    sale.chain.away = true;
    expect(await codeOfRejection(sale.refund("r2"))).toBe("REFUND_ABOVE_PAYMENT");
    sale.chain.away = false;
    await sale.next();
    expect(sale.refundOf("r1")).toMatchObject({ state: "refunded", tx });
    expect(sale.chain.sent).toEqual([]);
  });

  it("was claimed by this terminal, and settlement need not have it", async () => {
    const sale = await sell({}, { settlementUrl: "https://settlement.example" });
    const { journal } = sale.terminal.gateway;
    const claim = await sale.chain.settle(sale.voucher);
    journal.write(() => {
      journal.outcomes.claimed(sale.voucherId, claim, sale.terminal.now);
    });
    expect(await sale.refund("r1", 1n)).toMatchObject({ state: "refunding", code: "WAITING_FOR_CHAIN" });
  });
});

describe("a payment that was given back without this terminal", () => {
  const elsewhere = `0x${"e1".repeat(32)}`;

  /** A paid sale of which settlement shows refunds. */
  async function shown(refunds: FollowedVoucher["refunds"] | null) {
    const sale = await sell();
    await sale.pay();
    const { journal, clock, engine } = sale.terminal.gateway;
    let returns = 0;
    const state = { refunds };
    const service = new RefundService({
      ...{ journal, clock, config: sale.terminal.config },
      reverse: (tapId) => engine.reverse(tapId),
      openChain: () => Promise.resolve(sale.chain),
      refundsOf: () => Promise.resolve(state.refunds),
      afterReturn: () => {
        returns += 1;
        return Promise.resolve();
      },
    });
    const refund = (refundId: string, amount: bigint | null = null) =>
      service.request(sale.tapId, { refundId, amount });
    return { sale, service, state, refund, returns: () => returns };
  }

  it("is given back for what is left of it", async () => {
    const { refund } = await shown([
      { amount: "1.00", tx: elsewhere },
      { amount: "0.50", tx: elsewhere },
    ]);
    expect(await codeOfRejection(refund("r1", QUIET_PRICE - 1_499_999n))).toBe("REFUND_ABOVE_PAYMENT");
    expect(await refund("r1")).toMatchObject({ state: "refunding", amount: QUIET_PRICE - 1_500_000n });
  });

  it("is not where nothing is left, and its own refunds count once", async () => {
    const { sale, service, state, refund, returns } = await shown([{ amount: "4.00", tx: elsewhere }]);
    expect(await codeOfRejection(refund("r1", 1n))).toBe("ALREADY_REFUNDED");
    expect(sale.refunds()).toEqual([]);
    state.refunds = null;
    const { tx } = await refund("r1", 1_000_000n);
    state.refunds = [{ amount: "1.00", tx: tx ?? "" }];
    expect(await refund("r2")).toMatchObject({ amount: QUIET_PRICE - 1_000_000n });
    expect(returns()).toBe(0);
    sale.chain.mine();
    sale.chain.finalize();
    await service.advance();
    // Once for each refund that is at its end, and not again.
    expect([sale.refunds().map((each) => each.state), returns()]).toEqual([["refunded", "refunded"], 2]);
    await refund("r1");
    await service.advance();
    expect(returns()).toBe(2);
  });
});
