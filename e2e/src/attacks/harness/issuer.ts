import { randomBytes } from "node:crypto";
import {
  type AllowanceBody,
  addressOfKey,
  createSigner,
  digestOf,
  type Domain,
  encodeAllowance,
  encodeMerchantCertificate,
  encodeStatusList,
  encodeStatusListHead,
  packStatusList,
  type Signer,
  statusListHash,
  toAddress,
  toHex,
} from "@tallystick/protocol";

const DAY = 86_400;

/** Cards in the issuer's list; every test card may be any of them. */
const LISTED_CARDS = 4;

/** Draws fresh random bytes. */
export function draw(length: number): Uint8Array {
  return Uint8Array.from(randomBytes(length));
}

export const issuer: Signer = createSigner(draw(32));
export const domain: Domain = { chainId: 31_337n, vault: toAddress(draw(20)) };
export const nowSeconds: number = Math.floor(Date.now() / 1_000);

/** The category of every test merchant. */
export const CATEGORY = 12;

/** A typical allowance of a chip: 50.00 a payment, 20.00 without the PIN, 60.00 and 9 payments between two PINs. */
export const allowanceBody: AllowanceBody = {
  issuerKeyId: 1,
  seq: 3,
  maxSpent: 500_000_000n,
  softSpent: 400_000_000n,
  maxCounter: 1_024,
  perTap: 50_000_000n,
  pinAbove: 20_000_000n,
  noPinSum: 60_000_000n,
  noPinCount: 9,
  notBefore: nowSeconds - DAY,
  notAfter: nowSeconds + 30 * DAY,
  cardIndex: 2,
  categories: 1n << BigInt(CATEGORY),
  flags: 0,
};

/** A generous allowance, for cards that pay many times in one test file. */
export const generousBody: AllowanceBody = {
  ...allowanceBody,
  maxSpent: 2n ** 40n,
  softSpent: 2n ** 40n,
  maxCounter: 100_000,
  noPinSum: 2n ** 40n,
  noPinCount: 255,
};

/** The issuer's signature over an allowance for this card key. */
export async function signAllowance(cardKey: Uint8Array, body: AllowanceBody, signer = issuer): Promise<Uint8Array> {
  return await signer.sign(digestOf(encodeAllowance({ domain, card: addressOfKey(cardKey), body })));
}

/** A merchant's certificate with limits that no test reaches. */
export async function certify(merchant: {
  readonly payee: Uint8Array;
  readonly terminalId: Uint8Array;
  readonly terminalKey: Uint8Array;
}): Promise<{ readonly certificate: string; readonly signature: string }> {
  const certificate = encodeMerchantCertificate({
    domain,
    issuerKeyId: 1,
    payee: toAddress(merchant.payee),
    category: CATEGORY,
    terminalId: merchant.terminalId,
    terminalKey: merchant.terminalKey,
    notBefore: nowSeconds - DAY,
    notAfter: nowSeconds + 30 * DAY,
    perTap: 2n ** 40n,
    unsentSum: 2n ** 44n,
    unsentCount: 100_000,
  });
  return { certificate: toHex(certificate), signature: toHex(await issuer.sign(digestOf(certificate))) };
}

/** The status list of today as settlement serves it, every card valid. */
export async function statusListAnswer(): Promise<Readonly<Record<string, string>>> {
  const list = encodeStatusList(Array.from({ length: LISTED_CARDS }, () => 0 as const));
  const head = encodeStatusListHead({
    domain,
    issuerKeyId: 1,
    seq: 1,
    issuedAt: nowSeconds,
    asOf: nowSeconds,
    cards: LISTED_CARDS,
    listHash: statusListHash(list),
  });
  return {
    head: toHex(head),
    signature: toHex(await issuer.sign(digestOf(head))),
    list: Buffer.from(packStatusList(list)).toString("base64"),
  };
}
