import { describe, expect, it } from "@jest/globals";
import { id } from "ethers";
import { fromHex, toHex } from "@tallystick/protocol";
import { decodeTokenTransfer, transferTopic } from "./token-events.ts";

const padded = (fill: number) => Uint8Array.of(...new Uint8Array(12), ...new Uint8Array(20).fill(fill));
const data = fromHex(`0x${(123n << 100n).toString(16).padStart(64, "0")}`);

describe("a token's transfer", () => {
  it("is known by its topic, and names who, to whom and how much", () => {
    expect(toHex(transferTopic)).toBe(id("Transfer(address,address,uint256)"));
    expect(decodeTokenTransfer({ topics: [transferTopic, padded(1), padded(2)], data })).toEqual({
      ...{ kind: "transfer", from: new Uint8Array(20).fill(1), to: new Uint8Array(20).fill(2) },
      baseUnits: 123n << 100n,
    });
  });

  it.each([
    ["another topic", [new Uint8Array(32), padded(1), padded(2)]],
    ["no topic", []],
    ["no sender", [transferTopic]],
    ["no receiver", [transferTopic, padded(1)]],
  ])("is not what has %s", (_what, topics) => {
    expect(decodeTokenTransfer({ topics, data })).toBeNull();
  });
});
