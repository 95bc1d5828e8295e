import { uncompressKey } from "@tallystick/protocol";
import { decodeVaultAnswer, encodeVaultCall } from "../abi/contract-calls.ts";
import { VaultError } from "../errors.ts";
import { packed, type ParitySignature, type SignedMessage } from "./signatures.ts";

/** What a payee's delegate may give back in a day, and what it gave back on that day (spec §7.11). */
export interface DelegateSlot {
  /** Units; 0 for a key that is no delegate's. */
  readonly unitsPerDay: bigint;
  readonly used: bigint;
  /** Days since 1970. */
  readonly day: number;
}

/** Where the card key stands in `TLYX`, and where it ends (spec §3.7). */
const CARD_KEY_AT = 32;
const CARD_KEY_END = 65;
const REVERSAL_BYTES = 132;

/** The sender lets a terminal's key give back so many units a day; 0 ends it (spec §7.11). */
export function setDelegateCall(appointment: { delegate: Uint8Array; unitsPerDay: bigint }): Uint8Array {
  return encodeVaultCall("setDelegate", [appointment.delegate, appointment.unitsPerDay]);
}

/** The sender keeps so many units in the vault when somebody else calls `withdraw` (spec §7.11). */
export function setReserveCall(units: bigint): Uint8Array {
  return encodeVaultCall("setReserve", [units]);
}

/** Gives units of a voucher back on a delegate's `TLYF`; anyone may send it (spec §3.10, §7.11). */
export function refundForCall(refund: {
  readonly voucher: SignedMessage;
  readonly total: bigint;
  readonly deadline: number;
  /** The delegate's signature over `TLYF`. */
  readonly order: ParitySignature;
}): Uint8Array {
  const { voucher, total, deadline, order } = refund;
  const terms = [total, BigInt(deadline)] as const;
  return encodeVaultCall("refundFor", [voucher.message, ...packed(voucher), ...terms, ...packed(order)]);
}

/** Releases a voucher that a delegate reversed; anyone may send it (spec §3.7, §7.11). */
export function releaseForCall(release: {
  readonly voucher: SignedMessage;
  /** `TLYX`, 132 bytes, with the delegate's signature over it. */
  readonly reversal: ParitySignature & { readonly object: Uint8Array };
}): Uint8Array {
  const { voucher, reversal } = release;
  const y = otherCoordinate(reversal.object);
  return encodeVaultCall("releaseFor", [voucher.message, ...packed(voucher), reversal.object, y, ...packed(reversal)]);
}

/** The coordinate that the compressed card key in `TLYX` leaves out, 32 bytes. Throws ProtocolError for a key that is none. */
export function otherCoordinate(reversal: Uint8Array): Uint8Array {
  if (reversal.length !== REVERSAL_BYTES) {
    const actual = `${reversal.length} bytes`;
    throw new VaultError("OUT_OF_RANGE", { field: "reversal", expected: `${REVERSAL_BYTES} bytes`, actual });
  }
  return uncompressKey(reversal.slice(CARD_KEY_AT, CARD_KEY_END)).slice(33);
}

export function delegateCall(of: { payee: Uint8Array; delegate: Uint8Array }): Uint8Array {
  return encodeVaultCall("delegate", [of.payee, of.delegate]);
}

/** Reads the answer of `delegateCall`. */
export function decodeDelegateSlot(answer: Uint8Array): DelegateSlot {
  const slot = decodeVaultAnswer("delegate", answer);
  return { unitsPerDay: slot["unitsPerDay"] as bigint, used: slot["used"] as bigint, day: Number(slot["day"]) };
}

export function reserveCall(payee: Uint8Array): Uint8Array {
  return encodeVaultCall("reserve", [payee]);
}

/** Reads the answer of `reserveCall`, units. */
export function decodeReserve(answer: Uint8Array): bigint {
  return decodeVaultAnswer("reserve", answer)["units"] as bigint;
}

export function returnedCall(voucherId: Uint8Array): Uint8Array {
  return encodeVaultCall("returned", [voucherId]);
}

/** Reads the answer of `returnedCall`: units of the voucher that were given back. */
export function decodeReturned(answer: Uint8Array): bigint {
  return decodeVaultAnswer("returned", answer)["units"] as bigint;
}
