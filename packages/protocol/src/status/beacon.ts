import { concatBytes, copyBytes, equalBytes, assertLength } from "../bytes/bytes.ts";
import { findIssuerKey, type IssuerKey, type VerifyDigest } from "../parties/issuer-key.ts";
import { SIGNATURE_LENGTH, decodeSignature } from "../bytes/signature-form.ts";
import { digestOf } from "../parties/signing.ts";
import { checkStatusList, statusListHash } from "./status-list.ts";
import {
  decodeStatusListHead,
  encodeStatusListHead,
  STATUS_LIST_HEAD_LENGTH,
  type StatusListHead,
} from "../objects/status-list-head.ts";
import { verifyDigest } from "../parties/verifying.ts";
import { isProtocolError } from "../bytes/errors.ts";
import { CLOCK_SKEW_SECONDS } from "../bytes/limits.ts";

/**
 * A head with its signature: what a card may carry from an online terminal to an offline one (spec
 * §3.5).
 */
export interface Beacon {
  readonly head: StatusListHead;
  /** r ‖ s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** A status list that a terminal holds, verified. */
export interface HeldStatusList {
  readonly head: StatusListHead;
  /** Uncompressed. */
  readonly list: Uint8Array;
  /**
   * Seconds; the head's `asOf`, raised by a beacon of the same list, lowered by an older one seen
   * on the chain.
   */
  readonly asOf: number;
}

/** Why a head or a list is not one of the issuer's. */
export type StatusListFault =
  | "ISSUER_KEY_UNKNOWN"
  | "STATUS_LIST_SIGNATURE_WRONG"
  | "STATUS_LIST_FROM_FUTURE"
  | "STATUS_LIST_HASH_WRONG"
  | "STATUS_LIST_MALFORMED";

/** A list's verdict. */
export type StatusListVerdict =
  | { readonly ok: true; readonly held: HeldStatusList }
  | { readonly ok: false; readonly reason: StatusListFault };

/**
 * What a terminal learns from a beacon: the floor of its clock, and the list's `asOf` where its
 * list is the one held.
 */
export type BeaconVerdict =
  | { readonly ok: true; readonly clockFloor: number; readonly held: HeldStatusList | null }
  | { readonly ok: false; readonly reason: StatusListFault };

/** Bytes of a beacon: 145. */
export const BEACON_LENGTH: number = STATUS_LIST_HEAD_LENGTH + SIGNATURE_LENGTH;

/**
 * Writes a beacon as its 145 bytes (spec §3.5). Throws ProtocolError where a field is not what it
 * may be.
 */
export function encodeBeacon(beacon: Beacon): Uint8Array {
  decodeSignature(beacon.signature);
  return concatBytes(encodeStatusListHead(beacon.head), beacon.signature);
}

/** Reads a beacon from exactly 145 bytes; throws ProtocolError. */
export function decodeBeacon(bytes: Uint8Array): Beacon {
  assertLength(bytes, BEACON_LENGTH, "Beacon");
  const signature = copyBytes(bytes, STATUS_LIST_HEAD_LENGTH);
  const head = decodeStatusListHead(copyBytes(bytes, 0, STATUS_LIST_HEAD_LENGTH));
  decodeSignature(signature);
  return { head, signature };
}

/** A signed head, and the time of a confirmed clock in seconds; null where none is confirmed. */
type JudgedHead = Beacon & { readonly confirmedTime: number | null };

/**
 * Verifies a head, its signature and its uncompressed list (spec §3.5), and that it does not come
 * from the future of a confirmed clock (spec §5.5). Never throws for what a network may send.
 */
export function verifyStatusList(
  signed: JudgedHead & { readonly list: Uint8Array },
  issuerKeys: readonly IssuerKey[],
  verify: VerifyDigest = verifyDigest,
): StatusListVerdict {
  const fault = headFault(signed, issuerKeys, verify);
  if (fault !== null) return { ok: false, reason: fault };
  if (!equalBytes(statusListHash(signed.list), signed.head.listHash))
    return { ok: false, reason: "STATUS_LIST_HASH_WRONG" };
  try {
    checkStatusList(signed.list, signed.head.cards);
  } catch (error) {
    if (isProtocolError(error)) return { ok: false, reason: "STATUS_LIST_MALFORMED" };
    throw error;
  }
  return { ok: true, held: { head: signed.head, list: copyBytes(signed.list), asOf: signed.head.asOf } };
}

/**
 * Judges a beacon beside the list that is held. One from the future of a confirmed clock is refused
 * (spec §5.5). It raises the clock's floor to its `issuedAt`; it replaces `asOf` only where it is of exactly the list held and newer (spec §3.5,
 * §5.5).
 */
export function applyBeacon(
  options: {
    readonly beacon: Beacon;
    readonly held: HeldStatusList | null;
    readonly clockFloor: number;
    readonly confirmedTime: number | null;
  },
  issuerKeys: readonly IssuerKey[],
  verify: VerifyDigest = verifyDigest,
): BeaconVerdict {
  const { beacon, held, confirmedTime } = options;
  const fault = headFault({ ...beacon, confirmedTime }, issuerKeys, verify);
  if (fault !== null) return { ok: false, reason: fault };
  const clockFloor = Math.max(options.clockFloor, beacon.head.issuedAt);
  if (held === null || !sameList(beacon.head, held.head) || beacon.head.asOf <= held.asOf)
    return { ok: true, clockFloor, held };
  return { ok: true, clockFloor, held: { head: beacon.head, list: held.list, asOf: beacon.head.asOf } };
}

function sameList(left: StatusListHead, right: StatusListHead): boolean {
  return (
    left.domain.chainId === right.domain.chainId &&
    equalBytes(left.domain.vault, right.domain.vault) &&
    left.cards === right.cards &&
    equalBytes(left.listHash, right.listHash)
  );
}

function headFault(judged: JudgedHead, issuerKeys: readonly IssuerKey[], verify: VerifyDigest): StatusListFault | null {
  const { head, signature, confirmedTime } = judged;
  const key = findIssuerKey(issuerKeys, { domain: head.domain, id: head.issuerKeyId });
  if (key === undefined) return "ISSUER_KEY_UNKNOWN";
  if (head.asOf > head.issuedAt) return "STATUS_LIST_MALFORMED";
  if (!verify(signature, digestOf(encodeStatusListHead(head)), key.publicKey)) return "STATUS_LIST_SIGNATURE_WRONG";
  const ahead = confirmedTime !== null && head.issuedAt > confirmedTime + CLOCK_SKEW_SECONDS;
  return ahead ? "STATUS_LIST_FROM_FUTURE" : null;
}
