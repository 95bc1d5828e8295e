import type { Address } from "../parties/address.ts";
import { excessOf } from "./caps.ts";
import { equalBytes } from "../bytes/bytes.ts";
import type { IssuerKey, VerifyDigest } from "../parties/issuer-key.ts";
import { verifyAllowance } from "./verify-allowance.ts";
import type { ReasonCode } from "./reasons.ts";
import { selfFault, type CardObservation } from "./card-observation.ts";
import { verifyDigest } from "../parties/verifying.ts";
import { messageHash, voucherId } from "../objects/voucher.ts";
import type { VoucherBundle } from "../objects/voucher-bundle.ts";
import { contextHash } from "../objects/voucher-context.ts";

/** A voucher whose signatures hold. */
export interface AuthenticVoucher {
  /** Derived from the card's key. */
  readonly card: Address;
  /** SHA-256(card ‖ M), 32 bytes. */
  readonly id: Uint8Array;
  /** What other vouchers of this card must agree with. */
  readonly observation: CardObservation;
}

/**
 * A voucher's verdict. `authentic` false: it is worth nothing. `authentic` true with a reason: the
 * card signed it and the vault pays it, but it breaks the allowance it names, so no promise of spec
 * §1.1 covers it.
 */
export type VoucherVerdict =
  | { readonly ok: true; readonly voucher: AuthenticVoucher }
  | { readonly ok: false; readonly authentic: true; readonly reason: ReasonCode; readonly voucher: AuthenticVoucher }
  | { readonly ok: false; readonly authentic: false; readonly reason: ReasonCode };

/**
 * Verifies one voucher offline from its bundle and pinned issuer keys: the issuer allowed this
 * card, the context is the one in M, the card signed M, and the payment keeps the allowance's caps.
 * Whether the card has been copied, whether the vault has already paid the counter and whether the
 * payee is you is not in a bundle: compare `message.payee`, and ask the vault. Pure; never throws
 * for a decoded bundle.
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
  const observation: CardObservation = { counter, amount, spent, allowanceSeq, link, messageHash: hash };
  const voucher = { card: allowance.card, id: voucherId(allowance.card, message), observation };
  const reason =
    selfFault(observation) ??
    (allowanceSeq === body.seq ? null : "SEQ_MISMATCH") ??
    excessOf(body, { counter, amount, spent, time, category, cvm });
  return reason === null ? { ok: true, voucher } : { ok: false, authentic: true, reason, voucher };
}
