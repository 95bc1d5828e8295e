import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import * as protocol from "../../index.ts";

/** The first object of a vector file: the bytes on which every language agrees. */
function vector(file: string): Uint8Array {
  const { valid } = JSON.parse(readFileSync(new URL(`../../../../../vectors/${file}.json`, import.meta.url), "utf8"));
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

const join = (...parts: readonly (Uint8Array | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

describe("the body of a request for voucher states", () => {
  const encode = protocol.encodeVoucherStatesRequest;
  const decode = protocol.decodeVoucherStatesRequest;

  it("is a count of two bytes and the ids", () => {
    expect(encode([id(1), id(2)])).toEqual(join([0, 2], id(1), id(2)));
    expect(decode(join([0, 2], id(1), id(2)))).toEqual([id(1), id(2)]);
  });

  it("holds from 1 to 500 ids", () => {
    const most = Array.from({ length: 500 }, (_, index) => id(index % 256));
    expect(encode(most)).toHaveLength(protocol.MAX_STATES_REQUEST_LENGTH);
    expect(decode(encode(most))).toEqual(most);
    expect(codeOf(() => encode([]))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => encode([...most, id(0)]))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => decode(join([0, 0])))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => decode(join([0x01, 0xf5], ...most, id(0))))).toBe("OUT_OF_RANGE");
  });

  it("is refused when it is cut, or something stands behind it", () => {
    const whole = encode([id(1), id(2)]);
    for (let length = 0; length < whole.length; length += 1) {
      expect([length, codeOf(() => decode(whole.slice(0, length)))]).toEqual([length, "WRONG_LENGTH"]);
    }
    expect(codeOf(() => decode(join(whole, [0])))).toBe("SURPLUS_BYTES");
    expect(codeOf(() => encode([new Uint8Array(31)]))).toBe("WRONG_LENGTH");
    expect(codeOf(() => decode("no bytes" as never))).toBe("WRONG_LENGTH");
  });
});

describe("the body of a request for a return", () => {
  const signature = new Uint8Array(64).fill(0x11);
  const other = new Uint8Array(64).fill(0x22);
  const cardKey = protocol.createSigner(id(7)).publicKey;
  const message = vector("voucher-message");
  const bodies = {
    refund: join([1], cardKey, message, signature, vector("refund-order"), other),
    release: join([2], message, signature, vector("reversal"), other),
  };

  it("has its fields where the clause says", () => {
    expect([bodies.refund.length, bodies.release.length]).toEqual([318, 343]);
    expect([protocol.ORDERED_REFUND_LENGTH, protocol.ORDERED_RELEASE_LENGTH]).toEqual([318, 343]);
    const refund = protocol.decodeReturnOrder(bodies.refund);
    expect(refund).toMatchObject({
      order: protocol.returnOrderKinds.refund,
      cardKey,
      signature,
      refundSignature: other,
    });
    const release = protocol.decodeReturnOrder(bodies.release);
    expect(release).toMatchObject({ order: protocol.returnOrderKinds.release, signature, reversalSignature: other });
    for (const order of [refund, release]) expect(protocol.encodeVoucherMessage(order.message)).toEqual(message);
    expect(protocol.encodeReturnOrder(refund)).toEqual(bodies.refund);
    expect(protocol.encodeReturnOrder(release)).toEqual(bodies.release);
  });

  it.each(Object.entries(bodies))("is refused when a %s is cut, grown or of another kind", (_, body) => {
    for (let length = 0; length < body.length; length += 1) {
      expect(codeOf(() => protocol.decodeReturnOrder(body.slice(0, length)))).toBe("WRONG_LENGTH");
    }
    expect(codeOf(() => protocol.decodeReturnOrder(join(body, [0])))).toBe("SURPLUS_BYTES");
    for (const kind of [0, 3, 255]) {
      expect(codeOf(() => protocol.decodeReturnOrder(join([kind], body.slice(1))))).toBe("OUT_OF_RANGE");
    }
  });

  it("names the field that is broken", () => {
    const broken = (body: Uint8Array, at: number, bytes: readonly number[]): string | null => {
      const copy = Uint8Array.from(body);
      copy.set(bytes, at);
      return codeOf(() => protocol.decodeReturnOrder(copy));
    };
    expect(broken(bodies.refund, 1, [4])).toBe("BAD_PUBLIC_KEY");
    expect(broken(bodies.refund, 34, [0])).toBe("UNKNOWN_TAG");
    expect(broken(bodies.refund, 116, new Array<number>(32).fill(0xff))).toBe("SIGNATURE_OUT_OF_RANGE");
    expect(broken(bodies.refund, 180, [0])).toBe("UNKNOWN_TAG");
    expect(broken(bodies.refund, 286, new Array<number>(32).fill(0))).toBe("SIGNATURE_OUT_OF_RANGE");
    expect(broken(bodies.release, 115, new Array<number>(32).fill(0x80))).toBe("HIGH_S");
    expect(broken(bodies.release, 147, [0])).toBe("UNKNOWN_TAG");
  });
});

