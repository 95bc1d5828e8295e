import { ReaderError, type ReaderErrorCode } from "../reader/reader-error.ts";

/** Which call failed: the same word of PC/SC means different things before and while a command is under way. */
export type PcscCall = "list" | "connect" | "transmit" | "reconnect";

/** PC/SC return codes that we tell apart (PC/SC part 5 §3.1.3; pcsc-lite's pcsclite.h). */
export type PcscReason =
  | "cancelled"
  | "comm-error"
  | "invalid-handle"
  | "no-readers"
  | "no-service"
  | "no-smartcard"
  | "not-transacted"
  | "reader-unavailable"
  | "removed-card"
  | "reset-card"
  | "sharing-violation"
  | "timeout"
  | "unknown-reader"
  | "unpowered-card"
  | "unresponsive-card"
  | "other";

const CODES: { readonly [reason in PcscReason]: ReaderErrorCode } = {
  cancelled: "READER_FAULT",
  "comm-error": "READER_FAULT",
  // The daemon that knew this handle has been restarted.
  "invalid-handle": "NO_SERVICE",
  "no-readers": "READER_UNKNOWN",
  "no-service": "NO_SERVICE",
  "no-smartcard": "CARD_ABSENT",
  "not-transacted": "READER_FAULT",
  "reader-unavailable": "READER_UNKNOWN",
  "removed-card": "CARD_ABSENT",
  "reset-card": "CARD_RESET",
  "sharing-violation": "READER_IN_USE",
  timeout: "CARD_MUTE",
  "unknown-reader": "READER_UNKNOWN",
  "unpowered-card": "CARD_MUTE",
  "unresponsive-card": "CARD_MUTE",
  other: "READER_FAULT",
};

/** While a command is under way a vanished card was there before, and a broken transmission may have been carried out. */
const CODES_IN_TRANSMIT: { readonly [reason in PcscReason]?: ReaderErrorCode } = {
  "comm-error": "TORN",
  "no-smartcard": "CARD_REMOVED",
  "not-transacted": "TORN",
  "removed-card": "CARD_REMOVED",
  "unpowered-card": "CARD_REMOVED",
};

/** The port's error for a reason of PC/SC. */
export function pcscError(
  reason: PcscReason,
  context: { readonly call: PcscCall; readonly reader?: string; readonly detail: string },
): ReaderError {
  const inTransmit = context.call === "transmit" ? CODES_IN_TRANSMIT[reason] : undefined;
  return new ReaderError(inTransmit ?? CODES[reason], {
    detail: `${context.call}: ${context.detail}`,
    ...(context.reader === undefined ? {} : { reader: context.reader }),
  });
}
