import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import * as protocol from "../index.ts";
import {
  answerOf,
  counting,
  domain,
  issuerKeys,
  makeCard,
  now,
  payee,
  requestFor,
  testSigner,
} from "../testing/fixture.ts";

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

const DAY = 86_400;

const judge = (
  bundle: protocol.VoucherBundle,
  grounds: Partial<protocol.VoucherGrounds> = {},
): protocol.VoucherVerdict =>
  protocol.judgeVoucher(bundle, { checks: protocol.createSignatureChecks(issuerKeys), ...grounds });

/** A certificate that the fixture's payment of 2.50 keeps exactly. */
const certificate: protocol.CertifiedLimits = {
  payee,
  category: 12,
  terminalId: counting(0xa1, 8),
  notBefore: now,
  notAfter: now,
  perTap: 2_500_000n,
  softwareSum: 0n,
};

const terminalWith = (
  change: Partial<protocol.CertifiedLimits> = {},
  more: Partial<protocol.CertifiedTerminal> = {},
): Partial<protocol.VoucherGrounds> => ({
  terminal: { certificate: { ...certificate, ...change }, softwareBefore: 0n, ...more },
});

const arrivedAfter = (seconds: number): Partial<protocol.VoucherGrounds> => ({
  arrival: { at: now + seconds, uploadWindowSeconds: 7 * DAY },
});

const CLASS_2 = 4;
const CLASS_3 = 6;

type Lies = Parameters<typeof answerOf>[2];

