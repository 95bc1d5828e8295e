import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import * as protocol from "./index.ts";

/** Every codec of one length, with the vector file whose first case is a valid object. */
const codecs: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array, { readonly tagged: boolean }])[] = [
  ["domain", (b) => protocol.encodeDomain(protocol.decodeDomain(b)), { tagged: false }],
  ["voucher-message", (b) => protocol.encodeVoucherMessage(protocol.decodeVoucherMessage(b)), { tagged: true }],
  ["voucher-context", (b) => protocol.encodeVoucherContext(protocol.decodeVoucherContext(b)), { tagged: true }],
  ["allowance-body", (b) => protocol.encodeAllowanceBody(protocol.decodeAllowanceBody(b)), { tagged: false }],
  ["allowance", (b) => protocol.encodeAllowance(protocol.decodeAllowance(b)), { tagged: true }],
  [
    "merchant-certificate",
    (b) => protocol.encodeMerchantCertificate(protocol.decodeMerchantCertificate(b)),
    { tagged: true },
  ],
  ["status-list-head", (b) => protocol.encodeStatusListHead(protocol.decodeStatusListHead(b)), { tagged: true }],
  ["beacon", (b) => protocol.encodeBeacon(protocol.decodeBeacon(b)), { tagged: true }],
  ["state-proof", (b) => protocol.encodeStateProof(protocol.decodeStateProof(b)), { tagged: true }],
  ["opening", (b) => protocol.encodeOpening(protocol.decodeOpening(b)), { tagged: true }],
  ["pin-session", (b) => protocol.encodePinSession(protocol.decodePinSession(b)), { tagged: true }],
  ["upload", (b) => protocol.encodeUpload(protocol.decodeUpload(b)), { tagged: true }],
  ["reversal", (b) => protocol.encodeReversal(protocol.decodeReversal(b)), { tagged: true }],
  ["refund-order", (b) => protocol.encodeRefundOrder(protocol.decodeRefundOrder(b)), { tagged: true }],
  ["pay-request", (b) => protocol.encodePayRequest(protocol.decodePayRequest(b)), { tagged: false }],
  ["card-record", (b) => protocol.encodeCardRecord(protocol.decodeCardRecord(b)), { tagged: false }],
  [
    "short-select-answer",
    (b) => protocol.encodeShortSelectAnswer(protocol.decodeShortSelectAnswer(b)),
    { tagged: true },
  ],
  ["select-answer", (b) => protocol.encodeSelectAnswer(protocol.decodeSelectAnswer(b)), { tagged: true }],
];

function example(file: string): Uint8Array {
  const { valid } = JSON.parse(readFileSync(new URL(`../../../vectors/${file}.json`, import.meta.url), "utf8"));
  return protocol.fromHex(valid[0].hex);
}

function codeOf(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    if (protocol.isProtocolError(error)) return error.code;
    throw error;
  }
}

describe.each(codecs)("%s", (file, again, { tagged }) => {
  const bytes = example(file);

  it("refuses every truncation", () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(codeOf(() => again(bytes.subarray(0, length)))).toBe("WRONG_LENGTH");
    }
  });

  it("refuses surplus bytes behind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (surplus) => {
        expect(codeOf(() => again(protocol.concatBytes(bytes, surplus)))).toBe("SURPLUS_BYTES");
      }),
      { numRuns: 20 },
    );
  });

  it("refuses what is not bytes at all", () => {
    for (const wrong of [null, undefined, "0x00", 7, [...bytes], new Uint16Array(bytes.length)]) {
      expect(codeOf(() => again(wrong as unknown as Uint8Array))).toBe("WRONG_TYPE");
    }
  });

  it("has exactly one encoding: what it takes, it writes again unchanged, and all else it refuses by name", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          let written: Uint8Array | null = null;
          const code = codeOf(() => {
            written = again(changed);
          });
          if (code === null) expect(written).toEqual(changed);
          else expect(protocol.protocolErrorCodes).toContain(code);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("shares no memory with what it read", () => {
    const source = Buffer.from(bytes);
    const written = again(source);
    source.fill(0);
    expect(written).toEqual(bytes);
  });

  if (tagged) {
    it("refuses every other first byte", () => {
      for (let value = 0; value < 256; value += 1) {
        if (value === bytes[0]) continue;
        const changed = Uint8Array.from(bytes);
        changed[0] = value;
        expect(codeOf(() => again(changed))).toBe("UNKNOWN_TAG");
      }
    });
  }
});

