import { type Address, addressField } from "../parties/address.ts";
import { type Domain, domainField } from "../parties/domain.ts";
import { amount, fixedBytes, publicKey, unsigned } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";
import { MAX_CATEGORY } from "../bytes/limits.ts";

/**
 * `TLYM`: the issuer's certificate for a terminal, its key, its payee and its limits (spec §3.4).
 */
export interface MerchantCertificate {
  readonly domain: Domain;
  readonly issuerKeyId: number;
  readonly payee: Address;
  /** 0–63. */
  readonly category: number;
  /** 8 bytes. */
  readonly terminalId: Uint8Array;
  /** Compressed, 33 bytes. */
  readonly terminalKey: Uint8Array;
  /** Seconds, inclusive. */
  readonly notBefore: number;
  /** Seconds, inclusive. */
  readonly notAfter: number;
  /** Units; most that the terminal may take in one payment. */
  readonly perTap: bigint;
  /** Units; most that it may hold unsent. */
  readonly unsentSum: bigint;
  /** Most vouchers that it may hold unsent. */
  readonly unsentCount: number;
}

const layout = defineLayout<MerchantCertificate>({
  object: "MerchantCertificate",
  head: "TLYM",
  fields: {
    domain: domainField,
    issuerKeyId: unsigned(1),
    payee: addressField,
    category: unsigned(1, { maximum: MAX_CATEGORY }),
    terminalId: fixedBytes(8),
    terminalKey: publicKey(33),
    notBefore: unsigned(4),
    notAfter: unsigned(4),
    perTap: amount(),
    unsentSum: amount(),
    unsentCount: unsigned(4),
  },
});

/** Bytes of a merchant certificate: 119. */
export const MERCHANT_CERTIFICATE_LENGTH: number = layout.length;

/**
 * Writes `TLYM` as its 119 bytes (spec §3.4). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeMerchantCertificate(certificate: MerchantCertificate): Uint8Array {
  return layout.encode(certificate);
}

/** Reads `TLYM` from exactly 119 bytes; throws ProtocolError. */
export function decodeMerchantCertificate(bytes: Uint8Array): MerchantCertificate {
  return layout.decode(bytes);
}
