import { describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  cardTag,
  challengeEntry,
  concatBytes,
  createSigner,
  digestOf,
  encodePayRequest,
  encodeReversal,
  encodeStateProof,
  encodeUpload,
  encodeVoucherMessage,
  reversalEntry,
  setAsideEntry,
  stateProofEntry,
  toAddress,
  uncompressKey,
  type MerchantCertificate,
  type PayRequest,
  type Reversal,
  type StateProof,
  type Upload,
  type UploadEntry,
} from "@tallystick/protocol";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { EntryVerifier } from "./verify-entry.ts";

const domain = { chainId: 31_337n, vault: toAddress(Buffer.alloc(20, 0x51)) };
const otherVault = { ...domain, vault: toAddress(Buffer.alloc(20, 0x52)) };
const payee = toAddress(Buffer.alloc(20, 0x91));
const terminalId = Buffer.alloc(8, 3);
const card = createSigner(Buffer.alloc(32, 2));
const terminal = createSigner(Buffer.alloc(32, 3));
const certificate: MerchantCertificate = {
  ...{ domain, issuerKeyId: 1, payee, category: 3, terminalId, terminalKey: uncompressKey(terminal.publicKey) },
  ...{ notBefore: 0, notAfter: 0xffff_ffff, perTap: 20n, unsentSum: 1n, unsentCount: 1 },
  ...{ perCardSum: 50n, softwareSum: 20n },
};
const arrival = { at: 1_790_000_000, uploadWindowSeconds: 604_800 };
const context = { domain, issuerKeys: [], arrival, withdrawnAt: null };
const verify = (entry: UploadEntry, position = 4) =>
  new EntryVerifier(certificate, context, createNativeEngine()).verify(entry, position);

const request: PayRequest = {
  ...{ cardTag: cardTag(domain, card.publicKey), counter: 1, payee, amount: 5n, time: arrival.at },
  ...{ challenge: Buffer.alloc(16, 4), terminalId, category: 3 },
};
async function reversed(change: Partial<Reversal> = {}, by = terminal): Promise<UploadEntry> {
  const reversal = { domain, cardKey: card.publicKey, request, ...change };
  return reversalEntry({ reversal, signature: await by.sign(digestOf(encodeReversal(reversal))) });
}

const state: StateProof = {
  ...{ domain, challenge: Buffer.alloc(16, 4), counter: 3, spent: 7n, seq: 2, state: 0x07 },
  head: Buffer.alloc(32, 5),
};
async function proved(change: Partial<StateProof> = {}, by = card): Promise<UploadEntry> {
  const proof = { ...state, ...change };
  const signature = await by.sign(digestOf(encodeStateProof(proof)));
  return stateProofEntry({ cardKey: card.publicKey, proof, signature });
}

const aside: Upload = {
  ...{ domain, payee, terminalId, uploadSeq: 1 },
  ...{ previousJournalHead: Buffer.alloc(32), bodyHash: Buffer.alloc(32, 6) },
};

describe("a reversal", () => {
  it("is taken with the hash of what the terminal signed, and the request's bytes", async () => {
    const signed = { domain, cardKey: card.publicKey, request };
    expect(verify(await reversed())).toEqual({
      ...{ kind: "reversal", position: 4, id: digestOf(encodeReversal(signed)), cardKey: card.publicKey },
      ...{ request: encodePayRequest(request), payee, terminalId, signature: expect.anything() },
    });
  });

  it.each<[string, () => Promise<UploadEntry>, string]>([
    ["another vault", () => reversed({ domain: otherVault }), "WRONG_DOMAIN"],
    [
      "another payee",
      () => reversed({ request: { ...request, payee: toAddress(Buffer.alloc(20, 1)) } }),
      "CANCELLATION_UNTRUSTED",
    ],
    [
      "another terminal",
      () => reversed({ request: { ...request, terminalId: Buffer.alloc(8, 4) } }),
      "CANCELLATION_UNTRUSTED",
    ],
    ["itself, signed by another key", () => reversed({}, card), "CANCELLATION_UNTRUSTED"],
  ])("for %s is refused", async (_what, made, code) => {
    const entry = await made();
    expect(verify(entry)).toEqual({ kind: "refused", position: 4, entry: "reversal", id: digestOf(entry.data), code });
  });
});