describe("objects of no fixed length", () => {
  const answer = example("pay-answer");
  const shortAnswer = example("short-pay-answer");
  const der = example("card-signature");
  const changesOf = (bytes: Uint8Array) =>
    fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => {
      const changed = Uint8Array.from(bytes);
      for (const [at, value] of changes) changed[at] = value;
      return changed;
    });
  const oneEncoding = (again: (bytes: Uint8Array) => Uint8Array) => (bytes: Uint8Array) => {
    let written: Uint8Array | null = null;
    const code = codeOf(() => {
      written = again(bytes);
    });
    if (code === null) expect(written).toEqual(bytes);
    else expect(protocol.protocolErrorCodes).toContain(code);
  };

  it.each<[string, Uint8Array, (bytes: Uint8Array) => Uint8Array]>([
    ["PAY answers", answer, (b) => protocol.encodePayAnswer(protocol.decodePayAnswer(b))],
    ["short PAY answers", shortAnswer, (b) => protocol.encodeShortPayAnswer(protocol.decodeShortPayAnswer(b))],
    ["DER signatures", der, (b) => protocol.encodeDerSignature(protocol.parseCardSignature(b))],
    ["upload bodies", example("upload-body"), (b) => protocol.encodeUploadBody(protocol.decodeUploadBody(b))],
  ])("%s have exactly one encoding, changed or random", (_name, bytes, again) => {
    fc.assert(fc.property(changesOf(bytes), oneEncoding(again)), { numRuns: 500 });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 130 }), oneEncoding(again)), { numRuns: 300 });
  });

  it("a PAY answer has 56 to 120 bytes", () => {
    for (let length = 0; length < 56; length += 1) {
      expect(codeOf(() => protocol.decodePayAnswer(answer.subarray(0, length)))).toBe("WRONG_LENGTH");
    }
    const shortest = protocol.concatBytes(answer.subarray(0, 48), protocol.encodeDerSignature({ r: 1n, s: 1n }));
    expect(protocol.decodePayAnswer(shortest).signature).toHaveLength(8);
    const most = protocol.GROUP_ORDER - 1n;
    const longest = protocol.concatBytes(answer.subarray(0, 48), protocol.encodeDerSignature({ r: most, s: most }));
    expect(longest).toHaveLength(protocol.MAX_PAY_ANSWER_LENGTH);
    expect(protocol.decodePayAnswer(longest).signature).toHaveLength(72);
    expect(codeOf(() => protocol.decodePayAnswer(protocol.concatBytes(longest, Uint8Array.of(0))))).toBe(
      "SURPLUS_BYTES",
    );
  });
});

describe("the short forms of a card's answers", () => {
  const select = protocol.decodeSelectAnswer(example("select-answer"));
  const short = protocol.decodeShortSelectAnswer(example("short-select-answer"));
  const { aid, cardKey, allowanceBody, allowanceSignature } = select;

  it("leave out what a terminal knows, and give the long answer with it", () => {
    expect(protocol.shortSelectAnswer(select)).toEqual(short);
    const known = { aid, cardKey, allowanceBody, allowanceSignature };
    expect(protocol.rebuildSelectAnswer(short, known)).toEqual(select);
  });

  it.each([-1, 1])("give no long answer with an allowance of another seq (%i)", (by) => {
    const body = { ...allowanceBody, seq: allowanceBody.seq + by };
    expect(protocol.rebuildSelectAnswer(short, { aid, cardKey, allowanceBody: body, allowanceSignature })).toBeNull();
  });

  it("of PAY give the long answer with SELECT and the request", () => {
    const full = protocol.decodePayAnswer(example("pay-answer"));
    const before = { ...select, counter: 0, spent: 0n, head: new Uint8Array(32) };
    const answer = protocol.decodeShortPayAnswer(example("short-pay-answer"));
    expect(protocol.rebuildPayAnswer(answer, { select: before, request: { counter: 1, amount: full.spent } })).toEqual(
      full,
    );
    const most = { select: { ...before, spent: protocol.MAX_UNITS }, request: { counter: 1, amount: 1n } };
    expect(codeOf(() => protocol.encodePayAnswer(protocol.rebuildPayAnswer(answer, most)))).toBe("OUT_OF_RANGE");
  });

  it("of PAY have 10 to 74 bytes", () => {
    const answer = example("short-pay-answer");
    for (let length = 0; length < 10; length += 1)
      expect(codeOf(() => protocol.decodeShortPayAnswer(answer.subarray(0, length)))).toBe("WRONG_LENGTH");
    const most = protocol.GROUP_ORDER - 1n;
    const head = answer.subarray(0, 2);
    const longest = protocol.concatBytes(head, protocol.encodeDerSignature({ r: most, s: most }));
    expect(longest).toHaveLength(74);
    expect(protocol.decodeShortPayAnswer(longest).signature).toHaveLength(72);
    const surplus = protocol.concatBytes(longest, Uint8Array.of(0));
    expect(codeOf(() => protocol.decodeShortPayAnswer(surplus))).toBe("SURPLUS_BYTES");
    const shortest = protocol.concatBytes(head, protocol.encodeDerSignature({ r: 1n, s: 1n }));
    expect(protocol.decodeShortPayAnswer(shortest).signature).toHaveLength(8);
  });
});

