import { assertLength, concatBytes, copyBytes, isBytes } from "../../bytes/bytes.ts";
import { type Reversal, reversalField } from "../reversal.ts";
import { ProtocolError } from "../../bytes/errors.ts";
import { fixedBytes, publicKey } from "../../bytes/fields.ts";
import { defineLayout } from "../../bytes/layout.ts";
import { MAX_UPLOAD_CHALLENGES, MAX_UPLOAD_ENTRIES } from "../../bytes/limits.ts";
import { signatureField } from "../../bytes/signature-form.ts";
import { type StateProof, stateProofField } from "../state-proof.ts";
import { type Upload, uploadField } from "./upload.ts";
import {
  decodeVoucherBundle,
  encodeVoucherBundle,
  VOUCHER_BUNDLE_LENGTH,
  type VoucherBundle,
} from "../voucher/voucher-bundle.ts";

/** The kinds of an upload's entries (spec §3.8). */
export const uploadEntryKinds = Object.freeze({
  voucher: 1,
  reversal: 2,
  stateProof: 3,
  challenge: 4,
  setAside: 5,
} as const);

/** 1 voucher, 2 reversal, 3 proof of state, 4 challenge, 5 upload set aside. */
export type UploadEntryKind = (typeof uploadEntryKinds)[keyof typeof uploadEntryKinds];

/** One entry as its bytes: the frame is sound, the content is judged entry by entry. */
export interface UploadEntry {
  readonly kind: UploadEntryKind;
  readonly data: Uint8Array;
}

/**
 * What a terminal sends: version 1 and at most 1,000 entries, one challenge at most among them
 * (spec §3.8).
 */
export interface UploadBody {
  readonly version: 1;
  readonly entries: readonly UploadEntry[];
}

