import { beforeEach, expect, it } from "@jest/globals";
import { toAddress } from "@tallystick/protocol";
import { createRememberingAddresses } from "./remembering-addresses.ts";

let derived: number[];
const key = (number: number): Uint8Array => new Uint8Array(33).fill(number);
const addressOf = createRememberingAddresses.bind(null, (publicKey: Uint8Array) => {
  const [number = 0] = publicKey;
  derived.push(number);
  return number === 0 ? null : toAddress(new Uint8Array(20).fill(number));
});

beforeEach(() => {
  derived = [];
});

it("derives the address of each key once, and forgets the oldest first", () => {
  const remembering = addressOf(2);
  for (const number of [1, 1, 2, 1, 2]) expect(remembering(key(number))).toEqual(new Uint8Array(20).fill(number));
  expect(derived).toEqual([1, 2]);
  for (const number of [3, 2, 3, 1]) expect(remembering(key(number))).toEqual(new Uint8Array(20).fill(number));
  expect(derived).toEqual([1, 2, 3, 1]);
});

it("tells keys apart by all their bytes", () => {
  const remembering = addressOf(9);
  const longer = new Uint8Array(65).fill(1);
  for (const each of [key(1), longer, longer.with(64, 2)]) remembering(each);
  expect(derived).toEqual([1, 1, 1]);
});

it("remembers nothing of bytes that are no key", () => {
  const remembering = addressOf(2);
  for (let time = 0; time < 2; time += 1) expect(remembering(key(0))).toBeNull();
  expect(derived).toEqual([0, 0]);
});
