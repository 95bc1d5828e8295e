import { describe, expect, it } from "@jest/globals";
import * as protocol from "../index.ts";
import { answerOf, counting, domain, issuerKeys, makeCard, now, requestFor, testSigner } from "../testing/fixture.ts";

async function bundleOf(
  body: Partial<protocol.AllowanceBody> = {},
  lies: Parameters<typeof answerOf>[2] = {},
): Promise<protocol.VoucherBundle> {
  const card = await makeCard({ body });
  const request = requestFor(card.select);
  const answer = await answerOf(card, request, lies);
  const { message, context } = protocol.rebuildVoucher(domain, request, answer);
  const { signature } = protocol.normalizeCardSignature(
    answer.signature,
    protocol.messageHash(message),
    card.select.cardKey,
  );
  const { cardKey, allowanceBody, allowanceSignature } = card.select;
  return { cardKey, message, context, signature, allowanceBody, allowanceSignature };
}

describe("verifyVoucher", () => {
  it("accepts a good voucher and gives its id and card", async () => {
    const bundle = await bundleOf();
    const card = protocol.addressOfKey(bundle.cardKey);
    const verdict = protocol.verifyVoucher(bundle, issuerKeys);
    expect(verdict).toMatchObject({ ok: true, voucher: { card, id: protocol.voucherId(card, bundle.message) } });
  });

  it.each([
    [
      "amount",
      (b: protocol.VoucherBundle) => ({ ...b, message: { ...b.message, amount: b.message.amount + 1n } }),
      "VOUCHER_SIGNATURE_WRONG",
    ],
    [
      "payee",
      (b: protocol.VoucherBundle) => ({ ...b, message: { ...b.message, payee: protocol.toAddress(counting(9, 20)) } }),
      "VOUCHER_SIGNATURE_WRONG",
    ],
    [
      "counter",
      (b: protocol.VoucherBundle) => ({ ...b, message: { ...b.message, counter: 3 } }),
      "VOUCHER_SIGNATURE_WRONG",
    ],
    [
      "spent",
      (b: protocol.VoucherBundle) => ({ ...b, context: { ...b.context, spent: b.context.spent - 1n } }),
      "CONTEXT_MISMATCH",
    ],
    ["time", (b: protocol.VoucherBundle) => ({ ...b, context: { ...b.context, time: now + 1 } }), "CONTEXT_MISMATCH"],
    [
      "signature",
      (b: protocol.VoucherBundle) => ({ ...b, signature: b.allowanceSignature }),
      "VOUCHER_SIGNATURE_WRONG",
    ],
    [
      "allowance",
      (b: protocol.VoucherBundle) => ({ ...b, allowanceBody: { ...b.allowanceBody, maxSpent: 1n << 40n } }),
      "ALLOWANCE_SIGNATURE_WRONG",
    ],
    [
      "card key",
      (b: protocol.VoucherBundle) => ({ ...b, cardKey: testSigner("thief").publicKey }),
      "ALLOWANCE_SIGNATURE_WRONG",
    ],
    [
      "chain",
      (b: protocol.VoucherBundle) => ({ ...b, message: { ...b.message, domain: { ...domain, chainId: 1n } } }),
      "ISSUER_KEY_UNKNOWN",
    ],
    [
      "vault",
      (b: protocol.VoucherBundle) => ({
        ...b,
        message: { ...b.message, domain: { ...domain, vault: protocol.toAddress(counting(3, 20)) } },
      }),
      "ISSUER_KEY_UNKNOWN",
    ],
  ])("gives nothing for a changed %s", async (_field, change, reason) => {
    expect(protocol.verifyVoucher(change(await bundleOf()), issuerKeys)).toEqual({
      ok: false,
      authentic: false,
      reason,
    });
  });

  it.each([
    ["spends above maxSpent", { maxSpent: 2_500_000n }, {}, "OVER_MAX_SPENT"],
    ["pays above perTap", { perTap: 2_499_999n }, {}, "OVER_PER_TAP"],
    ["counts above maxCounter", { maxCounter: 1 }, {}, "OVER_COUNTER"],
    ["pays under another allowance", {}, { allowanceSeq: 8 }, "SEQ_MISMATCH"],
    ["spent less than its number allows", {}, { spent: 2_500_000n }, "SPENT_MISMATCH"],
  ])("shows a card that %s as authentic and in excess", async (_what, body, lies, reason) => {
    expect(protocol.verifyVoucher(await bundleOf(body, lies), issuerKeys)).toMatchObject({
      ok: false,
      authentic: true,
      reason,
    });
  });

  it("verifies with another library where one is given", async () => {
    const asked: Uint8Array[] = [];
    const verdict = protocol.verifyVoucher(
      await bundleOf(),
      issuerKeys,
      (_signature, _digest, key) => asked.push(key) > 0,
    );
    expect(verdict.ok).toBe(true);
    expect(asked).toHaveLength(2);
  });
});

describe("reasons", () => {
  it("have a sentence each that ends and names no code", () => {
    for (const code of protocol.reasonCodes) {
      expect(code).toMatch(/^[A-Z][A-Z_]+$/);
      expect(protocol.cashierSentence(code)).toMatch(/^[A-Z][^_.]+\. [A-Z][^_]+\.$/);
      expect(protocol.isReasonCode(code)).toBe(true);
    }
    expect(protocol.isReasonCode("toString")).toBe(false);
    expect(protocol.isReasonCode(1)).toBe(false);
  });

  it.each([
    [0x9e01, "CARD_STATE"],
    [0x9e02, "CARD_VALIDITY"],
    [0x9e03, "CARD_CATEGORY"],
    [0x9e04, "CARD_PER_TAP"],
    [0x9e05, "CARD_COUNTER_CAP"],
    [0x9e06, "CARD_SPENDING_CAP"],
    [0x9e07, "CARD_PIN_NEEDED"],
    [0x9e08, "CARD_OUT_OF_TURN"],
    [0x9e09, "CARD_WRONG_CARD"],
    [0x9e0a, "CARD_ALLOWANCE_NOT_NEWER"],
    [0x9e0b, "CARD_SIGNATURE_WRONG"],
    [0x9e0c, "CARD_CERTIFICATE_NEEDED"],
    [0x63c0, "CARD_WRONG_PIN"],
    [0x63cf, "CARD_WRONG_PIN"],
    [0x6983, "CARD_PIN_BLOCKED"],
    [0x63d0, "CARD_REFUSED"],
    [0x9e0d, "CARD_REFUSED"],
    [0x6a80, "CARD_REFUSED"],
    [0x6f00, "CARD_REFUSED"],
  ])("status word %i is %s", (statusWord, reason) => {
    expect(protocol.reasonOfStatusWord(statusWord)).toBe(reason);
  });
});
