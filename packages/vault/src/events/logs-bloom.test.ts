import { expect, it } from "@jest/globals";
import { fromHex } from "@tallystick/protocol";
import { bloomMayHold } from "./logs-bloom.ts";

/** Its hash begins with bd2b 01af cd27. */
const address = fromHex("0x0f572e5295c57f15886f9b263e2f6d2d6c7b5ec6");

it("finds the three bits of a value, counted from the end", () => {
  const full = new Uint8Array(256).fill(0xff);
  expect(bloomMayHold(full, address)).toBe(true);
  const needed: number[] = [];
  for (let bit = 0; bit < 2_048; bit += 1) {
    const without = new Uint8Array(256).fill(0xff);
    without[255 - (bit >> 3)] = 0xff ^ (1 << (bit & 7));
    if (!bloomMayHold(without, address)) needed.push(bit);
  }
  const bloom = new Uint8Array(256);
  for (const bit of needed) bloom[255 - (bit >> 3)] = (bloom[255 - (bit >> 3)] ?? 0) | (1 << (bit & 7));
  expect([needed.length, bloomMayHold(bloom, address)]).toEqual([3, true]);
  expect(bloomMayHold(new Uint8Array(256), address)).toBe(false);
  expect(needed).toEqual([0x1af, 0x527, 0x52b]);
});
