import { describe, expect, it } from "@jest/globals";
import {
  type CertificateRequest,
  certificateRequestDigits,
  createSigner,
  digestOf,
  encodeCertificateRequest,
  toAddress,
  toChecksumAddress,
  toHex,
  uncompressKey,
} from "@tallystick/protocol";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { readBackFault, requestFault, sourceOf } from "./request-checks.ts";

const NOW = 1_790_000_000;
const DAY = 86_400;
const domain = { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(1)) };
const [own, other] = [createSigner(new Uint8Array(32).fill(2)), createSigner(new Uint8Array(32).fill(3))];

async function signed(change: Partial<CertificateRequest> = {}, by = own) {
  const request = {
    ...{ domain, payee: toAddress(new Uint8Array(20).fill(0xab)), terminalId: new Uint8Array(8).fill(5) },
    ...{ terminalKey: uncompressKey(own.publicKey), category: 3, time: NOW, ...change },
  };
  const bytes = encodeCertificateRequest(request);
  return { request, bytes, signature: await by.sign(digestOf(bytes)) };
}

const faultOf = async (...given: Parameters<typeof signed>) =>
  requestFault(await signed(...given), { domain, engine: createNativeEngine(), now: NOW });

describe("a request for a certificate", () => {
  it("is of this vault and chain, and signed by the key that it names", async () => {
    expect(await faultOf()).toBeNull();
    expect(await faultOf({ domain: { ...domain, chainId: 1n } })).toBe("OtherDomain");
    expect(await faultOf({ domain: { ...domain, vault: toAddress(new Uint8Array(20).fill(9)) } })).toBe("OtherDomain");
    expect(await faultOf({}, other)).toBe("BadSignature");
    expect(await faultOf({ terminalKey: uncompressKey(other.publicKey) })).toBe("BadSignature");
  });

  it("is of the last seven days, to the second", async () => {
    for (const time of [NOW - 7 * DAY - 300, NOW + 300]) expect(await faultOf({ time })).toBeNull();
    for (const time of [NOW - 7 * DAY - 301, NOW + 301]) expect(await faultOf({ time })).toBe("OutOfTime");
  });

  it("is approved by all of its digits, and its payee with the checksum", async () => {
    const { request, bytes } = await signed();
    const digits = certificateRequestDigits(bytes);
    const payee = toChecksumAddress(request.payee);
    const of = (read: { digits?: string; payee?: string }) =>
      readBackFault({ request, bytes }, { digits, payee, ...read });
    expect(of({})).toBeNull();
    expect(of({ digits: `${digits.slice(0, 4)} ${digits.slice(4).toUpperCase()}` })).toBeNull();
    const last = digits.endsWith("0") ? "1" : "0";
    for (const wrong of ["", digits.slice(0, 19), `${digits}0`, `${digits.slice(0, 19)}${last}`])
      expect(of({ digits: wrong })).toBe("DIGITS_DIFFER");
    for (const wrong of ["", toHex(request.payee), payee.toUpperCase(), toChecksumAddress(domain.vault)])
      expect(of({ payee: wrong })).toBe("PAYEE_DIFFERS");
  });
});

describe("whom a request is counted for", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"],
    ["2001:DB8:1:2::6", "2001:db8:1:2::"],
    ["2001:db8::6", "2001:db8:0:0::"],
    ["fe80::1%eth0", "fe80:0:0:0::"],
    ["::1", "0:0:0:0::"],
  ])("is of %s the source %s", (address, source) => {
    expect(sourceOf(address)).toBe(source);
  });
});
