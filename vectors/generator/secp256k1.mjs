// secp256k1 by the textbook (SEC 1, SEC 2) with the nonces of RFC 6979. Slow, and only for test
// keys.
import { createHmac } from "node:crypto";
import { cat, sha256, uint } from "./bytes.mjs";
import { keccak256 } from "./keccak.mjs";

const P = 2n ** 256n - 2n ** 32n - 977n;
/** The order of the group. */
export const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const G = [
  0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
];
const mod = (value, by) => ((value % by) + by) % by;

function inverse(value, by) {
  let [a, b, x, y] = [mod(value, by), by, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return mod(x, by);
}

function add(p, q) {
  if (p === null) return q;
  if (q === null) return p;
  if (p[0] === q[0] && mod(p[1] + q[1], P) === 0n) return null;
  const slope = p[0] === q[0] ? 3n * p[0] * p[0] * inverse(2n * p[1], P) : (q[1] - p[1]) * inverse(q[0] - p[0], P);
  const x = mod(slope * slope - p[0] - q[0], P);
  return [x, mod(slope * (p[0] - x) - p[1], P)];
}

function multiply(scalar, point) {
  let [sum, power] = [null, point];
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = add(sum, power);
    power = add(power, power);
  }
  return sum;
}

const number = (bytes) => BigInt("0x" + Buffer.from(bytes).toString("hex"));

/** A key pair from a name. For tests: everybody knows these secrets. */
export function testKey(name) {
  const secret = mod(number(sha256(Buffer.from(`tallystick test key: ${name}`))), N - 1n) + 1n;
  const [x, y] = multiply(secret, G);
  const compressed = cat(uint(y & 1n ? 3 : 2, 1), uint(x, 32));
  const uncompressed = cat(uint(4, 1), uint(x, 32), uint(y, 32));
  return { secret, compressed, uncompressed, address: keccak256(uncompressed.subarray(1)).subarray(12) };
}

function* nonces(secret, digest) {
  const hmac = (key, ...parts) =>
    createHmac("sha256", key)
      .update(cat(...parts))
      .digest();
  const seed = cat(uint(secret, 32), uint(mod(number(digest), N), 32));
  let [k, v] = [Buffer.alloc(32), Buffer.alloc(32, 1)];
  for (const separator of [0, 1]) {
    k = hmac(k, v, uint(separator, 1), seed);
    v = hmac(k, v);
  }
  for (;;) {
    v = hmac(k, v);
    yield number(v);
    k = hmac(k, v, uint(0, 1));
    v = hmac(k, v);
  }
}

/** Low-s signature of a digest: { r, s, parity } with numbers r and s. */
export function sign(key, digest) {
  for (const nonce of nonces(key.secret, digest)) {
    if (nonce === 0n || nonce >= N) continue;
    const [x, y] = multiply(nonce, G);
    const r = mod(x, N);
    const s = mod(inverse(nonce, N) * (mod(number(digest), N) + r * key.secret), N);
    if (r === 0n || s === 0n || x >= N) continue;
    const high = s > N / 2n;
    return { r, s: high ? N - s : s, parity: Number(y & 1n) ^ (high ? 1 : 0) };
  }
}

/** x of the ECDH of a secret and another key's point. */
export function sharedX(secret, uncompressed) {
  const point = [number(uncompressed.subarray(1, 33)), number(uncompressed.subarray(33))];
  return uint(multiply(BigInt(secret), point)[0], 32);
}

/** r ‖ s. */
export const compact = ({ r, s }) => cat(uint(r, 32), uint(s, 32));

/** The only DER form of (r, s). */
export function der({ r, s }) {
  const integer = (value) => {
    let digits = value.toString(16);
    if (digits.length % 2) digits = "0" + digits;
    if (Number.parseInt(digits.slice(0, 2), 16) >= 0x80) digits = "00" + digits;
    return cat(uint(2, 1), uint(digits.length / 2, 1), Buffer.from(digits, "hex"));
  };
  const body = cat(integer(r), integer(s));
  return cat(uint(0x30, 1), uint(body.length, 1), body);
}
