import { describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  checkVoucher,
  contextHash,
  createSignatureChecks,
  createSigner,
  digestOf,
  encodeAllowance,
  encodeDerSignature,
  decodeSignature,
  instanceAid,
  judgeVoucher,
  messageHash,
  rebuildVoucher,
  cardTag,
  toAddress,
  voucherEntry,
  type AllowanceBody,
  type MerchantCertificate,
  type PayRequest,
  type SelectAnswer,
  type VoucherBundle,
} from "@tallystick/protocol";
import fc from "fast-check";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { refusalOf } from "./upload-verdict.ts";
import { EntryVerifier, type VerificationContext } from "./verify-entry.ts";

const NOW = 1_790_000_000;
const WEEK = 604_800;
const domain = { chainId: 31_337n, vault: toAddress(Buffer.alloc(20, 0x51)) };
const payee = toAddress(Buffer.alloc(20, 0x91));
const terminalId = Buffer.alloc(8, 3);
const issuer = createSigner(Buffer.alloc(32, 1));
const card = createSigner(Buffer.alloc(32, 2));
const issuerKeys = [{ domain, id: 1, publicKey: issuer.publicKey }];
const engine = createNativeEngine();

/** A card as SELECT shows it, the request, what the card adds to it and what is spoilt on the way. */
interface Payment {
  readonly body: AllowanceBody;
  readonly counter: number;
  readonly spentBefore: bigint;
  readonly amount: bigint;
  readonly category: number;
  readonly time: number;
  readonly spoilt: "nothing" | "signature" | "context" | "allowance" | "key";
}

