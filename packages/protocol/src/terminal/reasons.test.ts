import { describe, expect, it } from "@jest/globals";
import * as protocol from "../index.ts";

describe("reasons", () => {
  it("have a sentence each that ends and names no code", () => {
    for (const code of protocol.reasonCodes) {
      expect(code).toMatch(/^[A-Z][A-Z_]+$/);
      expect(protocol.cashierSentence(code)).toMatch(/^[A-Z][^_.]+\. [A-Z][^_]+\.$/);
      expect(protocol.isReasonCode(code)).toBe(true);
    }
    expect(protocol.isReasonCode("toString")).toBe(false);
    expect(protocol.isReasonCode(1)).toBe(false);
  });

  it.each([
    [0x9e01, "CARD_STATE"],
    [0x9e02, "CARD_VALIDITY"],
    [0x9e03, "CARD_CATEGORY"],
    [0x9e04, "CARD_PER_TAP"],
    [0x9e05, "CARD_COUNTER_CAP"],
    [0x9e06, "CARD_SPENDING_CAP"],
    [0x9e07, "CARD_PIN_NEEDED"],
    [0x9e08, "CARD_OUT_OF_TURN"],
    [0x9e09, "CARD_WRONG_CARD"],
    [0x9e0a, "CARD_ALLOWANCE_NOT_NEWER"],
    [0x9e0b, "CARD_SIGNATURE_WRONG"],
    [0x9e0c, "CARD_CERTIFICATE_NEEDED"],
    [0x63c0, "CARD_WRONG_PIN"],
    [0x63cf, "CARD_WRONG_PIN"],
    [0x6983, "CARD_PIN_BLOCKED"],
    [0x63d0, "CARD_REFUSED"],
    [0x9e0d, "CARD_REFUSED"],
    [0x6a80, "CARD_REFUSED"],
    [0x6f00, "CARD_REFUSED"],
  ])("status word %i is %s", (statusWord, reason) => {
    expect(protocol.reasonOfStatusWord(statusWord)).toBe(reason);
  });
});
