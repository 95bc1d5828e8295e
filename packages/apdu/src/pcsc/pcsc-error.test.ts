import { describe, expect, it } from "@jest/globals";
import type { ReaderErrorCode } from "../reader/reader-error.ts";
import { pcscError, pcscReason } from "./pcsc-error.ts";

/**
 * Return codes of pcsc-lite's pcsclite.h, what each means before a command, and while one is under
 * way.
 */
const CODES: readonly (readonly [name: string, code: number, before: ReaderErrorCode, during: ReaderErrorCode])[] = [
  ["SCARD_F_INTERNAL_ERROR", 0x80100001, "READER_FAULT", "READER_FAULT"],
  ["SCARD_E_CANCELLED", 0x80100002, "READER_FAULT", "READER_FAULT"],
  ["SCARD_E_INVALID_HANDLE", 0x80100003, "NO_SERVICE", "NO_SERVICE"],
  ["SCARD_E_INVALID_PARAMETER", 0x80100004, "READER_FAULT", "READER_FAULT"],
  ["SCARD_E_NO_MEMORY", 0x80100006, "READER_FAULT", "READER_FAULT"],
  ["SCARD_E_INSUFFICIENT_BUFFER", 0x80100008, "READER_FAULT", "READER_FAULT"],
  ["SCARD_E_UNKNOWN_READER", 0x80100009, "READER_UNKNOWN", "READER_UNKNOWN"],
  ["SCARD_E_TIMEOUT", 0x8010000a, "CARD_MUTE", "CARD_MUTE"],
  ["SCARD_E_SHARING_VIOLATION", 0x8010000b, "READER_IN_USE", "READER_IN_USE"],
  ["SCARD_E_NO_SMARTCARD", 0x8010000c, "CARD_ABSENT", "CARD_REMOVED"],
  ["SCARD_E_UNKNOWN_CARD", 0x8010000d, "CARD_MUTE", "CARD_MUTE"],
  ["SCARD_E_PROTO_MISMATCH", 0x8010000f, "CARD_MUTE", "CARD_MUTE"],
  ["SCARD_E_NOT_READY", 0x80100010, "READER_FAULT", "READER_FAULT"],
  ["SCARD_E_SYSTEM_CANCELLED", 0x80100012, "READER_FAULT", "READER_FAULT"],
  ["SCARD_F_COMM_ERROR", 0x80100013, "NO_SERVICE", "TORN"],
  ["SCARD_F_UNKNOWN_ERROR", 0x80100014, "READER_FAULT", "READER_FAULT"],
  ["SCARD_E_NOT_TRANSACTED", 0x80100016, "READER_FAULT", "TORN"],
  ["SCARD_E_READER_UNAVAILABLE", 0x80100017, "READER_UNKNOWN", "READER_UNKNOWN"],
  ["SCARD_E_CARD_UNSUPPORTED", 0x8010001c, "CARD_MUTE", "CARD_MUTE"],
  ["SCARD_E_NO_SERVICE", 0x8010001d, "NO_SERVICE", "NO_SERVICE"],
  ["SCARD_E_SERVICE_STOPPED", 0x8010001e, "NO_SERVICE", "NO_SERVICE"],
  ["SCARD_E_UNSUPPORTED_FEATURE", 0x8010001f, "READER_FAULT", "READER_FAULT"],
  ["SCARD_E_NO_READERS_AVAILABLE", 0x8010002e, "READER_UNKNOWN", "READER_UNKNOWN"],
  ["SCARD_E_COMM_DATA_LOST", 0x8010002f, "READER_FAULT", "TORN"],
  ["SCARD_E_SERVER_TOO_BUSY", 0x80100031, "NO_SERVICE", "NO_SERVICE"],
  ["SCARD_W_UNSUPPORTED_CARD", 0x80100065, "CARD_MUTE", "CARD_MUTE"],
  ["SCARD_W_UNRESPONSIVE_CARD", 0x80100066, "CARD_MUTE", "CARD_MUTE"],
  ["SCARD_W_UNPOWERED_CARD", 0x80100067, "CARD_MUTE", "CARD_REMOVED"],
  ["SCARD_W_RESET_CARD", 0x80100068, "CARD_RESET", "CARD_RESET"],
  ["SCARD_E_NO_ACCESS", 0x80100027, "NO_SERVICE", "NO_SERVICE"],
  ["SCARD_W_SECURITY_VIOLATION", 0x8010006a, "NO_SERVICE", "NO_SERVICE"],
  ["SCARD_W_REMOVED_CARD", 0x80100069, "CARD_ABSENT", "CARD_REMOVED"],
];

describe("each PC/SC return code", () => {
  it.each(CODES)("%s says what happened and what to do", (name, code, before, during) => {
    for (const call of ["list", "connect", "reconnect", "transaction"] as const) {
      expect(pcscError(pcscReason(code), { call, detail: name })).toMatchObject({
        code: before,
        reader: null,
        detail: `${call}: ${name}`,
      });
    }
    expect(pcscError(pcscReason(code), { call: "transmit", reader: "front", detail: name })).toMatchObject({
      code: during,
      reader: "front",
      detail: `transmit: ${name}`,
    });
  });

  it("may come as a signed number", () => {
    expect(pcscReason(0x80100069 | 0)).toBe("removed-card");
  });

  it("that is unknown is a fault of the reader", () => {
    expect(pcscReason(0x8010ffff)).toBe("other");
    expect(pcscReason(1)).toBe("other");
  });

  it("tells a service that is not there from one that does not let this program in, or speaks otherwise", () => {
    const next = (code: number) => pcscError(pcscReason(code), { call: "list", detail: "x" }).next;
    const [absent, closed, denied, otherVersion] = [0x8010001d, 0x80100013, 0x8010006a, 0x8010001e].map(next);
    expect(closed).toBe(denied);
    expect(new Set([absent, closed, otherVersion]).size).toBe(3);
    expect(pcscError("comm-error", { call: "connect", detail: "x" }).next).toBe(absent);
  });
});