describe("judgeVoucher", () => {
  it("promises a good voucher and gives its id, card and parity", async () => {
    const bundle = await bundleOf();
    const card = protocol.addressOfKey(bundle.cardKey);
    const digest = protocol.messageHash(bundle.message);
    expect(judge(bundle, { domain, payee, ...terminalWith(), ...arrivedAfter(0) })).toMatchObject({
      worth: "promised",
      voucher: {
        card,
        id: protocol.voucherId(card, bundle.message),
        parity: protocol.signatureParity(bundle.signature, digest, bundle.cardKey),
      },
    });
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
  ])("gives nothing for a changed %s", async (_field, change, code) => {
    expect(judge(change(await bundleOf()))).toEqual({ worth: "nothing", code });
  });

  it.each<[string, Partial<protocol.VoucherGrounds>, string]>([
    ["another domain", { domain: { ...domain, chainId: 1n } }, "WRONG_DOMAIN"],
    ["another payee", { payee: protocol.toAddress(counting(9, 20)) }, "FOREIGN_PAYEE"],
    ["another payee's certificate", terminalWith({ payee: protocol.toAddress(counting(9, 20)) }), "FOREIGN_PAYEE"],
    ["unknown issuer keys", { checks: protocol.createSignatureChecks([]) }, "ISSUER_KEY_UNKNOWN"],
  ])("gives nothing where it is judged for %s", async (_what, grounds, code) => {
    expect(judge(await bundleOf(), grounds)).toEqual({ worth: "nothing", code });
  });

  it("gives nothing for a card key that is no point of the curve", async () => {
    const cardKey = Uint8Array.of(2, ...new Array<number>(31).fill(0), 5);
    expect(judge({ ...(await bundleOf()), cardKey })).toEqual({ worth: "nothing", code: "CARD_KEY_INVALID" });
  });

  // Each code at its bound, and one beyond it.
  it.each<[string, Partial<protocol.AllowanceBody>, Lies, Partial<protocol.AllowanceBody>, Lies]>([
    ["SPENT_MISMATCH", {}, { spent: 2_500_001n }, {}, { spent: 2_500_000n }],
    ["SEQ_MISMATCH", {}, { allowanceSeq: 7 }, {}, { allowanceSeq: 8 }],
    ["SEQ_MISMATCH", {}, { allowanceSeq: 7 }, {}, { allowanceSeq: 6 }],
    ["OVER_VALIDITY", { notBefore: now, notAfter: now }, {}, { notBefore: now + 1 }, {}],
    ["OVER_VALIDITY", { notBefore: now, notAfter: now }, {}, { notAfter: now - 1 }, {}],
    ["OVER_CATEGORY", { categories: 1n << 12n }, {}, { categories: ~(1n << 12n) & protocol.MAX_U64 }, {}],
    ["OVER_PER_TAP", { perTap: 2_500_000n }, {}, { perTap: 2_499_999n }, {}],
    ["OVER_NO_PIN", { pinAbove: 2_500_000n }, {}, { pinAbove: 2_499_999n }, {}],
    ["OVER_NO_PIN", { noPinSum: 2_500_000n }, {}, { noPinSum: 2_499_999n }, {}],
    ["OVER_NO_PIN", { noPinCount: 1 }, {}, { noPinCount: 0 }, {}],
    ["OVER_NO_PIN", { pinAbove: 0n }, { cvm: 1 }, { pinAbove: 0n }, { cvm: 0 }],
    ["OVER_COUNTER", { maxCounter: 2 }, {}, { maxCounter: 1 }, {}],
    ["OVER_MAX_SPENT", { maxSpent: 2_500_001n }, {}, { maxSpent: 2_500_000n }, {}],
  ])("names %s beyond the bound alone", async (code, body, lies, otherBody, otherLies) => {
    expect(judge(await bundleOf(body, lies)).worth).toBe("promised");
    expect(judge(await bundleOf(otherBody, otherLies))).toMatchObject({ worth: "authentic", codes: [code] });
  });

  it("names a first payment that links to one before it", async () => {
    const select = { counter: 0, spent: 0n };
    const first = async (head: Uint8Array) => {
      const card = await makeCard({ select: { ...select, head } });
      const request = requestFor(card.select);
      const { message, context } = protocol.rebuildVoucher(domain, request, await answerOf(card, request));
      const signature = await card.signer.sign(protocol.messageHash(message));
      const { cardKey, allowanceBody, allowanceSignature } = card.select;
      return judge({ cardKey, message, context, signature, allowanceBody, allowanceSignature });
    };
    expect((await first(new Uint8Array(32))).worth).toBe("promised");
    expect(await first(counting(1, 32))).toMatchObject({ codes: ["LINK_MISMATCH"] });
  });

  it.each<[string, Partial<protocol.VoucherGrounds>, Partial<protocol.VoucherGrounds>]>([
    ["ABOVE_CERTIFICATE", terminalWith({ perTap: 2_500_000n }), terminalWith({ perTap: 2_499_999n })],
    ["OUTSIDE_CERTIFICATE", terminalWith({ notBefore: now }), terminalWith({ notBefore: now + 1 })],
    ["OUTSIDE_CERTIFICATE", terminalWith({ notAfter: now }), terminalWith({ notAfter: now - 1 })],
    ["CERTIFICATE_CATEGORY", terminalWith({ category: 12 }), terminalWith({ category: 11 })],
    ["OTHER_TERMINAL", terminalWith(), terminalWith({ terminalId: counting(0xa2, 8) })],
    [
      "CERTIFICATE_WITHDRAWN",
      { ...terminalWith({}, { withdrawnAt: now }), ...arrivedAfter(2) },
      { ...terminalWith({}, { withdrawnAt: now - 1 }), ...arrivedAfter(2) },
    ],
    [
      "CERTIFICATE_WITHDRAWN",
      { ...terminalWith({}, { withdrawnAt: now - 1 }), ...arrivedAfter(-1) },
      { ...terminalWith({}, { withdrawnAt: now - 1 }), ...arrivedAfter(0) },
    ],
    ["LATE", arrivedAfter(7 * DAY + 300), arrivedAfter(7 * DAY + 301)],
    ["AHEAD_OF_CLOCK", arrivedAfter(-300), arrivedAfter(-301)],
  ])("names %s beyond the bound alone", async (code, at, beyond) => {
    const bundle = await bundleOf();
    expect(judge(bundle, at).worth).toBe("promised");
    expect(judge(bundle, beyond)).toMatchObject({ worth: "authentic", codes: [code] });
  });

  it("promises a software card's voucher within the certified sum alone, and nothing of class 3", async () => {
    const software = await bundleOf({ flags: CLASS_2 });
    const within = terminalWith({ softwareSum: 4_000_000n }, { softwareBefore: 1_500_000n });
    const above = terminalWith({ softwareSum: 4_000_000n }, { softwareBefore: 1_500_001n });
    expect(judge(software, within).worth).toBe("promised");
    for (const grounds of [above, terminalWith(), {}]) {
      expect(judge(software, grounds)).toMatchObject({ worth: "authentic", codes: ["SOFTWARE_CARD"] });
    }
    const refused = await bundleOf({ flags: CLASS_3 });
    expect(judge(refused, within)).toMatchObject({ worth: "authentic", codes: ["SOFTWARE_CARD"] });
    expect(judge(await bundleOf({ flags: 2 })).worth).toBe("promised");
  });

  it("names every excess, in the order in which it asks", async () => {
    const caps = { notAfter: now - 1, categories: 0n, perTap: 1n, pinAbove: 1n, maxCounter: 1, maxSpent: 1n };
    const bundle = await bundleOf({ ...caps, flags: CLASS_3 }, { spent: 2_500_000n, allowanceSeq: 8 });
    const changed = { perTap: 1n, notAfter: now - 1, category: 1, terminalId: counting(1, 8) };
    const grounds = { ...terminalWith(changed, { withdrawnAt: now - 1 }), ...arrivedAfter(8 * DAY) };
    const expected = Object.keys(protocol.excessCodes).filter(
      (code) => code !== "LINK_MISMATCH" && code !== "AHEAD_OF_CLOCK",
    );
    expect(judge(bundle, grounds)).toMatchObject({ worth: "authentic", codes: expected });
  });

  it("verifies with another library where one is given, and an allowance once for all its vouchers", async () => {
    const asked: string[] = [];
    const checks = protocol.createSignatureChecks(issuerKeys, {
      verify: () => asked.push("allowance") > 0,
      parityOf: () => (asked.push("voucher") > 0 ? 1 : null),
      addressOf: (key) => (asked.push("address") > 0 ? protocol.addressOfKey(key) : null),
    });
    const bundle = await bundleOf();
    for (let time = 0; time < 3; time += 1) {
      expect(judge(bundle, { checks })).toMatchObject({ worth: "promised", voucher: { parity: 1 } });
    }
    expect(asked).toEqual(["address", "allowance", "voucher", "voucher", "voucher"]);
  });
});

