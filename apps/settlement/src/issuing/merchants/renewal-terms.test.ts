import { describe, expect, it } from "@jest/globals";
import {
  createSigner,
  decodeRenewalRequest,
  digestOf,
  encodeCertificateRequest,
  encodeRenewalRequest,
  MAX_U32,
  toAddress,
  uncompressKey,
  type CertificateRequest,
  type MerchantCertificate,
} from "@tallystick/protocol";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { nextTerms, renewalFault } from "./renewal-terms.ts";

const DAY = 86_400;
const NOW = 1_790_000_000;
const signer = createSigner(new Uint8Array(32).fill(7));
const other = createSigner(new Uint8Array(32).fill(8));
const domain = { chainId: 1n, vault: toAddress(new Uint8Array(20).fill(1)) };
const held: MerchantCertificate = {
  ...{ domain, issuerKeyId: 1, payee: toAddress(new Uint8Array(20).fill(2)), category: 12 },
  ...{ terminalId: new Uint8Array(8).fill(3), terminalKey: uncompressKey(signer.publicKey) },
  ...{ notBefore: NOW - 300 * DAY, notAfter: NOW + 65 * DAY },
  ...{ perTap: 1n, unsentSum: 2n, unsentCount: 3, perCardSum: 4n, softwareSum: 5n },
};

async function faultOf(change: Partial<CertificateRequest> = {}, by = signer): Promise<string | null> {
  const { payee, category, terminalId, terminalKey } = held;
  const bytes = encodeCertificateRequest({ domain, payee, category, terminalId, terminalKey, time: NOW, ...change });
  const body = encodeRenewalRequest({ bytes, signature: await by.sign(digestOf(bytes)) });
  return renewalFault(decodeRenewalRequest(body), held, { engine: createNativeEngine(), now: NOW });
}

describe("a request for a renewal", () => {
  it("is of the terminal that asks, in each of its fields", async () => {
    expect(await faultOf()).toBeNull();
    const changes: readonly Partial<CertificateRequest>[] = [
      { domain: { ...domain, chainId: 2n } },
      { payee: toAddress(new Uint8Array(20).fill(9)) },
      { terminalId: new Uint8Array(8) },
      { category: 13 },
    ];
    for (const change of changes) expect(await faultOf(change)).toBe("OtherTerminal");
    expect(await faultOf({ terminalKey: uncompressKey(other.publicKey) }, other)).toBe("OtherTerminal");
    expect(await faultOf({}, other)).toBe("BadSignature");
  });

  it("is seven days old at most, and of no time to come", async () => {
    for (const time of [NOW - 7 * DAY - 300, NOW + 300]) expect(await faultOf({ time })).toBeNull();
    for (const time of [NOW - 7 * DAY - 301, NOW + 301]) expect(await faultOf({ time })).toBe("OutOfTime");
  });
});

describe("the next certificate", () => {
  const renewalSeconds = 30 * DAY;
  const { domain: _domain, issuerKeyId: _id, ...terms } = held;
  const last = { terms, renewedSeconds: null };
  const at = (now: number) => ({ held, now, renewalSeconds });

  it("is the last one until 30 days before its end", () => {
    expect(nextTerms(last, at(held.notAfter - 30 * DAY - 1))).toBe(last);
    expect(nextTerms(last, at(held.notAfter - 30 * DAY))).not.toBe(last);
  });

  it("is as long again from that end, from the first notBefore on, and nothing else differs", () => {
    const next = nextTerms(last, at(held.notAfter));
    const notAfter = held.notAfter + 365 * DAY;
    expect(next).toEqual({ terms: { ...terms, notAfter }, renewedSeconds: 365 * DAY });
    // The length does not grow from one renewal to the next.
    expect(nextTerms(next, at(notAfter)).terms.notAfter).toBe(notAfter + 365 * DAY);
  });

  it("begins now where the end is past", () => {
    const now = held.notAfter + 100 * DAY;
    const next = nextTerms(last, at(now));
    expect(next.terms).toEqual({ ...terms, notAfter: now + 365 * DAY });
    expect(nextTerms(next, at(next.terms.notAfter)).terms.notAfter).toBe(now + 2 * 365 * DAY);
  });

  it("of a short one comes after half of it, so that one that was just made is not renewed", () => {
    const short = { terms: { ...terms, notBefore: NOW, notAfter: NOW + 10 * DAY }, renewedSeconds: null };
    expect(nextTerms(short, at(NOW + 5 * DAY - 1))).toBe(short);
    const next = nextTerms(short, at(NOW + 5 * DAY));
    expect(next.terms.notAfter).toBe(NOW + 20 * DAY);
    expect(nextTerms(next, at(NOW + 5 * DAY))).toBe(next);
  });

  it("keeps the earlier beginning, and ends when time does", () => {
    const moved = { terms: { ...terms, notBefore: NOW, notAfter: MAX_U32 - 5 }, renewedSeconds: 10 };
    expect(nextTerms(moved, at(MAX_U32)).terms).toMatchObject({ notBefore: held.notBefore, notAfter: MAX_U32 });
  });
});
