import { describe, expect, it } from "@jest/globals";
import {
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorContexts,
  protocolErrorCodes,
} from "./bytes/errors.ts";
import * as protocol from "./index.ts";
import { counting } from "./testing/fixture.ts";

// A person acts by the sentence of an error: it states every detail of the error's context, and the
// details are those of the bytes that came.

const CONTEXTS: { readonly [code in ProtocolErrorCode]: ProtocolErrorContexts[code] } = {
  WRONG_LENGTH: { object: "Thing", field: "part", expected: "17", actual: 4 },
  SURPLUS_BYTES: { object: "Thing", expected: 17, actual: 21 },
  UNKNOWN_TAG: { object: "Thing", expected: "0x11", actual: "0x22" },
  UNKNOWN_VERSION: { object: "Thing", expected: 17, actual: 21 },
  UNKNOWN_KIND: { object: "Thing", actual: 21 },
  OUT_OF_RANGE: { object: "Thing", field: "part", expected: "from 3 to 5", actual: "21" },
  WRONG_TYPE: { object: "Thing", field: "part", expected: "a number", actual: "string" },
  ZERO_PAYEE: { object: "Thing" },
  ZERO_ADDRESS: { object: "Thing", field: "part" },
  BAD_PUBLIC_KEY: { object: "Thing", field: "part" },
  BAD_SIGNATURE_ENCODING: { fault: "two lengths" },
  SIGNATURE_OUT_OF_RANGE: { part: "r" },
  HIGH_S: {},
  BAD_SIGNATURE: { object: "Thing" },
  BAD_SECRET_KEY: {},
  TOO_MANY_ENTRIES: { maximum: 17, actual: 21 },
  LIST_TOO_LARGE: { maximum: 17, actual: 21 },
  INDEX_PAST_END: { cards: 17, actual: 21 },
  NONZERO_PADDING: { object: "Thing" },
  BAD_DEFLATE: { fault: "it ends early" },
  HASH_MISMATCH: { object: "Thing" },
  BAD_HEX: { fault: "an odd number of digits" },
  BAD_CHECKSUM: { actual: "0xAb" },
};

function makeError(code: ProtocolErrorCode): ProtocolError {
  // The map gives each code its own context; only the union of all hides that here.
  return new ProtocolError(code, CONTEXTS[code] as never);
}

