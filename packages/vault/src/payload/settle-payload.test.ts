import { describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { fromHex, parseAddress, toHex } from "@tallystick/protocol";
import {
  decodeResultBitmap,
  decodeSettlePayload,
  encodeSettlePayload,
  type SettleBatch,
  settleItems,
} from "../index.ts";

interface Fields {
  readonly batchRoot: string;
  readonly ledgerRoot: string;
  readonly payees: readonly string[];
  readonly groups: readonly {
    readonly payeeIndex: number;
    readonly card: string;
    readonly vouchers: readonly {
      counter: number;
      amount: string;
      context: string;
      r: string;
      s: string;
      parity: 0 | 1;
    }[];
  }[];
}
interface VectorFile {
  readonly valid: readonly {
    readonly name: string;
    readonly fields: Fields;
    readonly hex: string;
    readonly sha256: string;
  }[];
  readonly invalid: readonly { readonly name: string; readonly hex: string; readonly code: string }[];
}
const vectors: VectorFile = JSON.parse(
  readFileSync(new URL("../../../../vectors/settle-payload.json", import.meta.url), "utf8"),
);

function batchOf(fields: Fields): SettleBatch {
  return {
    batchRoot: fromHex(fields.batchRoot),
    ledgerRoot: fromHex(fields.ledgerRoot),
    groups: fields.groups.map((group) => ({
      payee: parseAddress(fields.payees[group.payeeIndex]),
      card: parseAddress(group.card),
      vouchers: group.vouchers.map(({ counter, amount, context, r, s, parity }) => ({
        counter,
        amount: BigInt(amount),
        context: fromHex(context),
        signature: fromHex(r + s.slice(2)),
        parity,
      })),
    })),
  };
}

describe("vectors/settle-payload.json", () => {
  it.each(vectors.valid.map((entry) => [entry.name, entry] as const))(
    "builds and reads %s",
    (_name, { fields, hex, sha256 }) => {
      const bytes = encodeSettlePayload(batchOf(fields));
      expect(toHex(bytes)).toBe(hex);
      expect(`0x${createHash("sha256").update(bytes).digest("hex")}`).toBe(sha256);
      expect(decodeSettlePayload(bytes)).toEqual(batchOf(fields));
    },
  );

  it.each(vectors.invalid.map((entry) => [entry.name, entry] as const))("refuses: %s", (_name, { hex, code }) => {
    expect(() => decodeSettlePayload(fromHex(hex))).toThrow(expect.objectContaining({ code }));
  });

  it("refuses every truncation", () => {
    const bytes = fromHex(vectors.valid[0]?.hex ?? "");
    // A cut between two groups leaves a payload of fewer groups, which is whole.
    const whole = new Set<number>([106]);
    let at = 106;
    for (const group of vectors.valid[0]?.fields.groups ?? []) whole.add((at += 24 + 94 * group.vouchers.length));
    for (let length = 0; length < bytes.length; length += 1) {
      if (whole.has(length)) continue;
      expect(() => decodeSettlePayload(bytes.slice(0, length))).toThrow(
        expect.objectContaining({ code: "MALFORMED_PAYLOAD" }),
      );
    }
  });
});

describe("encodeSettlePayload", () => {
  const batch = batchOf(vectors.valid[1]?.fields as Fields);
  const [group] = batch.groups;
  const [voucher] = group?.vouchers ?? [];
  const withVoucher = (changes: object): SettleBatch =>
    ({ ...batch, groups: [{ ...group, vouchers: [{ ...voucher, ...changes }] }] }) as SettleBatch;

  it.each([
    ["counter 0", { counter: 0 }],
    ["counter 2³²", { counter: 2 ** 32 }],
    ["counter 1.5", { counter: 1.5 }],
    ["amount 0", { amount: 0n }],
    ["amount 2⁴⁸", { amount: 1n << 48n }],
    ["context of 19 bytes", { context: new Uint8Array(19) }],
  ])("refuses %s", (_name, changes) => {
    expect(() => encodeSettlePayload(withVoucher(changes))).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  });

  it("refuses an empty group, a short root and too many vouchers", () => {
    expect(() =>
      encodeSettlePayload({ ...batch, groups: [{ ...group, vouchers: [] }] } as unknown as SettleBatch),
    ).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
    expect(() => encodeSettlePayload({ ...batch, batchRoot: new Uint8Array(31) })).toThrow(
      expect.objectContaining({ code: "OUT_OF_RANGE" }),
    );
    const many = Array.from({ length: 10_001 }, () => voucher);
    expect(() => encodeSettlePayload({ ...batch, groups: [{ ...group, vouchers: many }] } as SettleBatch)).toThrow(
      expect.objectContaining({ code: "TOO_MANY" }),
    );
  });

  it("takes the largest counter and amount, and lists items in the bitmap's order", () => {
    const largest = withVoucher({ counter: 0xffff_ffff, amount: (1n << 48n) - 1n });
    expect(decodeSettlePayload(encodeSettlePayload(largest))).toEqual(largest);
    const items = settleItems(batchOf(vectors.valid[0]?.fields as Fields));
    expect(items.map((item) => item.voucher.counter)).toEqual([1, 3, 2, 1, 2]);
  });
});

describe("decodeResultBitmap", () => {
  it("reads the low bit first, as the contract writes it", () => {
    expect(decodeResultBitmap(Uint8Array.of(0b0000_0101, 0b10), 10)).toEqual([
      true,
      false,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(decodeResultBitmap(new Uint8Array(0), 0)).toEqual([]);
  });

  it("refuses another length and bits past the last item", () => {
    expect(() => decodeResultBitmap(Uint8Array.of(1), 9)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
    expect(() => decodeResultBitmap(Uint8Array.of(0b1000), 3)).toThrow(
      expect.objectContaining({ code: "OUT_OF_RANGE" }),
    );
  });

  it("reads back any pattern", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (paid) => {
        const bitmap = new Uint8Array(Math.ceil(paid.length / 8));
        paid.forEach((bit, index) => (bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (Number(bit) << (index & 7))));
        expect(decodeResultBitmap(bitmap, paid.length)).toEqual(paid);
      }),
    );
  });
});