describe("judgeVoucherBytes", () => {
  const grounds = { checks: protocol.createSignatureChecks(issuerKeys) };

  it("judges the 382 bytes, and names what no decoder takes", async () => {
    const bytes = protocol.encodeVoucherBundle(await bundleOf());
    expect(protocol.judgeVoucherBytes(bytes, grounds).worth).toBe("promised");
    const changed = (at: number, value: number) =>
      Uint8Array.from(bytes, (byte, index) => (index === at ? value : byte));
    for (const [wrong, fault] of [
      [bytes.subarray(1), "WRONG_LENGTH"],
      [Uint8Array.of(...bytes, 0), "SURPLUS_BYTES"],
      [changed(0, 4), "BAD_PUBLIC_KEY"],
      [changed(33, 0), "UNKNOWN_TAG"],
      [changed(33 + 82 + 43, 2), "OUT_OF_RANGE"],
      [new Uint8Array(), "WRONG_LENGTH"],
    ] as const) {
      expect(protocol.judgeVoucherBytes(wrong, grounds)).toEqual({
        worth: "nothing",
        code: "MALFORMED_VOUCHER",
        fault,
      });
    }
  });

  it("never throws, and never promises, for one changed byte anywhere", async () => {
    const bytes = protocol.encodeVoucherBundle(await bundleOf());
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ mask : byte));
        expect(protocol.judgeVoucherBytes(changed, grounds).worth).toBe("nothing");
      }),
      { numRuns: 60, seed: 11 },
    );
  });
});

describe("codes", () => {
  it("have a sentence each that ends and names no code", () => {
    for (const [code, sentence] of Object.entries({ ...protocol.worthlessCodes, ...protocol.excessCodes })) {
      expect(code).toMatch(/^[A-Z][A-Z_]+$/);
      expect(sentence).toMatch(/^[A-Z][^_.]+\.$/);
    }
  });
});