describe("the sentence of an error", () => {
  it.each(protocolErrorCodes)("%s states every detail of its context", (code) => {
    const { message } = makeError(code);
    expect(message).toMatch(/^[A-Z][^`]{20,}\.$/);
    const { actual, expected, ...details } = CONTEXTS[code] as Readonly<Record<string, string | number>>;
    for (const detail of Object.values(details)) expect(message).toContain(String(detail));
    if (expected !== undefined) expect(message).toContain(String(expected));
    // For surplus bytes, the surplus is what helps.
    const came = code === "SURPLUS_BYTES" ? Number(actual) - Number(expected) : actual;
    if (came !== undefined) expect(message).toMatch(new RegExp(`\\b${came}\\b`));
  });

  it("is no other error's", () => {
    expect(new Set(protocolErrorCodes.map((code) => makeError(code).message)).size).toBe(protocolErrorCodes.length);
  });

  it("names the object alone where no field is concerned", () => {
    const { message } = new ProtocolError("WRONG_LENGTH", { object: "Thing", expected: "17", actual: 4 });
    expect(message).toContain("Thing");
    expect(message).not.toContain("Thing.");
    expect(makeError("WRONG_LENGTH").message).toContain("Thing.part");
  });
});

function faultOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    if (protocol.isProtocolError(error)) return { code: error.code, context: error.context };
    throw error;
  }
}

describe("what is wrong with a status list (spec §3.5)", () => {
  it.each([-1, 1.5])("is a count of %d", (cards) => {
    expect(faultOf(() => protocol.statusListLength(cards))).toEqual({
      code: "OUT_OF_RANGE",
      context: {
        object: "StatusList",
        field: "cards",
        expected: "a whole number of at least 0",
        actual: String(cards),
      },
    });
  });

  it("is its size, one card above the most", () => {
    const maximum = protocol.MAX_STATUS_LIST_CARDS;
    expect(protocol.statusListLength(maximum)).toBe(maximum / 4);
    expect(faultOf(() => protocol.statusListLength(maximum + 1))).toEqual({
      code: "LIST_TOO_LARGE",
      context: { maximum, actual: maximum + 1 },
    });
  });

  it.each([4, -1, 0.5])("is a status of %d, by its index", (status) => {
    expect(faultOf(() => protocol.encodeStatusList([0, 3, status as protocol.CardStatus]))).toEqual({
      code: "OUT_OF_RANGE",
      context: { object: "StatusList", field: "status 2", expected: "0 to 3", actual: String(status) },
    });
  });

  it("is its padding or its length", () => {
    expect(faultOf(() => protocol.decodeStatusList(Uint8Array.of(0, 4), 5))).toEqual({
      code: "NONZERO_PADDING",
      context: { object: "StatusList" },
    });
    expect(faultOf(() => protocol.decodeStatusList(Uint8Array.of(0), 5))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "StatusList", expected: "2", actual: 1 },
    });
  });

  it.each([
    ["before its start", -1, 9, 3],
    ["at its end", 9, 9, 3],
    ["between two cards", 0.5, 9, 3],
    ["within its count but past its bytes", 8, 9, 2],
  ])("is an index %s", (_where, index, cards, bytes) => {
    expect(faultOf(() => protocol.statusAt({ list: new Uint8Array(bytes), cards, index }))).toEqual({
      code: "INDEX_PAST_END",
      context: { cards, actual: index },
    });
  });
});

describe("what is wrong with an upload's body (spec §3.8)", () => {
  const proof = () => Uint8Array.of(3, 0, 192, ...counting(1, 192));
  const bodyOf = (...entries: readonly Uint8Array[]) =>
    Uint8Array.from([[1], ...entries.map((entry) => [...entry])].flat());
  const decode = (bytes: Uint8Array) => faultOf(() => protocol.decodeUploadBody(bytes));

  it("is that it is empty", () => {
    const context = { object: "UploadBody", expected: "at least 1", actual: 0 };
    expect(decode(new Uint8Array())).toEqual({ code: "WRONG_LENGTH", context });
  });

  it("is its version", () => {
    expect(decode(Uint8Array.of(2))).toEqual({
      code: "UNKNOWN_VERSION",
      context: { object: "UploadBody", expected: 1, actual: 2 },
    });
  });

  it("is an entry's head, its stated length or its present one", () => {
    const wrong = (actual: number, expected: string, field: string) => ({
      code: "WRONG_LENGTH",
      context: { object: "UploadBody", field, expected, actual },
    });
    expect(decode(bodyOf(Uint8Array.of(3, 0)))).toEqual(wrong(2, "3", "entry head"));
    expect(decode(bodyOf(proof(), Uint8Array.of(3, 0, 191, ...counting(1, 192))))).toEqual(wrong(191, "192", "entry"));
    expect(decode(bodyOf(proof().slice(0, -1)))).toEqual(wrong(191, "192", "entry"));
    expect(decode(bodyOf(Uint8Array.of(4, 0, 192)))).toEqual({
      code: "UNKNOWN_KIND",
      context: { object: "UploadBody", actual: 4 },
    });
  });

  it("is its number of entries, one above the most", () => {
    const maximum = protocol.MAX_UPLOAD_ENTRIES;
    const context = { maximum, actual: maximum + 1 };
    const entries = Array.from({ length: maximum + 1 }, proof);
    expect(decode(bodyOf(...entries))).toEqual({ code: "TOO_MANY_ENTRIES", context });
    const all = entries.map((entry) => ({ kind: 3 as const, data: entry.slice(3) }));
    expect(faultOf(() => protocol.encodeUploadBody({ version: 1, entries: all }))).toEqual({
      code: "TOO_MANY_ENTRIES",
      context,
    });
  });

  it("is the length of an entry that is to be written", () => {
    const entries = [{ kind: 3 as const, data: new Uint8Array(191) }];
    expect(faultOf(() => protocol.encodeUploadBody({ version: 1, entries }))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "UploadBody entry", expected: "192", actual: 191 },
    });
  });
});

it("an object that begins with another tag is reported with both", () => {
  const bytes = new Uint8Array(protocol.OPENING_LENGTH);
  bytes.set(new TextEncoder().encode("TLYX"));
  expect(faultOf(() => protocol.decodeOpening(bytes))).toEqual({
    code: "UNKNOWN_TAG",
    context: { object: "Opening", expected: "0x544c594f", actual: "0x544c5958" },
  });
});