describe("a page of the mailbox", () => {
  const { entries, next } = protocol.decodeMailboxPage(vector("mailbox-page"));
  const entry = entries[0] as protocol.MailboxEntry;

  it("holds at most 240 entries of 134 bytes, so that it fits any line", () => {
    const most = Array.from({ length: 240 }, () => entry);
    const full = protocol.encodeMailboxPage({ next, more: true, entries: most });
    expect(full).toHaveLength(protocol.MAX_MAILBOX_PAGE_LENGTH);
    expect([protocol.MAILBOX_ENTRY_LENGTH, full.length]).toEqual([134, 32_179]);
    expect(protocol.decodeMailboxPage(full)).toEqual({ next, more: true, entries: most });
    expect(codeOf(() => protocol.encodeMailboxPage({ next, more: true, entries: [...most, entry] }))).toBe(
      "OUT_OF_RANGE",
    );
  });

  it("is refused when it is cut anywhere, and a card is named by 8 bytes", () => {
    const whole = protocol.encodeMailboxPage({ next, more: false, entries: [entry] });
    for (let length = 0; length < whole.length; length += 1) {
      expect([length, codeOf(() => protocol.decodeMailboxPage(whole.slice(0, length)))]).toEqual([
        length,
        "WRONG_LENGTH",
      ]);
    }
    expect(codeOf(() => protocol.decodeMailboxPage("no bytes" as never))).toBe("WRONG_LENGTH");
    const short = { ...entry, cardTag: new Uint8Array(7) };
    expect(codeOf(() => protocol.encodeMailboxPage({ next, more: false, entries: [short] }))).toBe("WRONG_LENGTH");
  });

  it("says by flag bit 3 alone whether the sums without PIN start anew", () => {
    expect(protocol.renewsNoPinSums(entry.body)).toBe(true);
    for (const flags of [0, 7]) expect(protocol.renewsNoPinSums({ ...entry.body, flags })).toBe(false);
    expect(protocol.renewsNoPinSums({ ...entry.body, flags: 15 })).toBe(true);
  });
});

describe("the body of a request for a renewal", () => {
  const bytes = vector("certificate-request");
  const signature = new Uint8Array(64).fill(0x11);

  it("is the certificate request and its signature", () => {
    const body = protocol.encodeRenewalRequest({ bytes, signature });
    expect(body).toEqual(join(bytes, signature));
    const request = protocol.decodeCertificateRequest(bytes);
    expect(protocol.decodeRenewalRequest(body)).toEqual({ request, bytes, signature });
  });

  it("is refused when it is cut, something stands behind it, or it holds no certificate request", () => {
    const body = join(bytes, signature);
    for (let length = 0; length < body.length; length += 1)
      expect(codeOf(() => protocol.decodeRenewalRequest(body.slice(0, length)))).toBe("WRONG_LENGTH");
    expect(codeOf(() => protocol.decodeRenewalRequest(join(body, [0])))).toBe("SURPLUS_BYTES");
    expect(codeOf(() => protocol.decodeRenewalRequest(join([0], body.slice(1))))).toBe("UNKNOWN_TAG");
    expect(codeOf(() => protocol.encodeRenewalRequest({ bytes: body, signature }))).toBe("SURPLUS_BYTES");
    expect(codeOf(() => protocol.encodeRenewalRequest({ bytes, signature: bytes }))).toBe("SURPLUS_BYTES");
  });
});

describe("the body of a request of kind 5 or 6", () => {
  it("is the id behind which a page begins, of 32 bytes", () => {
    expect(protocol.decodeVoucherListRequest(id(7))).toEqual(id(7));
    const codes = [0, 31, 33].map((length) => codeOf(() => protocol.decodeVoucherListRequest(new Uint8Array(length))));
    expect(codes).toEqual(["WRONG_LENGTH", "WRONG_LENGTH", "SURPLUS_BYTES"]);
  });

  it("is one byte that asks, or says that the first unit came", () => {
    for (const ask of Object.values(protocol.payeeAsks))
      expect(protocol.decodePayeeRequest(protocol.encodePayeeRequest(ask))).toBe(ask);
    for (const other of [0, 3, 255])
      expect(codeOf(() => protocol.decodePayeeRequest(Uint8Array.of(other)))).toBe("OUT_OF_RANGE");
    const codes = [[], [1, 1]].map((bytes) => codeOf(() => protocol.decodePayeeRequest(Uint8Array.from(bytes))));
    expect(codes).toEqual(["WRONG_LENGTH", "SURPLUS_BYTES"]);
  });
});
