// Keccak-256 as Ethereum uses it: FIPS 202's permutation with the padding 01 of the Keccak
// submission.
const MASK = (1n << 64n) - 1n;
const rotate = (value, by) => (by === 0n ? value : ((value << by) | (value >> (64n - by))) & MASK);

/** Round constants from the linear feedback shift register x^8 + x^6 + x^5 + x^4 + 1. */
function* roundConstants() {
  let register = 1;
  for (let round = 0; round < 24; round += 1) {
    let constant = 0n;
    for (let j = 0; j < 7; j += 1) {
      if (register & 1) constant |= 1n << ((1n << BigInt(j)) - 1n);
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    }
    yield constant;
  }
}
const CONSTANTS = [...roundConstants()];

function permute(lanes) {
  for (const constant of CONSTANTS) {
    const column = [0, 1, 2, 3, 4].map((x) => lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]);
    for (let x = 0; x < 5; x += 1) {
      const d = column[(x + 4) % 5] ^ rotate(column[(x + 1) % 5], 1n);
      for (let y = 0; y < 25; y += 5) lanes[x + y] ^= d;
    }
    let [x, y, current] = [1, 0, lanes[1]];
    for (let t = 0; t < 24; t += 1) {
      [x, y] = [y, (2 * x + 3 * y) % 5];
      const kept = lanes[x + 5 * y];
      lanes[x + 5 * y] = rotate(current, BigInt((((t + 1) * (t + 2)) / 2) % 64));
      current = kept;
    }
    for (let row = 0; row < 25; row += 5) {
      const old = lanes.slice(row, row + 5);
      for (let i = 0; i < 5; i += 1) lanes[row + i] = old[i] ^ (~old[(i + 1) % 5] & MASK & old[(i + 2) % 5]);
    }
    lanes[0] ^= constant;
  }
}

/** Keccak-256 of the bytes. */
export function keccak256(bytes) {
  const rate = 136;
  const padded = Buffer.alloc(Math.ceil((bytes.length + 1) / rate) * rate);
  Buffer.from(bytes).copy(padded);
  padded[bytes.length] ^= 0x01;
  padded[padded.length - 1] ^= 0x80;
  const lanes = Array.from({ length: 25 }, () => 0n);
  for (let at = 0; at < padded.length; at += rate) {
    for (let lane = 0; lane < rate / 8; lane += 1) lanes[lane] ^= padded.readBigUInt64LE(at + 8 * lane);
    permute(lanes);
  }
  const out = Buffer.alloc(32);
  for (let lane = 0; lane < 4; lane += 1) out.writeBigUInt64LE(lanes[lane], 8 * lane);
  return out;
}
