import { concatBytes } from "@tallystick/protocol";
import type { AbiValue } from "../abi/abi-codec.ts";
import {
  decodeTokenAnswer,
  decodeVaultAnswer,
  decodeVaultCall,
  encodeTokenCall,
  encodeVaultCall,
} from "../abi/contract-calls.ts";
import { VaultError } from "../errors.ts";
import { packed, type ParitySignature, type SignedMessage, unpackSignature } from "./signatures.ts";

/** A card's slots in the vault; amounts in units. */
export interface CardSlot {
  /** null before the card is opened. */
  readonly owner: Uint8Array | null;
  readonly balance: bigint;
  readonly paid: bigint;
  readonly flagged: boolean;
  /** The owner's pending withdrawal; 0 when there is none. */
  readonly pending: bigint;
  /** Seconds; when it becomes ripe. */
  readonly readyAt: bigint;
}

/** What a merchant has earned and taken out, units. */
export interface MerchantSlot {
  readonly earned: bigint;
  readonly withdrawn: bigint;
}

/** Opens a card by its signature over `TLYO` (spec §7.2). */
export function openCall(opening: ParitySignature & { card: Uint8Array; owner: Uint8Array }): Uint8Array {
  return encodeVaultCall("open", [opening.card, opening.owner, ...packed(opening)]);
}

/** Deposits the sender's tokens; the vault must be approved for them (spec §7.2). */
export function fundCall(deposit: { card: Uint8Array; units: bigint }): Uint8Array {
  return encodeVaultCall("fund", [deposit.card, deposit.units]);
}

/** Hands a payload in (spec §7.3). */
export function settleCall(payload: Uint8Array): Uint8Array {
  return encodeVaultCall("settle", [payload]);
}

/** Prepares the vault for a voucher that lies too far ahead of the paid ones; writes at most `maxWords` gap words (spec §7.7). */
export function advanceCall(voucher: SignedMessage, maxWords: number): Uint8Array {
  return encodeVaultCall("advance", [voucher.message, ...packed(voucher), BigInt(maxWords)]);
}

/** Convicts a card by two messages with one counter (spec §7.6). */
export function proveEquivocationCall(first: SignedMessage, second: SignedMessage): Uint8Array {
  return encodeVaultCall("proveEquivocation", [evidence(first), evidence(second)]);
}

/** Pays a merchant what it earned, whoever calls (spec §7.4). */
export function withdrawCall(merchant: Uint8Array): Uint8Array {
  return encodeVaultCall("withdraw", [merchant]);
}

/** The payee gives a voucher's counter up for nothing (spec §7.4). */
export function releaseCall(voucher: SignedMessage): Uint8Array {
  return encodeVaultCall("release", [voucher.message, ...packed(voucher)]);
}

/**
 * The message that a release's calldata gives up, by its payee or by a delegate, or null where it is another call: a contract
 * may have called the vault. It is not judged here.
 */
export function releasedMessage(calldata: Uint8Array): SignedMessage | null {
  const call = decodeVaultCall("release", calldata) ?? decodeVaultCall("releaseFor", calldata);
  if (call === null) return null;
  const { message, r, vs } = call.values as Record<"message" | "r" | "vs", Uint8Array>;
  return { message, ...unpackSignature({ r, vs }) };
}

/**
 * Gives units back to a card (spec §7.4). With `voucherId` the call names the voucher that is refunded, in 32 bytes behind its arguments,
 * which the vault does not look at (spec §6.2).
 */
export function refundCall(refund: { card: Uint8Array; units: bigint; voucherId?: Uint8Array }): Uint8Array {
  const call = encodeVaultCall("refund", [refund.card, refund.units]);
  if (refund.voucherId === undefined) return call;
  if (refund.voucherId.length !== 32) {
    throw new VaultError("OUT_OF_RANGE", {
      field: "voucherId",
      expected: "32 bytes",
      actual: `${refund.voucherId.length} bytes`,
    });
  }
  return concatBytes(call, refund.voucherId);
}

/** The voucher that a refund's calldata names, or null where it is another call or names none. */
export function refundedVoucher(calldata: Uint8Array): Uint8Array | null {
  const call = decodeVaultCall("refund", calldata);
  return call?.surplus.length === 32 ? call.surplus : null;
}

export function cardCall(card: Uint8Array): Uint8Array {
  return encodeVaultCall("card", [card]);
}

/** Reads the answer of `cardCall`. */
export function decodeCardSlot(answer: Uint8Array): CardSlot {
  const slot = decodeVaultAnswer("card", answer);
  const owner = slot["owner"] as Uint8Array;
  return {
    owner: owner.some((byte) => byte !== 0) ? owner : null,
    balance: slot["balance"] as bigint,
    paid: slot["paid"] as bigint,
    flagged: slot["flagged"] === 1n,
    pending: slot["pending"] as bigint,
    readyAt: slot["readyAt"] as bigint,
  };
}

export function merchantCall(merchant: Uint8Array): Uint8Array {
  return encodeVaultCall("merchant", [merchant]);
}

/** Reads the answer of `merchantCall`. */
export function decodeMerchantSlot(answer: Uint8Array): MerchantSlot {
  const slot = decodeVaultAnswer("merchant", answer);
  return { earned: slot["earned"] as bigint, withdrawn: slot["withdrawn"] as bigint };
}

export function isUsedCall(card: Uint8Array, counter: number): Uint8Array {
  return encodeVaultCall("isUsed", [card, BigInt(counter)]);
}

/** Reads the answer of `isUsedCall`. */
export function decodeIsUsed(answer: Uint8Array): boolean {
  return decodeVaultAnswer("isUsed", answer)[""] === 1n;
}

/** Lets `spender` pull the sender's tokens, any number of them. */
export function approveCall(spender: Uint8Array): Uint8Array {
  return encodeTokenCall("approve", [spender, (1n << 256n) - 1n]);
}

/** Moves tokens of the sender; base units of the token, not units of the vault. */
export function transferCall(transfer: { to: Uint8Array; baseUnits: bigint }): Uint8Array {
  return encodeTokenCall("transfer", [transfer.to, transfer.baseUnits]);
}

export function balanceOfCall(holder: Uint8Array): Uint8Array {
  return encodeTokenCall("balanceOf", [holder]);
}

/** Reads the answer of `balanceOfCall`, base units of the token. */
export function decodeBalance(answer: Uint8Array): bigint {
  return decodeTokenAnswer("balanceOf", answer)[""] as bigint;
}

function evidence(voucher: SignedMessage): readonly AbiValue[] {
  return [voucher.message, ...packed(voucher)];
}
