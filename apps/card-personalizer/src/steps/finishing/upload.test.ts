import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  type AllowanceBody,
  cardStates,
  cardTag,
  createSigner,
  decodeUpload,
  decodeUploadBody,
  decodeUploadEntry,
  digestOf,
  encodeAllowance,
  encodeMerchantCertificate,
  encodeStateProof,
  encodeVoucherBundle,
  parseAddress,
  rebuildVoucher,
  messageHash,
  toHex,
  uncompressKey,
} from "@tallystick/protocol";
import type { UploadRequest } from "@tallystick/protocol/wire";
import {
  card,
  cardSigner,
  configOf,
  domain,
  issuer,
  settlementOf,
  START_MS,
  StepsHarness,
} from "../../../test/harness/steps-harness.ts";
import { uploadVoucher } from "./upload.ts";

const START = Math.floor(START_MS / 1_000);
const VOUCHER = `0x${"5a".repeat(32)}`;
const terminal = { name: "terminal", signer: createSigner(new Uint8Array(32).fill(7)) };
const config = configOf();
const allowanceBody: AllowanceBody = {
  ...{ issuerKeyId: 1, seq: 1, maxSpent: 20_000_000n, softSpent: 20_000_000n, maxCounter: 1_024 },
  ...{ perTap: 50_000_000n, pinAbove: 50_000_000n, noPinSum: 100_000_000n, noPinCount: 100 },
  ...{ notBefore: START - 86_400, notAfter: START + 86_400, cardIndex: 0, categories: 0xffn, flags: 0 },
};

let harness: StepsHarness;
beforeEach(async () => {
  harness = new StepsHarness({ "final-tap": { bundle: toHex(await bundle()), voucherId: VOUCHER } });
  const certificate = encodeMerchantCertificate({
    ...{ domain, issuerKeyId: 1, ...config.testPayee, terminalKey: uncompressKey(terminal.signer.publicKey) },
    ...{ notBefore: START - 1, notAfter: START + 86_400 * 30, perTap: 1n, unsentSum: 1n, unsentCount: 1 },
    ...{ perCardSum: 1n, softwareSum: 1n },
  });
  harness.journal.storeCertificate(terminal.name, { certificate, signature: new Uint8Array(64).fill(1) });
});
afterEach(() => {
  harness.remove();
});

async function bundle(): Promise<Uint8Array> {
  const { payee, terminalId, category } = config.testPayee;
  const request = {
    ...{ cardTag: cardTag(domain, cardSigner.publicKey), counter: 1, payee, amount: 1n, time: START },
    ...{ challenge: new Uint8Array(16), terminalId, category },
  };
  const answer = { counter: 1, spent: 1n, allowanceSeq: 1, cvm: 0, flags: 0, link: new Uint8Array(32) } as const;
  const { message, context } = rebuildVoucher(domain, request, answer);
  return encodeVoucherBundle({
    ...{ cardKey: cardSigner.publicKey, message, context, allowanceBody },
    signature: await cardSigner.sign(messageHash(message)),
    allowanceSignature: await issuer.sign(
      digestOf(encodeAllowance({ domain, card: parseAddress(card), body: allowanceBody })),
    ),
  });
}

/** Uploads; settlement answers the voucher with this. Gives what it was sent. */
async function upload(status: string, code: string | null = null, voucherId = VOUCHER): Promise<UploadRequest[]> {
  const sent: UploadRequest[] = [];
  const settlement = settlementOf({
    upload: (request) => {
      sent.push(request);
      const results = [{ voucherId, status, code }];
      return Promise.resolve({ results } as never);
    },
  });
  await uploadVoucher(harness.runner(), {
    ...{ terminal, journal: harness.journal, settlement, config, nowSeconds: START },
  });
  return sent;
}

describe("the upload of the first voucher", () => {
  it.each(["new", "duplicate"])(
    "is done where settlement says %s, and names the terminal's first upload",
    async (status) => {
      const [sent] = await upload(status);
      expect(decodeUpload(Buffer.from((sent?.upload ?? "0x").slice(2), "hex"))).toMatchObject({ uploadSeq: 1 });
      expect(harness.step("upload")).toEqual({ state: "done", data: { status } });
    },
  );

  it.each([
    ["refused", "OVER_PER_TAP"],
    ["refused", null],
    ["forked", "COUNTER_TAKEN"],
  ])("fails where settlement says %s (%p)", async (status, code) => {
    await expect(upload(status, code)).rejects.toMatchObject({ code: "SETTLEMENT_REFUSED" });
    expect(harness.step("upload")?.state).toBe("begun");
  });

  it("fails where settlement says nothing about the voucher", async () => {
    await expect(upload("new", null, `0x${"00".repeat(32)}`)).rejects.toMatchObject({ code: "SETTLEMENT_ANSWER" });
  });

  it("is the proof of state of a card that could not pay yet", async () => {
    const proof = encodeStateProof({
      ...{ domain, challenge: new Uint8Array(16).fill(3), counter: 0, spent: 0n, seq: 1 },
      ...{ state: cardStates.personalized, head: new Uint8Array(32) },
    });
    const proofSignature = await cardSigner.sign(digestOf(proof));
    harness.remove();
    harness = new StepsHarness({
      "generate-key": { card, cardKey: toHex(cardSigner.publicKey) },
      "final-tap": { seen: "configuration", proof: toHex(proof), proofSignature: toHex(proofSignature) },
    });
    const certificate = encodeMerchantCertificate({
      ...{ domain, issuerKeyId: 1, ...config.testPayee, terminalKey: uncompressKey(terminal.signer.publicKey) },
      ...{ notBefore: START - 1, notAfter: START + 86_400 * 30, perTap: 1n, unsentSum: 1n, unsentCount: 1 },
      ...{ perCardSum: 1n, softwareSum: 1n },
    });
    harness.journal.storeCertificate(terminal.name, { certificate, signature: new Uint8Array(64).fill(1) });
    const [sent] = await upload("new");
    const { entries } = decodeUploadBody(Buffer.from((sent?.body ?? "0x").slice(2), "hex"));
    expect(entries.map((entry) => decodeUploadEntry(entry).kind)).toEqual(["stateProof"]);
    expect(harness.step("upload")?.state).toBe("done");
  });
});
