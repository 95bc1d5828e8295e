import type { Address } from "./address.ts";
import { excessOf } from "./caps.ts";
import { equalBytes } from "./bytes.ts";
import { type IssuerKey, type VerifyDigest, verifyAllowance } from "./issuer-key.ts";
import type { ReasonCode } from "./reasons.ts";
import { selfFault, type Sighting } from "./sighting.ts";
import { verifyDigest } from "./verifying.ts";
import { messageHash, voucherId } from "./voucher.ts";
import type { VoucherBundle } from "./voucher-bundle.ts";
import { contextHash } from "./voucher-context.ts";

/** A voucher whose signatures hold. */
export interface AuthenticVoucher {
  /** Derived from the card's key. */
  readonly card: Address;
  /** SHA-256(card ‖ M), 32 bytes. */
  readonly id: Uint8Array;
  /** What other vouchers of this card must agree with. */
  readonly sighting: Sighting;
}

/**
 * A voucher's verdict. `authentic` false: it is worth nothing. `authentic` true with a reason: the card signed it and the vault
 * pays it, but it breaks the allowance it names, so no promise of spec §1.1 covers it.
 */
export type VoucherVerdict =
  | { readonly ok: true; readonly voucher: AuthenticVoucher }
  | { readonly ok: false; readonly authentic: true; readonly reason: ReasonCode; readonly voucher: AuthenticVoucher }
  | { readonly ok: false; readonly authentic: false; readonly reason: ReasonCode };

/**
 * Verifies one voucher offline from its bundle and pinned issuer keys: the issuer allowed this card, the context is the one in M,
 * the card signed M, and the payment keeps the allowance's caps. Whether the card has been copied, whether the vault has already
 * paid the counter and whether the payee is you is not in a bundle: compare `message.payee`, and ask the vault.
 * Pure; never throws for a decoded bundle.
 */
export function verifyVoucher(
  bundle: VoucherBundle,
  issuerKeys: readonly IssuerKey[],
  verify: VerifyDigest = verifyDigest,
): VoucherVerdict {
  const { cardKey, message, context, allowanceBody: body, allowanceSignature } = bundle;
  const allowance = verifyAllowance(
    { domain: message.domain, cardKey, body, signature: allowanceSignature },
    issuerKeys,
    verify,
  );
  if (!allowance.ok) return { ok: false, authentic: false, reason: allowance.reason };
  if (!equalBytes(message.context, contextHash(context)))
    return { ok: false, authentic: false, reason: "CONTEXT_MISMATCH" };
  const hash = messageHash(message);
  if (!verify(bundle.signature, hash, cardKey))
    return { ok: false, authentic: false, reason: "VOUCHER_SIGNATURE_WRONG" };

  const { counter, amount } = message;
  const { spent, allowanceSeq, link, time, category, cvm } = context;
  const sighting: Sighting = { counter, amount, spent, allowanceSeq, link, messageHash: hash };
  const voucher = { card: allowance.card, id: voucherId(allowance.card, message), sighting };
  const reason =
    selfFault(sighting) ??
    (allowanceSeq === body.seq ? null : "SEQ_MISMATCH") ??
    excessOf(body, { counter, amount, spent, time, category, cvm });
  return reason === null ? { ok: true, voucher } : { ok: false, authentic: true, reason, voucher };
}
