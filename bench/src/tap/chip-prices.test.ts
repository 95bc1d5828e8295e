import { describe, expect, it } from "@jest/globals";
import { isPayment, priceRows, readPrices } from "./chip-prices.ts";

const price = { low: { base: 7.5, sign: 29 }, high: { base: 9, sign: 30 } };
const pay = { instruction: "10", received: 119, bytecodes: 3_252, prices: { "jcop4 nfc424": price } };
const select = {
  instruction: "A4",
  received: 236,
  bytecodes: 205,
  prices: { "jcop4 nfc424": { low: { base: 7.5 }, high: { base: 9, select: 8 } } },
};

describe("readPrices", () => {
  it("takes what cardhost counted", () => {
    expect(readPrices({ event: "prices", sent: 73, p2: "00", ...pay })).toEqual(pay);
    expect([isPayment(pay), isPayment(select)]).toEqual([true, false]);
  });

  it.each([
    { ...pay, received: "119" },
    { ...pay, bytecodes: undefined },
    { ...pay, prices: null },
    { ...pay, prices: { "jcop4 nfc424": { low: price.low } } },
    { ...pay, prices: { "jcop4 nfc424": { ...price, high: { base: -1 } } } },
  ])("refuses %j", (event) => {
    expect(() => readPrices(event)).toThrow(expect.objectContaining({ code: "CARD_ACCOUNT" }));
  });
});

describe("priceRows", () => {
  const rows = priceRows([select, pay], "known card");
  const row = (name: string): unknown => rows.find((one) => one.name === name);

  it("adds a tap up by cause, at both ends", () => {
    expect(row("tap jcop4 nfc424 low known card")).toMatchObject({ ours: 44, account: { base: 15, sign: 29 } });
    expect(row("tap jcop4 nfc424 high known card")).toMatchObject({
      ours: 56,
      account: { base: 18, sign: 30, select: 8 },
    });
  });

  it("tells what it is counted from", () => {
    expect(row("tap apdus known card")).toMatchObject({ ours: 2, unit: "APDUs" });
    expect(row("tap bytecodes known card")).toMatchObject({ ours: 3_457 });
    expect(row("tap select answer known card")).toMatchObject({ ours: 236, unit: "bytes" });
    expect(row("tap pay answer known card")).toMatchObject({ ours: 119 });
  });

  it("has nothing to say without a tap", () => {
    expect(() => priceRows([], "known card")).toThrow(RangeError);
  });
});
