import { describe, expect, it } from "@jest/globals";
import { isReaderError, ReaderError, type ReaderErrorCode } from "./reader-error.ts";

const CODES: readonly ReaderErrorCode[] = [
  "NO_SERVICE",
  "READER_UNKNOWN",
  "READER_IN_USE",
  "CARD_ABSENT",
  "CARD_MUTE",
  "CARD_REMOVED",
  "CARD_RESET",
  "TORN",
  "NOT_CONNECTED",
  "READER_FAULT",
];
const SENTENCE = /^[A-Z][^.]*\.$/;

describe("a reader error", () => {
  it.each(CODES)("%s says in one sentence what happened, and in another what to do", (code) => {
    const error = new ReaderError(code);
    expect(error.message).toMatch(SENTENCE);
    expect(error.next).toMatch(SENTENCE);
    expect(error).toMatchObject({ name: "ReaderError", code, reader: null, detail: null });
  });

  it("has texts of its own for every code", () => {
    const errors = CODES.map((code) => new ReaderError(code));
    expect(new Set(errors.map(({ message }) => message)).size).toBe(CODES.length);
    expect(new Set(errors.map(({ next }) => next)).size).toBe(CODES.length);
  });

  it("tells by its cause why a service that runs cannot be used", () => {
    const causes = [undefined, "closed", "version", "silent"] as const;
    const errors = causes.map((service) => new ReaderError("NO_SERVICE", service === undefined ? {} : { service }));
    for (const { code, message, next } of errors)
      expect([code, SENTENCE.test(message), next !== ""]).toEqual(["NO_SERVICE", true, true]);
    expect(new Set(errors.map(({ next }) => next)).size).toBe(causes.length);
    expect(new Set(errors.map(({ message }) => message)).size).toBe(causes.length);
  });

  it("names the reader, and keeps the message of the layer below for logs", () => {
    const error = new ReaderError("TORN", { reader: "front", detail: "0 bytes" });
    expect(error.message).toContain("front");
    expect(error).toMatchObject({ reader: "front", detail: "0 bytes" });
  });

  it("is distinguished from other errors, by its code where one is named", () => {
    expect(isReaderError(new ReaderError("TORN"))).toBe(true);
    expect(isReaderError(new ReaderError("TORN"), "TORN")).toBe(true);
    expect(isReaderError(new ReaderError("TORN"), "CARD_MUTE")).toBe(false);
    expect(isReaderError(Object.assign(new Error("x"), { code: "TORN" }))).toBe(false);
    expect(isReaderError(undefined)).toBe(false);
  });
});