const near = (value: number) => fc.constantFrom(value - 1, value, value + 1);
const nearUnits = (value: bigint) => fc.constantFrom(value - 1n, value, value + 1n);
const mostly = <T>(usual: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const payments: fc.Arbitrary<Payment> = fc.record({
  body: fc.record({
    ...{ issuerKeyId: mostly(1, fc.constant(2)), seq: fc.constant(7), maxSpent: mostly(100n, nearUnits(25n)) },
    ...{ softSpent: fc.constant(0n), maxCounter: mostly(50, near(2)), perTap: mostly(50n, nearUnits(20n)) },
    ...{ pinAbove: mostly(50n, nearUnits(20n)), noPinSum: fc.constant(1_000n), noPinCount: fc.constant(255) },
    ...{ notBefore: mostly(0, near(NOW)), notAfter: mostly(NOW + WEEK, near(NOW)), cardIndex: fc.constant(0) },
    ...{ categories: mostly(8n, fc.constant(4n)), flags: mostly(0, fc.constantFrom(2, 4, 6)) },
  }),
  counter: fc.constantFrom(1, 2, 3),
  spentBefore: fc.constantFrom(0n, 1n, 2n, 5n),
  amount: mostly(20n, nearUnits(20n)),
  category: mostly(3, fc.constant(2)),
  time: mostly(NOW, fc.constantFrom(NOW - WEEK - 300, NOW - WEEK - 301, NOW + 300, NOW + 301)),
  spoilt: mostly<Payment["spoilt"]>("nothing", fc.constantFrom("signature", "context", "allowance", "key")),
});

async function paid(payment: Payment) {
  const { body, counter, spentBefore, amount, time, category } = payment;
  const address = addressOfKey(card.publicKey);
  const select: SelectAnswer = {
    ...{ aid: instanceAid(1), version: 1, state: 7, cardTag: cardTag(domain, card.publicKey), cardKey: card.publicKey },
    ...{ allowanceBody: body, counter: counter - 1, spent: spentBefore, noPinUsed: 0n, noPinTaps: 0 },
    ...{ allowanceSignature: await issuer.sign(digestOf(encodeAllowance({ domain, card: address, body }))) },
    head: Buffer.alloc(32, counter === 1 ? 0 : 9),
  };
  const request: PayRequest = {
    ...{ cardTag: select.cardTag, counter, payee, amount, time, challenge: Buffer.alloc(16, 4), terminalId, category },
  };
  const fields = {
    ...{ counter, spent: spentBefore + amount, allowanceSeq: body.seq, link: select.head },
    ...{ cvm: 0 as const, flags: 0 as const },
  };
  const { message, context } = rebuildVoucher(domain, request, fields);
  const signature = await card.sign(messageHash(message));
  const answer = { ...fields, signature: encodeDerSignature(decodeSignature(signature)) };
  const bundle: VoucherBundle = {
    ...{ cardKey: card.publicKey, message, context, signature },
    ...{ allowanceBody: body, allowanceSignature: select.allowanceSignature },
  };
  return { select, request, answer, bundle };
}

function spoil(bundle: VoucherBundle, spoilt: Payment["spoilt"]): VoucherBundle {
  switch (spoilt) {
    case "nothing":
      return bundle;
    case "signature":
      return { ...bundle, signature: bundle.allowanceSignature };
    case "context":
      return { ...bundle, context: { ...bundle.context, challenge: Buffer.alloc(16, 5) } };
    case "allowance":
      return { ...bundle, allowanceSignature: bundle.signature };
    case "key":
      return { ...bundle, cardKey: issuer.publicKey };
  }
}

const certificate: MerchantCertificate = {
  ...{ domain, issuerKeyId: 1, payee, category: 3, terminalId, terminalKey: Buffer.alloc(65, 4) },
  ...{ notBefore: 0, notAfter: 0xffff_ffff, perTap: 20n, unsentSum: 1n, unsentCount: 1 },
  ...{ perCardSum: 50n, softwareSum: 20n },
};
const arrival = { at: NOW, uploadWindowSeconds: WEEK };
const context: VerificationContext = { domain, issuerKeys, arrival, withdrawnAt: null };

describe("one judge", () => {
  it("gives settlement's native threads and an integrator's own library one verdict", async () => {
    await fc.assert(
      fc.asyncProperty(payments, async (payment) => {
        const bundle = spoil((await paid(payment)).bundle, payment.spoilt);
        const checks = createSignatureChecks(issuerKeys);
        const verdict = judgeVoucher(bundle, {
          ...{ checks, domain, arrival, terminal: { certificate, softwareBefore: 0n } },
        });
        const taken = new EntryVerifier(certificate, context, engine).verify(voucherEntry(bundle), 0);
        if (verdict.worth === "nothing") {
          expect(taken).toMatchObject({ kind: "refused", code: refusalOf[verdict.code] });
          return;
        }
        const dispute = verdict.worth === "promised" ? null : verdict.codes[0];
        const { id, card: address, parity } = verdict.voucher;
        expect(taken).toMatchObject({ kind: "voucher", id, card: address, parity, dispute });
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it("gives a terminal after PAY the verdict that verifies from the bundle alone", async () => {
    await fc.assert(
      fc.asyncProperty(payments, async (payment) => {
        // The terminal rebuilds the context and has verified the allowance before PAY.
        const { bundle, ...tap } = await paid({
          ...payment,
          spoilt: "nothing",
          body: { ...payment.body, issuerKeyId: 1 },
        });
        const checked = checkVoucher({ domain, ...tap, observations: [], pinVerified: false });
        const verdict = judgeVoucher(bundle, { checks: createSignatureChecks(issuerKeys, engine) });
        // The class was judged before PAY too.
        const codes = verdict.worth === "authentic" ? verdict.codes.filter((code) => code !== "SOFTWARE_CARD") : [];
        expect(verdict.worth).not.toBe("nothing");
        expect(checked).toMatchObject(codes[0] === undefined ? { ok: true } : { ok: false, reason: codes[0] });
      }),
      { numRuns: 200, seed: 4 },
    );
  });

  it("names the missing PIN everywhere", async () => {
    const cents = 10_000n;
    const body: AllowanceBody = {
      ...{ issuerKeyId: 1, seq: 7, maxSpent: 5_000n * cents, softSpent: 0n, maxCounter: 50, perTap: 5_000n * cents },
      ...{ pinAbove: 50n * cents, noPinSum: 5_000n * cents, noPinCount: 255, notBefore: 0, notAfter: NOW + WEEK },
      ...{ cardIndex: 0, categories: 8n, flags: 0 },
    };
    const payment = { body, counter: 1, spentBefore: 0n, amount: 100n * cents, category: 3, time: NOW };
    const { bundle, ...tap } = await paid({ ...payment, spoilt: "nothing" });
    expect(contextHash(bundle.context)).toEqual(bundle.message.context);
    expect(checkVoucher({ domain, ...tap, observations: [], pinVerified: false })).toMatchObject({
      reason: "OVER_NO_PIN",
    });
    expect(judgeVoucher(bundle, { checks: createSignatureChecks(issuerKeys) })).toMatchObject({
      codes: ["OVER_NO_PIN"],
    });
    const wide = { ...certificate, perTap: 5_000n * cents };
    const verifier = new EntryVerifier(wide, context, engine);
    expect(verifier.verify(voucherEntry(bundle), 0)).toMatchObject({ kind: "voucher", dispute: "OVER_NO_PIN" });
  });
});