describe("values on the way out", () => {
  const message = protocol.decodeVoucherMessage(example("voucher-message"));
  const context = protocol.decodeVoucherContext(example("voucher-context"));

  it.each([
    ["counter", 0, "OUT_OF_RANGE"],
    ["counter", -1, "OUT_OF_RANGE"],
    ["counter", 1.5, "OUT_OF_RANGE"],
    ["counter", Number.NaN, "OUT_OF_RANGE"],
    ["counter", 2 ** 32, "OUT_OF_RANGE"],
    ["counter", 1n, "WRONG_TYPE"],
    ["counter", "1", "WRONG_TYPE"],
    ["amount", 0n, "OUT_OF_RANGE"],
    ["amount", -1n, "OUT_OF_RANGE"],
    ["amount", 1n << 48n, "OUT_OF_RANGE"],
    ["amount", 1, "WRONG_TYPE"],
    ["payee", new Uint8Array(20), "ZERO_PAYEE"],
    ["payee", new Uint8Array(19), "WRONG_LENGTH"],
    ["payee", "0x00", "WRONG_TYPE"],
    ["context", new Uint8Array(21), "WRONG_LENGTH"],
    ["context", null, "WRONG_TYPE"],
    ["domain", { chainId: 0n, vault: message.domain.vault }, "OUT_OF_RANGE"],
    ["domain", { chainId: 1n << 64n, vault: message.domain.vault }, "OUT_OF_RANGE"],
    ["domain", { chainId: 1n, vault: new Uint8Array(20) }, "ZERO_ADDRESS"],
  ])("a voucher message's %s of %p is %s", (field, value, code) => {
    expect(codeOf(() => protocol.encodeVoucherMessage({ ...message, [field]: value }))).toBe(code);
  });

  it.each([
    ["cvm", 2],
    ["flags", 1],
    ["category", 64],
    ["allowanceSeq", 0],
    ["spent", 0n],
  ])("a context's %s of %p is out of range", (field, value) => {
    expect(codeOf(() => protocol.encodeVoucherContext({ ...context, [field]: value }))).toBe("OUT_OF_RANGE");
  });

  it("names the object, the field, what came and what was expected", () => {
    try {
      protocol.encodeVoucherMessage({ ...message, amount: 0n });
    } catch (error) {
      if (!protocol.isProtocolError(error, "OUT_OF_RANGE")) throw error;
      expect(error.context).toEqual({
        object: "VoucherMessage",
        field: "amount",
        expected: "from 1 to 281474976710655",
        actual: "0",
      });
      return;
    }
    throw new Error("nothing was thrown");
  });
});

describe("uploads", () => {
  const entry = protocol.decodeUploadBody(example("upload-body")).entries[0] as protocol.UploadEntry;
  const bodyOf = (count: number) => ({ version: 1 as const, entries: Array.from({ length: count }, () => entry) });

  it("holds 1,000 entries and not one more", () => {
    const full = protocol.encodeUploadBody(bodyOf(protocol.MAX_UPLOAD_ENTRIES));
    expect(full.length).toBe(protocol.MAX_UPLOAD_BODY_LENGTH);
    expect(protocol.decodeUploadBody(full).entries).toHaveLength(1000);
    expect(codeOf(() => protocol.encodeUploadBody(bodyOf(1001)))).toBe("TOO_MANY_ENTRIES");
    expect(codeOf(() => protocol.decodeUploadBody(protocol.concatBytes(full, full.subarray(1))))).toBe(
      "TOO_MANY_ENTRIES",
    );
  });

  it("lets one bad entry spoil no other: the frame is read, the entry is refused", () => {
    const bad = { kind: entry.kind, data: new Uint8Array(entry.data.length) };
    const { entries } = protocol.decodeUploadBody(protocol.encodeUploadBody({ version: 1, entries: [bad, entry] }));
    expect(codeOf(() => protocol.decodeUploadEntry(entries[0] as protocol.UploadEntry))).toBe("BAD_PUBLIC_KEY");
    expect(protocol.decodeUploadEntry(entries[1] as protocol.UploadEntry).kind).toBe("voucher");
  });

  it("refuses every truncation of a body inside an entry", () => {
    const body = protocol.encodeUploadBody(bodyOf(1));
    expect(codeOf(() => protocol.decodeUploadBody(new Uint8Array(0)))).toBe("WRONG_LENGTH");
    for (let length = 2; length < body.length; length += 1)
      expect(codeOf(() => protocol.decodeUploadBody(body.subarray(0, length)))).toBe("WRONG_LENGTH");
  });
});

describe("hexadecimal text", () => {
  it.each(["", "0", "00", "0x0", "0xzz", "0X00", " 0x00", "0x00 ", null, 7, `0x${"00".repeat(1 << 19)}`])(
    "refuses %p",
    (text) => {
      expect(codeOf(() => protocol.fromHex(text))).toBe("BAD_HEX");
    },
  );

  it("reads back what it wrote, and either case", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) =>
        expect(protocol.fromHex(protocol.toHex(bytes))).toEqual(bytes),
      ),
    );
    expect(protocol.fromHex("0xABcd", 2)).toEqual(Uint8Array.of(0xab, 0xcd));
    expect(codeOf(() => protocol.fromHex("0xABcd", 3))).toBe("WRONG_LENGTH");
  });
});
