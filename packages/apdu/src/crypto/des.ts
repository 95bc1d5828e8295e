import { assertLength } from "../iso7816/apdu-error.ts";
import { byteAt, concatBytes } from "../iso7816/bytes.ts";

// DES and two-key triple DES (FIPS 46-3), for SCP02 and nothing else: no cipher of this name
// protects anything new.

/** Bytes of one DES block. */
export const DES_BLOCK_BYTES = 8;

/** Positions are counted from 1 at the most significant bit, as FIPS 46-3 counts them. */
const INITIAL = table(
  "58 50 42 34 26 18 10 2 60 52 44 36 28 20 12 4 62 54 46 38 30 22 14 6 64 56 48 40 32 24 16 8 57 49 41 33 25 17 9 1 59 51 43 35 27 19 11 3 61 53 45 37 29 21 13 5 63 55 47 39 31 23 15 7",
);
const FINAL = table(
  "40 8 48 16 56 24 64 32 39 7 47 15 55 23 63 31 38 6 46 14 54 22 62 30 37 5 45 13 53 21 61 29 36 4 44 12 52 20 60 28 35 3 43 11 51 19 59 27 34 2 42 10 50 18 58 26 33 1 41 9 49 17 57 25",
);
const EXPANSION = table(
  "32 1 2 3 4 5 4 5 6 7 8 9 8 9 10 11 12 13 12 13 14 15 16 17 16 17 18 19 20 21 20 21 22 23 24 25 24 25 26 27 28 29 28 29 30 31 32 1",
);
const ROUND = table("16 7 20 21 29 12 28 17 1 15 23 26 5 18 31 10 2 8 24 14 32 27 3 9 19 13 30 6 22 11 4 25");
const KEY_CHOICE = table(
  "57 49 41 33 25 17 9 1 58 50 42 34 26 18 10 2 59 51 43 35 27 19 11 3 60 52 44 36 63 55 47 39 31 23 15 7 62 54 46 38 30 22 14 6 61 53 45 37 29 21 13 5 28 20 12 4",
);
const ROUND_KEY_CHOICE = table(
  "14 17 11 24 1 5 3 28 15 6 21 10 23 19 12 4 26 8 16 7 27 20 13 2 41 52 31 37 47 55 30 40 51 45 33 48 44 49 39 56 34 53 46 42 50 36 29 32",
);
const SHIFTS = table("1 1 2 2 2 2 2 2 1 2 2 2 2 2 2 1");
/** One hexadecimal digit for each input: row by row of the eight boxes. */
const BOXES = [
  "e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d",
  "f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9",
  "a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c",
  "7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e",
  "2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453",
  "c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d",
  "4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c",
  "d2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b",
].map((box) => box.replaceAll(" ", ""));

function table(text: string): readonly number[] {
  return text.split(" ").map(Number);
}

type Bits = readonly number[];

function bitsOf(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length * 8 }, (_value, bit) => (byteAt(bytes, bit >> 3) >> (7 - (bit & 7))) & 1);
}

function bytesOf(bits: Bits): Uint8Array {
  const bytes = new Uint8Array(bits.length / 8);
  for (const [index, bit] of bits.entries()) bytes[index >> 3] = byteAt(bytes, index >> 3) | (bit << (7 - (index & 7)));
  return bytes;
}

const choose = (bits: Bits, positions: readonly number[]): number[] =>
  positions.map((position) => bits[position - 1] ?? 0);
const xor = (left: Bits, right: Bits): number[] => left.map((bit, index) => bit ^ (right[index] ?? 0));

function roundKeys(key: Uint8Array): readonly Bits[] {
  const chosen = choose(bitsOf(key), KEY_CHOICE);
  let [left, right] = [chosen.slice(0, 28), chosen.slice(28)];
  return SHIFTS.map((shift) => {
    left = [...left.slice(shift), ...left.slice(0, shift)];
    right = [...right.slice(shift), ...right.slice(0, shift)];
    return choose([...left, ...right], ROUND_KEY_CHOICE);
  });
}

function substitute(bits: Bits): number[] {
  return BOXES.flatMap((box, index) => {
    const part = bits.slice(index * 6, index * 6 + 6);
    const at = (position: number) => part[position] ?? 0;
    const row = at(0) * 2 + at(5);
    const column = at(1) * 8 + at(2) * 4 + at(3) * 2 + at(4);
    const value = Number.parseInt(box.charAt(row * 16 + column), 16);
    return [value >> 3, (value >> 2) & 1, (value >> 1) & 1, value & 1];
  });
}

function desBlock(keys: readonly Bits[], block: Uint8Array): Uint8Array {
  const start = choose(bitsOf(block), INITIAL);
  let [left, right] = [start.slice(0, 32), start.slice(32)];
  for (const key of keys) {
    const mixed = choose(substitute(xor(choose(right, EXPANSION), key)), ROUND);
    [left, right] = [right, xor(left, mixed)];
  }
  return bytesOf(choose([...right, ...left], FINAL));
}

/** One block under single DES, for the MACs of SCP02. */
export function desEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  assertLength("DES key", key, DES_BLOCK_BYTES);
  assertLength("DES block", block, DES_BLOCK_BYTES);
  return desBlock(roundKeys(key), block);
}

/** One block under single DES, backwards. */
export function desDecryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  assertLength("DES key", key, DES_BLOCK_BYTES);
  assertLength("DES block", block, DES_BLOCK_BYTES);
  return desBlock([...roundKeys(key)].reverse(), block);
}

/** One block under two-key triple DES (16 bytes of key). */
export function tripleDesEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  assertLength("triple DES key", key, 2 * DES_BLOCK_BYTES);
  const [first, second] = [key.slice(0, 8), key.slice(8)];
  return desEncryptBlock(first, desDecryptBlock(second, desEncryptBlock(first, block)));
}

/** Whole blocks under two-key triple DES, each by itself. */
export function tripleDesEcbEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
  return tripleDesCbc(key, data, { chained: false });
}

/** Whole blocks under two-key triple DES in CBC, from an initial value of zeros. */
export function tripleDesCbcEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
  return tripleDesCbc(key, data, { chained: true });
}

function tripleDesCbc(key: Uint8Array, data: Uint8Array, { chained }: { readonly chained: boolean }): Uint8Array {
  assertLength("triple DES data", data, Math.ceil(data.length / DES_BLOCK_BYTES) * DES_BLOCK_BYTES);
  const blocks: Uint8Array[] = [];
  let last: Uint8Array = new Uint8Array(DES_BLOCK_BYTES);
  for (let at = 0; at < data.length; at += DES_BLOCK_BYTES) {
    const plain = data.slice(at, at + DES_BLOCK_BYTES);
    last = tripleDesEncryptBlock(key, chained ? xorBytes(plain, last) : plain);
    blocks.push(last);
  }
  return concatBytes(...blocks);
}

/**
 * Retail MAC: single DES in CBC, the last block under triple DES (ISO 9797-1 MAC algorithm 3).
 * Padded data only.
 */
export function retailMac(key: Uint8Array, iv: Uint8Array, padded: Uint8Array): Uint8Array {
  assertLength("triple DES key", key, 2 * DES_BLOCK_BYTES);
  const [first, second] = [key.slice(0, 8), key.slice(8)];
  let mac = iv;
  for (let at = 0; at < padded.length; at += DES_BLOCK_BYTES) {
    mac = desEncryptBlock(first, xorBytes(padded.slice(at, at + DES_BLOCK_BYTES), mac));
  }
  return desEncryptBlock(first, desDecryptBlock(second, mac));
}

function xorBytes(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((value, index) => value ^ byteAt(right, index));
}
