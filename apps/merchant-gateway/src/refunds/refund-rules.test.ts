import { describe, expect, it } from "@jest/globals";
import { codeOf } from "../../test/harness/codes.ts";
import { refundMessage } from "./refund-messages.ts";
import { amountOfRefund, assertSameRefund } from "./refund-rules.ts";

describe("the amount of a refund", () => {
  it.each<[bigint, bigint | null, bigint]>([
    [0n, null, 10n],
    [3n, null, 7n],
    [3n, 7n, 7n],
    [3n, 1n, 1n],
    [0n, 10n, 10n],
  ])("where %s of 10 was given back and %s is asked for is %s", (given, asked, amount) => {
    expect(amountOfRefund({ paid: 10n, given, asked })).toBe(amount);
  });

  it.each<[bigint, bigint | null]>([
    [0n, 11n],
    [3n, 8n],
    [10n, null],
    [11n, null],
    [10n, 1n],
    [0n, 0n],
    [0n, -1n],
  ])("is none where %s of 10 was given back and %s is asked for", (given, asked) => {
    expect(codeOf(() => amountOfRefund({ paid: 10n, given, asked }))).toBe("REFUND_ABOVE_PAYMENT");
  });
});

describe("the same refund", () => {
  it("has the same amount, or names none", () => {
    expect([
      codeOf(() => assertSameRefund({ amount: 5n }, null)),
      codeOf(() => assertSameRefund({ amount: 5n }, 5n)),
    ]).toEqual(["nothing thrown", "nothing thrown"]);
    for (const asked of [4n, 6n, 0n])
      expect(codeOf(() => assertSameRefund({ amount: 5n }, asked))).toBe("REFUND_DIFFERS");
  });
});

describe("the message of a refund's code", () => {
  it("is a sentence for people, and the code itself where it is of another version", () => {
    for (const code of ["WAITING_FOR_CARD", "NOT_DELEGATE", "REVERTED", "WAITING_FOR_CHAIN"])
      expect(refundMessage(code)).toMatch(/^[A-Z].* .*\.$/);
    expect(refundMessage("SOMETHING_NEW")).toBe("SOMETHING_NEW");
  });
});