describe("a proof of state", () => {
  it("is taken with what it proves of its card", async () => {
    expect(verify(await proved())).toEqual({
      ...{ kind: "stateProof", position: 4, card: addressOfKey(card.publicKey), proof: encodeStateProof(state) },
      ...{ signature: expect.anything(), counter: 3, spent: 7n, seq: 2, state: 0x07 },
    });
  });

  it.each<[string, () => Promise<UploadEntry>, string]>([
    ["for another vault", () => proved({ domain: otherVault }), "WRONG_DOMAIN"],
    ["for another chain", () => proved({ domain: { ...domain, chainId: 1n } }), "WRONG_DOMAIN"],
    ["that another key signed", () => proved({}, terminal), "STATE_PROOF_SIGNATURE"],
  ])("%s is refused", async (_what, made, code) => {
    const entry = await made();
    expect(verify(entry)).toEqual({
      kind: "refused",
      position: 4,
      entry: "stateProof",
      id: digestOf(entry.data),
      code,
    });
  });

  it("of a key that is no point is refused", async () => {
    const entry = await proved();
    const data = Buffer.from(entry.data);
    data.fill(0xff, 1, 33);
    expect(verify({ ...entry, data })).toMatchObject({ kind: "refused", entry: "stateProof" });
  });
});

describe("other entries", () => {
  it("a challenge is taken, and nothing of it kept", () => {
    const entry = challengeEntry({ challenge: Buffer.alloc(16, 1) });
    expect(verify(entry)).toEqual({ kind: "challenge", position: 4 });
    expect(verify({ ...entry, data: entry.data.subarray(1) })).toMatchObject({ kind: "refused", entry: "challenge" });
  });

  it("an upload that was set aside is taken as its terminal signed it, and no other", async () => {
    const signature = await terminal.sign(digestOf(encodeUpload(aside)));
    const taken = verify(setAsideEntry({ upload: aside, signature }));
    expect(taken).toMatchObject({ kind: "setAside", position: 4, signature });
    const entry = setAsideEntry({ upload: { ...aside, uploadSeq: 2 }, signature });
    expect(verify(entry)).toEqual({
      ...{ kind: "refused", position: 4, entry: "setAside", id: digestOf(entry.data), code: "SET_ASIDE_UNTRUSTED" },
    });
  });
});

describe("a voucher's entry that no decoder takes", () => {
  const message = {
    ...{ domain, payee, counter: 1, amount: 5n },
    context: Buffer.alloc(20, 7),
  };
  const start = concatBytes(card.publicKey, encodeVoucherMessage(message));

  const nameOf = (data: Uint8Array): Uint8Array | null => {
    const verdict = verify({ kind: 1, data });
    expect(verdict).toMatchObject({ kind: "refused", position: 4, entry: "voucher", code: "MALFORMED_VOUCHER" });
    return verdict.kind === "refused" ? verdict.id : null;
  };

  it("is named by the id that its sender knows, where it holds the card's key and the message", () => {
    const id = digestOf(concatBytes(addressOfKey(card.publicKey), encodeVoucherMessage(message)));
    expect(nameOf(start)).toEqual(id);
    expect(nameOf(concatBytes(start, Buffer.alloc(3)))).toEqual(id);
  });

  it("is named by its bytes where it does not", () => {
    const short = start.subarray(0, 32);
    const noKey = concatBytes(Buffer.alloc(33, 0xff), start.subarray(33));
    for (const data of [short, noKey, Buffer.alloc(0)]) expect(nameOf(data)).toEqual(digestOf(data));
  });

  it("is named by its bytes where it is no voucher, whatever it holds", () => {
    expect(verify({ kind: 2, data: start })).toEqual({
      ...{ kind: "refused", position: 4, entry: "reversal", id: digestOf(start), code: "MALFORMED_VOUCHER" },
    });
  });
});
