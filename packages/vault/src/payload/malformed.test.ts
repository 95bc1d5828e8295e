import { describe, expect, it } from "@jest/globals";
import { createSigner, digestOf, toAddress } from "@tallystick/protocol";
import { GROUP_HEAD_BYTES, PAYLOAD_HEAD_BYTES, VOUCHER_BYTES } from "../limits.ts";
import { readPayloadItems, readPayloadParts } from "./payload-items.ts";
import { decodeResultBitmap } from "./result-bitmap.ts";
import { decodeSettlePayload, encodeSettlePayload, type SettleVoucher } from "./settle-payload.ts";

const [payee, other] = [toAddress(new Uint8Array(20).fill(0x91)), toAddress(new Uint8Array(20).fill(0x92))];
const [card, second] = [toAddress(new Uint8Array(20).fill(0xa1)), toAddress(new Uint8Array(20).fill(0xa2))];
const signature = await createSigner(new Uint8Array(32).fill(7)).sign(digestOf(new Uint8Array(1)));
const voucher = (counter: number): SettleVoucher => ({
  ...{ counter, amount: (1n << 40n) + BigInt(counter), parity: counter % 2 === 1 ? 1 : 0, signature },
  context: new Uint8Array(20).fill(counter),
});
const roots = { batchRoot: new Uint8Array(32).fill(1), ledgerRoot: new Uint8Array(32).fill(2) };
const payload = encodeSettlePayload({
  ...roots,
  groups: [
    { payee, card, vouchers: [voucher(1), voucher(2)] },
    { payee: other, card: second, vouchers: [voucher(3)] },
  ],
});
const FIRST = PAYLOAD_HEAD_BYTES + 2 * 20;
const SECOND = FIRST + GROUP_HEAD_BYTES + 2 * VOUCHER_BYTES;

/** The code and the facts of what a reader says, or null where it reads. */
function faultOf(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    read(bytes);
    return null;
  } catch (error) {
    const { code, context } = error as { code: string; context: unknown };
    return { code, context };
  }
}

const malformed = (fault: string, at: number) => ({ code: "MALFORMED_PAYLOAD", context: { fault, at } });
const readers = [
  ["readPayloadParts", readPayloadParts],
  ["decodeSettlePayload", decodeSettlePayload],
] as const;

describe.each(readers)("%s", (_name, read) => {
  it("reads a payload that ends behind a group, and no other", () => {
    const read2 = (length: number) => faultOf(read, payload.slice(0, length)) === null;
    const lengths = Array.from({ length: payload.length + 1 }, (_, length) => length).filter(read2);
    expect(lengths).toEqual([FIRST, SECOND, payload.length]);
  });

  it.each([
    [0, "cut in the head", 0],
    [PAYLOAD_HEAD_BYTES - 1, "cut in the head", PAYLOAD_HEAD_BYTES - 1],
    [FIRST - 1, "cut in the payees", FIRST - 1],
    [FIRST + GROUP_HEAD_BYTES - 1, "cut in a group's head", FIRST],
    [FIRST + GROUP_HEAD_BYTES + VOUCHER_BYTES, "cut in a voucher", FIRST + GROUP_HEAD_BYTES],
    [payload.length - 1, "cut in a voucher", SECOND + GROUP_HEAD_BYTES],
  ])("says where it was cut at %i", (length, fault, at) => {
    expect(faultOf(read, payload.slice(0, length))).toEqual(malformed(fault, at));
  });

  it("says where a group has no voucher, or a payee that is not in the table", () => {
    const none = payload.slice();
    none.set([0, 0], FIRST + 22);
    expect(faultOf(read, none)).toEqual(malformed("a group of no voucher", FIRST + 22));
    const past = payload.slice();
    past.set([0, 2], SECOND);
    expect(faultOf(read, past)).toEqual(malformed("a payee index at or past the count", SECOND));
  });

  it("reads bytes that lie within others", () => {
    const around = new Uint8Array(payload.length + 9);
    around.set(payload, 5);
    expect(read(around.subarray(5, 5 + payload.length))).toEqual(read(payload));
  });
});