/** A reversal with its terminal's signature. */
export interface SignedReversal {
  readonly reversal: Reversal;
  /** r ‖ s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** A proof of state with its card's key and signature. */
export interface SignedStateProof {
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  readonly proof: StateProof;
  /** r ‖ s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** Random bytes that make the upload's `TLYU` unpredictable, so that a receipt answers it alone. */
export interface UploadChallenge {
  /** 16 bytes from the terminal's CSPRNG. */
  readonly challenge: Uint8Array;
}

/** An earlier upload that settlement could not take, with its terminal's signature (spec §5.8). */
export interface SetAsideUpload {
  readonly upload: Upload;
  /** r ‖ s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** An entry's content. */
export type UploadEntryContent =
  | ({ readonly kind: "voucher" } & { readonly bundle: VoucherBundle })
  | ({ readonly kind: "reversal" } & SignedReversal)
  | ({ readonly kind: "stateProof" } & SignedStateProof)
  | ({ readonly kind: "challenge" } & UploadChallenge)
  | ({ readonly kind: "setAside" } & SetAsideUpload);

const reversalLayout = defineLayout<SignedReversal>({
  object: "SignedReversal",
  head: "",
  fields: { reversal: reversalField, signature: signatureField },
});

const stateProofLayout = defineLayout<SignedStateProof>({
  object: "SignedStateProof",
  head: "",
  fields: { cardKey: publicKey(33), proof: stateProofField, signature: signatureField },
});

const challengeLayout = defineLayout<UploadChallenge>({
  object: "UploadChallenge",
  head: "",
  fields: { challenge: fixedBytes(16) },
});

const setAsideLayout = defineLayout<SetAsideUpload>({
  object: "SetAsideUpload",
  head: "",
  fields: { upload: uploadField, signature: signatureField },
});

const lengthOfKind: Readonly<Record<UploadEntryKind, number>> = {
  [uploadEntryKinds.voucher]: VOUCHER_BUNDLE_LENGTH,
  [uploadEntryKinds.reversal]: reversalLayout.length,
  [uploadEntryKinds.stateProof]: stateProofLayout.length,
  [uploadEntryKinds.challenge]: challengeLayout.length,
  [uploadEntryKinds.setAside]: setAsideLayout.length,
};

/** Kind and length before an entry's data. */
const ENTRY_HEAD_LENGTH = 3;

/** Longest body: a version and 1,000 entries of the longest kind. */
export const MAX_UPLOAD_BODY_LENGTH: number = 1 + MAX_UPLOAD_ENTRIES * (ENTRY_HEAD_LENGTH + VOUCHER_BUNDLE_LENGTH);

const version = 1;

/** Bytes of the body that holds these entries; a terminal packs up to a bound (spec §5.8). */
export function uploadBodyLength(entries: readonly Pick<UploadEntry, "data">[]): number {
  return entries.reduce((length, { data }) => length + ENTRY_HEAD_LENGTH + data.length, 1);
}

/**
 * Makes the entry of a voucher (spec §3.8). Throws ProtocolError where a field is not what it may
 * be.
 */
export function voucherEntry(bundle: VoucherBundle): UploadEntry {
  return { kind: uploadEntryKinds.voucher, data: encodeVoucherBundle(bundle) };
}

/**
 * Makes the entry of a reversal (spec §3.8). Throws ProtocolError where a field is not what it may
 * be.
 */
export function reversalEntry(signed: SignedReversal): UploadEntry {
  return { kind: uploadEntryKinds.reversal, data: reversalLayout.encode(signed) };
}

/**
 * Makes the entry of a proof of state (spec §3.8). Throws ProtocolError where a field is not what
 * it may be.
 */
export function stateProofEntry(signed: SignedStateProof): UploadEntry {
  return { kind: uploadEntryKinds.stateProof, data: stateProofLayout.encode(signed) };
}

/**
 * Makes the entry of a challenge, which a body holds once at most (spec §3.8). Throws ProtocolError
 * where a field is not what it may be.
 */
export function challengeEntry(challenge: UploadChallenge): UploadEntry {
  return { kind: uploadEntryKinds.challenge, data: challengeLayout.encode(challenge) };
}

/**
 * Makes the entry of an upload set aside (spec §3.8). Throws ProtocolError where a field is not what
 * it may be.
 */
export function setAsideEntry(setAside: SetAsideUpload): UploadEntry {
  return { kind: uploadEntryKinds.setAside, data: setAsideLayout.encode(setAside) };
}

/** Reads the content of an entry; throws ProtocolError where the content is not well formed. */
export function decodeUploadEntry(entry: UploadEntry): UploadEntryContent {
  switch (entry.kind) {
    case uploadEntryKinds.voucher:
      return { kind: "voucher", bundle: decodeVoucherBundle(entry.data) };
    case uploadEntryKinds.reversal:
      return { kind: "reversal", ...reversalLayout.decode(entry.data) };
    case uploadEntryKinds.stateProof:
      return { kind: "stateProof", ...stateProofLayout.decode(entry.data) };
    case uploadEntryKinds.challenge:
      return { kind: "challenge", ...challengeLayout.decode(entry.data) };
    case uploadEntryKinds.setAside:
      return { kind: "setAside", ...setAsideLayout.decode(entry.data) };
    default:
      throw unknownKind(entry.kind);
  }
}

/** Writes a body (spec §3.8); its SHA-256 is the `bodyHash` of the upload. Throws ProtocolError. */
export function encodeUploadBody(body: UploadBody): Uint8Array {
  if (body.version !== version)
    throw new ProtocolError("UNKNOWN_VERSION", { object: "UploadBody", expected: version, actual: body.version });
  if (body.entries.length > MAX_UPLOAD_ENTRIES) throw tooMany(body.entries.length);
  checkChallenges(body.entries);
  const parts = body.entries.map(({ kind, data }) => {
    assertLength(data, lengthOfKind[checkKind(kind)], "UploadBody entry");
    return concatBytes(Uint8Array.of(kind, data.length >> 8, data.length & 0xff), data);
  });
  return concatBytes(Uint8Array.of(version), ...parts);
}

/**
 * Reads a body's frame: version, and for each entry a known kind with its only length. A frame that
 * is not sound is refused as a whole; what stands in an entry is read by decodeUploadEntry, so that
 * one bad entry spoils no other. Throws WRONG_LENGTH, UNKNOWN_VERSION, UNKNOWN_KIND or
 * TOO_MANY_ENTRIES.
 */
export function decodeUploadBody(bytes: Uint8Array): UploadBody {
  if (!isBytes(bytes) || bytes.length < 1) {
    throw new ProtocolError("WRONG_LENGTH", { object: "UploadBody", expected: "at least 1", actual: 0 });
  }
  if (bytes[0] !== version)
    throw new ProtocolError("UNKNOWN_VERSION", { object: "UploadBody", expected: version, actual: bytes[0] ?? 0 });
  const entries: UploadEntry[] = [];
  let at = 1;
  while (at < bytes.length) {
    if (entries.length === MAX_UPLOAD_ENTRIES) throw tooMany(entries.length + 1);
    const entry = readEntry(bytes, at);
    entries.push(entry);
    at += ENTRY_HEAD_LENGTH + entry.data.length;
  }
  checkChallenges(entries);
  return { version, entries };
}

function readEntry(bytes: Uint8Array, at: number): UploadEntry {
  const kind = checkKind(bytes[at] ?? 0);
  const expected = lengthOfKind[kind];
  if (at + ENTRY_HEAD_LENGTH > bytes.length) {
    throw new ProtocolError("WRONG_LENGTH", {
      object: "UploadBody",
      field: "entry head",
      expected: String(ENTRY_HEAD_LENGTH),
      actual: bytes.length - at,
    });
  }
  const stated = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  const present = bytes.length - at - ENTRY_HEAD_LENGTH;
  if (stated !== expected || present < expected) {
    throw new ProtocolError("WRONG_LENGTH", {
      object: "UploadBody",
      field: "entry",
      expected: String(expected),
      actual: stated === expected ? present : stated,
    });
  }
  return { kind, data: copyBytes(bytes, at + ENTRY_HEAD_LENGTH, expected) };
}

function checkKind(kind: number): UploadEntryKind {
  const found = Object.values(uploadEntryKinds).find((candidate) => candidate === kind);
  if (found === undefined) throw unknownKind(kind);
  return found;
}

function unknownKind(actual: number): ProtocolError {
  return new ProtocolError("UNKNOWN_KIND", { object: "UploadBody", actual });
}

function checkChallenges(entries: readonly UploadEntry[]): void {
  const challenges = entries.filter(({ kind }) => kind === uploadEntryKinds.challenge).length;
  if (challenges > MAX_UPLOAD_CHALLENGES)
    throw new ProtocolError("TOO_MANY_ENTRIES", {
      what: "challenges",
      maximum: MAX_UPLOAD_CHALLENGES,
      actual: challenges,
    });
}

function tooMany(actual: number): ProtocolError {
  return new ProtocolError("TOO_MANY_ENTRIES", { what: "entries", maximum: MAX_UPLOAD_ENTRIES, actual });
}
