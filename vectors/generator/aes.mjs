// AES-128 of one block and AES-CMAC (RFC 4493) over Node's block cipher.
import { createCipheriv } from "node:crypto";
import { cat } from "./bytes.mjs";

/** One block under a key, no chaining, no padding. */
export function encryptBlock(key, block) {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  return cat(cipher.update(block), cipher.final());
}

/** Doubling in GF(2^128): RFC 4493 §2.3. */
function doubled(block) {
  const value = BigInt("0x" + block.toString("hex"));
  const shifted = (value << 1n) & ((1n << 128n) - 1n);
  const reduced = value >> 127n ? shifted ^ 0x87n : shifted;
  return Buffer.from(reduced.toString(16).padStart(32, "0"), "hex");
}

const xor = (left, right) => Buffer.from(left.map((byte, index) => byte ^ right[index]));

/** AES-CMAC, 16 bytes. */
export function cmac(key, message) {
  const first = doubled(encryptBlock(key, Buffer.alloc(16)));
  const blocks = Math.max(1, Math.ceil(message.length / 16));
  const last = message.subarray(16 * (blocks - 1));
  const padded = cat(last, Buffer.from([0x80]), Buffer.alloc(16)).subarray(0, 16);
  let state = Buffer.alloc(16);
  for (let index = 0; index < blocks - 1; index += 1) {
    state = encryptBlock(key, xor(state, message.subarray(16 * index, 16 * index + 16)));
  }
  return encryptBlock(key, xor(state, last.length === 16 ? xor(last, first) : xor(padded, doubled(first))));
}
