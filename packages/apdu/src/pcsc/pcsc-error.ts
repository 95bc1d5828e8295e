import { ReaderError, type ReaderErrorCode, type ServiceCause } from "../reader/reader-error.ts";

/**
 * Which call failed: the same return code of PC/SC means different things before and while a
 * command is under way.
 */
export type PcscCall = "list" | "connect" | "transmit" | "reconnect" | "transaction" | "control";

/** PC/SC return codes that are distinguished here (PC/SC part 5 §3.1.3; pcsc-lite's pcsclite.h). */
export type PcscReason =
  | "cancelled"
  | "comm-error"
  | "data-lost"
  | "invalid-handle"
  | "no-access"
  | "no-readers"
  | "no-service"
  | "no-smartcard"
  | "not-transacted"
  | "reader-unavailable"
  | "removed-card"
  | "reset-card"
  | "service-stopped"
  | "sharing-violation"
  | "timeout"
  | "unknown-reader"
  | "unpowered-card"
  | "unresponsive-card"
  | "unsupported-card"
  | "other";

/** PC/SC's return codes (pcsc-lite's pcsclite.h). */
const REASONS: ReadonlyMap<number, PcscReason> = new Map([
  [0x80100002, "cancelled"],
  [0x80100003, "invalid-handle"],
  [0x80100009, "unknown-reader"],
  [0x8010000a, "timeout"],
  [0x8010000b, "sharing-violation"],
  [0x8010000c, "no-smartcard"],
  [0x8010000d, "unsupported-card"],
  [0x8010000f, "unsupported-card"],
  [0x80100012, "cancelled"],
  [0x80100013, "comm-error"],
  [0x80100016, "not-transacted"],
  [0x80100017, "reader-unavailable"],
  [0x8010001c, "unsupported-card"],
  [0x8010001d, "no-service"],
  [0x8010001e, "service-stopped"],
  [0x80100027, "no-access"],
  [0x8010002e, "no-readers"],
  [0x8010002f, "data-lost"],
  [0x80100031, "no-service"],
  [0x80100065, "unsupported-card"],
  [0x80100066, "unresponsive-card"],
  [0x80100067, "unpowered-card"],
  [0x80100068, "reset-card"],
  [0x80100069, "removed-card"],
  [0x8010006a, "no-access"],
]);

const CODES: { readonly [reason in PcscReason]: ReaderErrorCode } = {
  cancelled: "READER_FAULT",
  // Between client and service, not between reader and card.
  "comm-error": "NO_SERVICE",
  "data-lost": "READER_FAULT",
  // The daemon that knew this handle has been restarted.
  "invalid-handle": "NO_SERVICE",
  // The service lets only some users in.
  "no-access": "NO_SERVICE",
  "no-readers": "READER_UNKNOWN",
  "no-service": "NO_SERVICE",
  "no-smartcard": "CARD_ABSENT",
  "not-transacted": "READER_FAULT",
  "reader-unavailable": "READER_UNKNOWN",
  "removed-card": "CARD_ABSENT",
  "reset-card": "CARD_RESET",
  // The client library's answer to a service of another protocol version.
  "service-stopped": "NO_SERVICE",
  "sharing-violation": "READER_IN_USE",
  timeout: "CARD_MUTE",
  "unknown-reader": "READER_UNKNOWN",
  "unpowered-card": "CARD_MUTE",
  "unresponsive-card": "CARD_MUTE",
  // Reader and card have no protocol in common; another card helps, as with a mute one.
  "unsupported-card": "CARD_MUTE",
  other: "READER_FAULT",
};

/**
 * While a command is under way a vanished card was there before, and a broken transmission may have
 * been carried out.
 */
const CODES_IN_TRANSMIT: { readonly [reason in PcscReason]?: ReaderErrorCode } = {
  "comm-error": "TORN",
  "data-lost": "TORN",
  "no-smartcard": "CARD_REMOVED",
  "not-transacted": "TORN",
  "removed-card": "CARD_REMOVED",
  "unpowered-card": "CARD_REMOVED",
};

/** What a service did that is there and cannot be used, by its reason. */
const CAUSES: { readonly [reason in PcscReason]?: ServiceCause } = {
  "comm-error": "closed",
  "no-access": "closed",
  "service-stopped": "version",
};

/** The reason that a return code of PC/SC gives; it may have come as a signed number. */
export function pcscReason(code: number): PcscReason {
  return REASONS.get(code >>> 0) ?? "other";
}

/** The port's error for a reason of PC/SC. */
export function pcscError(
  reason: PcscReason,
  context: { readonly call: PcscCall; readonly reader?: string; readonly detail: string },
): ReaderError {
  const inTransmit = context.call === "transmit" ? CODES_IN_TRANSMIT[reason] : undefined;
  const code = inTransmit ?? CODES[reason];
  // A service that ends while it is used has nothing against this program: only greeting it shows that.
  const cause = code === "NO_SERVICE" && context.call === "list" ? CAUSES[reason] : undefined;
  return new ReaderError(code, {
    detail: `${context.call}: ${context.detail}`,
    ...(cause === undefined ? {} : { service: cause }),
    ...(context.reader === undefined ? {} : { reader: context.reader }),
  });
}