describe("the items of a payload", () => {
  it("are read as they stand, the parity with s", () => {
    const items = readPayloadItems(payload);
    expect(items.map((item) => [item.payee, item.card, item.counter, item.amount])).toEqual([
      [payee, card, 1, (1n << 40n) + 1n],
      [payee, card, 2, (1n << 40n) + 2n],
      [other, second, 3, (1n << 40n) + 3n],
    ]);
    for (const [index, { context, r, vs }] of items.entries()) {
      const s = signature.slice(32);
      s[0] = (s[0] ?? 0) | (index % 2 === 0 ? 0x80 : 0);
      expect({ context, r, vs }).toEqual({
        ...{ context: new Uint8Array(20).fill(index + 1), r: signature.slice(0, 32), vs: s },
      });
    }
    const { payees, groups } = readPayloadParts(payload);
    expect(payees).toEqual([payee, other]);
    expect(groups.map(({ payeeIndex, items: { length } }) => [payeeIndex, length])).toEqual([
      [0, 2],
      [1, 1],
    ]);
  });

  it("are written back byte for byte", () => {
    expect(encodeSettlePayload(decodeSettlePayload(payload))).toEqual(payload);
  });
});

describe("a payload that cannot be written", () => {
  const encode = (change: Partial<SettleVoucher>, batch: object = {}) =>
    faultOf(
      () =>
        encodeSettlePayload({
          ...roots,
          groups: [{ payee, card, vouchers: [{ ...voucher(1), ...change }] }],
          ...batch,
        }),
      payload,
    );
  const out = (field: string, expected: string, actual: string) => ({
    code: "OUT_OF_RANGE",
    context: { field, expected, actual },
  });
  const [counters, amounts] = ["from 1 to 4294967295", "from 1 to 281474976710655 units"];

  it.each([
    [{ counter: 0 }, out("counter", counters, "0")],
    [{ counter: 2 ** 32 }, out("counter", counters, "4294967296")],
    [{ counter: 1.5 }, out("counter", counters, "1.5")],
    [{ amount: 0n }, out("amount", amounts, "0")],
    [{ amount: 1n << 48n }, out("amount", amounts, "281474976710656")],
    [{ context: new Uint8Array(19) }, out("context", "20 bytes", "19 bytes")],
  ])("names %p", (change, fault) => {
    expect(encode(change)).toEqual(fault);
  });

  it("names roots of another length, and a group of nobody", () => {
    expect(encode({}, { batchRoot: new Uint8Array(31) })).toEqual(out("batchRoot", "32 bytes", "31 bytes"));
    expect(encode({}, { ledgerRoot: new Uint8Array(33) })).toEqual(out("ledgerRoot", "32 bytes", "33 bytes"));
    const empty = { groups: [{ payee, card, vouchers: [] }] };
    expect(encode({}, empty)).toEqual(out("group.vouchers", "at least one voucher", "none"));
  });

  it("takes the largest counter and amount, which are read back", () => {
    const largest = { ...voucher(1), counter: 0xffff_ffff, amount: (1n << 48n) - 1n };
    const made = encodeSettlePayload({ ...roots, groups: [{ payee, card, vouchers: [largest] }] });
    expect(decodeSettlePayload(made).groups[0]?.vouchers).toEqual([largest]);
  });

  it("refuses to read an amount or a counter of zero, which the vault only skips", () => {
    const zeroAmount = payload.slice();
    zeroAmount.fill(0, FIRST + GROUP_HEAD_BYTES + 4, FIRST + GROUP_HEAD_BYTES + 10);
    expect(faultOf(decodeSettlePayload, zeroAmount)).toEqual(out("amount", amounts, "0"));
    expect(faultOf(readPayloadParts, zeroAmount)).toBeNull();
  });
});

describe("the result of settle", () => {
  const read = (items: number, ...bytes: number[]) =>
    faultOf(() => decodeResultBitmap(Uint8Array.from(bytes), items), payload);
  const out = (expected: string, actual: string) => ({
    code: "OUT_OF_RANGE",
    context: { field: "result", expected, actual },
  });

  it("is one bit an item, low bit first", () => {
    expect(decodeResultBitmap(Uint8Array.of(0b1000_0001, 0b10), 10)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(decodeResultBitmap(Uint8Array.of(0xff), 8)).toEqual(Array(8).fill(true));
    expect(decodeResultBitmap(new Uint8Array(0), 0)).toEqual([]);
  });

  it("has the length of its items and no bit past them", () => {
    expect(read(9, 0xff)).toEqual(out("2 bytes for 9 items", "1 bytes"));
    expect(read(8, 0xff, 0)).toEqual(out("1 bytes for 8 items", "2 bytes"));
    expect(read(9, 0, 0b10)).toEqual(out("no bit past item 8", "0x2 in its last byte"));
    expect(read(9, 0, 1)).toBeNull();
  });
});
