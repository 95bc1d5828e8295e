import { createCipheriv, createDecipheriv } from "node:crypto";

/*
 * The card's side of SCP03 and SCP02, written a second time from the specifications on OpenSSL
 * alone: nothing of the package that it checks is used here, so that one mistake cannot hide in
 * both.
 */

const xor = (left: Uint8Array, right: Uint8Array) =>
  Uint8Array.from(left, (value, index) => value ^ (right[index] ?? 0));
const aes = (key: Uint8Array, mode: "cbc" | "ecb") => `aes-${key.length * 8}-${mode}`;

function encrypt(algorithm: string, key: Uint8Array, iv: Uint8Array | null, data: Uint8Array): Uint8Array {
  const cipher = createCipheriv(algorithm, key, iv).setAutoPadding(false);
  return Uint8Array.from(Buffer.concat([cipher.update(data), cipher.final()]));
}

function decrypt(algorithm: string, key: Uint8Array, iv: Uint8Array | null, data: Uint8Array): Uint8Array {
  const cipher = createDecipheriv(algorithm, key, iv).setAutoPadding(false);
  return Uint8Array.from(Buffer.concat([cipher.update(data), cipher.final()]));
}

/** Shifts a block left by one bit, and folds what falls out back in (NIST SP 800-38B §6.1). */
function doubled(block: Uint8Array): Uint8Array {
  const shifted = block.map((value, index) => ((value << 1) | ((block[index + 1] ?? 0) >> 7)) & 0xff);
  if ((block[0] ?? 0) >= 0x80) shifted[15] = (shifted[15] ?? 0) ^ 0x87;
  return shifted;
}

/** AES-CMAC by NIST SP 800-38B §6.2. */
export function opensslCmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const first = doubled(encrypt(aes(key, "ecb"), key, null, new Uint8Array(16)));
  const isWhole = message.length > 0 && message.length % 16 === 0;
  const padded = isWhole ? Uint8Array.from(message) : opensslPad(message, 16);
  padded.set(xor(padded.slice(-16), isWhole ? first : doubled(first)), padded.length - 16);
  return encrypt(aes(key, "cbc"), key, new Uint8Array(16), padded).slice(-16);
}

/** 80 and zeros up to whole blocks. */
export function opensslPad(data: Uint8Array, blockBytes: number): Uint8Array {
  return Uint8Array.from([...data, 0x80, ...new Uint8Array(blockBytes - 1 - (data.length % blockBytes))]);
}

function unpadded(data: Uint8Array): Uint8Array {
  return data.slice(0, data.lastIndexOf(0x80));
}

/** A command taken apart by hand: header, data, and what follows the data. */
interface Plain {
  readonly header: Uint8Array;
  readonly lc: Uint8Array;
  readonly data: Uint8Array;
  readonly le: Uint8Array;
}

function split(command: Uint8Array): Plain {
  const header = command.slice(0, 4);
  const isExtended = command[4] === 0 && command.length > 5;
  const lc = command.slice(4, isExtended ? 7 : 5);
  const length = isExtended ? (lc[1] ?? 0) * 256 + (lc[2] ?? 0) : (lc[0] ?? 0);
  const start = 4 + lc.length;
  return { header, lc, data: command.slice(start, start + length), le: command.slice(start + length) };
}

/** What a card found in a secured command. */
export interface Unwrapped {
  readonly header: Uint8Array;
  readonly data: Uint8Array;
  readonly le: Uint8Array;
  readonly isExtended: boolean;
}

export interface OpensslKeys {
  readonly enc: Uint8Array;
  readonly mac: Uint8Array;
  readonly rmac: Uint8Array;
}

/**
 * The card in one SCP03 session (GP Amendment D v1.1.2 §6.2), from the command after EXTERNAL
 * AUTHENTICATE on.
 */
export class OpensslScp03 {
  #chaining: Uint8Array = new Uint8Array(16);
  #counter = 0;
  readonly #keys: OpensslKeys;
  readonly #macBytes: number;
  #level: number;

  readonly #skipsEmpty: boolean;

  /** `skipsEmpty`: the fault of counting commands with data only. */
  constructor(keys: OpensslKeys, macBytes: number, level: number, { skipsEmpty = false } = {}) {
    this.#keys = keys;
    this.#macBytes = macBytes;
    this.#level = level;
    this.#skipsEmpty = skipsEmpty;
  }

  /** Throws if the MAC is wrong. */
  unwrap(command: Uint8Array): Unwrapped {
    const { header, lc, data, le } = split(command);
    const content = data.slice(0, data.length - this.#macBytes);
    if (content.length > 0 || !this.#skipsEmpty) this.#counter += 1;
    this.#chaining = opensslCmac(this.#keys.mac, Buffer.concat([this.#chaining, header, lc, content]));
    const mac = Buffer.from(data.slice(content.length));
    if (!mac.equals(this.#chaining.slice(0, this.#macBytes))) throw new Error("the command's MAC is wrong");
    const isEnciphered = (this.#level & 0x02) !== 0 && content.length > 0;
    return {
      header,
      data: isEnciphered ? unpadded(this.#cipher(decrypt, 0x00, content)) : content,
      le,
      isExtended: lc.length === 3,
    };
  }

  /** After EXTERNAL AUTHENTICATE, which carries a MAC alone and is not counted. */
  raise(level: number): void {
    this.#level = level;
    this.#counter = 0;
  }

  wrap(data: Uint8Array, sw: readonly [number, number]): Uint8Array {
    const isEnciphered = (this.#level & 0x20) !== 0 && data.length > 0;
    const content = isEnciphered ? this.#cipher(encrypt, 0x80, opensslPad(data, 16)) : data;
    const covered = Buffer.concat([this.#chaining, content, Uint8Array.from(sw)]);
    const mac = (this.#level & 0x10) === 0 ? [] : opensslCmac(this.#keys.rmac, covered).slice(0, this.#macBytes);
    return Uint8Array.from([...content, ...mac, ...sw]);
  }

  #cipher(work: typeof encrypt, first: number, data: Uint8Array): Uint8Array {
    const block = new Uint8Array(16);
    block[0] = first;
    new DataView(block.buffer).setUint32(12, this.#counter);
    const iv = encrypt(aes(this.#keys.enc, "ecb"), this.#keys.enc, null, block);
    return work(aes(this.#keys.enc, "cbc"), this.#keys.enc, iv, data);
  }
}

/** Three keys of a triple DES that is a single one, or has two. */
const threeOf = (key: Uint8Array) => Uint8Array.from([...key, ...key.slice(0, 8), ...key.slice(0, 8)]).slice(0, 24);
const ZERO_BLOCK = new Uint8Array(8);

/**
 * ISO 9797-1 MAC algorithm 3: single DES up to the last block, triple DES on that (GP Card
 * Specification v2.3.1 §B.1.2.2).
 */
export function opensslRetailMac(key: Uint8Array, initial: Uint8Array, padded: Uint8Array): Uint8Array {
  let state = initial;
  for (let start = 0; start < padded.length; start += 8) {
    const isLast = start + 8 === padded.length;
    const step = isLast ? threeOf(key) : threeOf(key.slice(0, 8));
    state = encrypt("des-ede3-cbc", step, ZERO_BLOCK, xor(state, padded.slice(start, start + 8)));
  }
  return state;
}

/**
 * The card in one SCP02 session with i = 55 (GP Card Specification v2.3.1 §E.4), after EXTERNAL
 * AUTHENTICATE.
 */
export class OpensslScp02 {
  #lastMac: Uint8Array;
  #lastResponseMac: Uint8Array;
  #covered: Uint8Array = new Uint8Array(0);
  readonly #keys: OpensslKeys;
  readonly #level: number;

  constructor(keys: OpensslKeys, lastMac: Uint8Array, level: number) {
    this.#keys = keys;
    this.#lastMac = lastMac;
    this.#lastResponseMac = lastMac;
    this.#level = level;
  }

  /** Throws if the MAC is wrong. */
  unwrap(command: Uint8Array): Unwrapped {
    const { header, data, le } = split(command);
    const content = data.slice(0, -8);
    const isEnciphered = (this.#level & 0x02) !== 0 && content.length > 0;
    const plain = isEnciphered
      ? unpadded(decrypt("des-ede3-cbc", threeOf(this.#keys.enc), ZERO_BLOCK, content))
      : content;
    const initial = encrypt("des-ede3-cbc", threeOf(this.#keys.mac.slice(0, 8)), ZERO_BLOCK, this.#lastMac);
    const covered = Uint8Array.from([...header, plain.length + 8, ...plain]);
    this.#lastMac = opensslRetailMac(this.#keys.mac, initial, opensslPad(covered, 8));
    if (!Buffer.from(data.slice(-8)).equals(this.#lastMac)) throw new Error("the command's MAC is wrong");
    this.#covered = Uint8Array.from([(header[0] ?? 0) & ~0x04, ...header.slice(1), plain.length, ...plain]);
    return { header, data: plain, le, isExtended: false };
  }

  wrap(data: Uint8Array, sw: readonly [number, number]): Uint8Array {
    if ((this.#level & 0x10) === 0) return Uint8Array.from([...data, ...sw]);
    const covered = Uint8Array.from([...this.#covered, data.length, ...data, ...sw]);
    this.#lastResponseMac = opensslRetailMac(this.#keys.rmac, this.#lastResponseMac, opensslPad(covered, 8));
    return Uint8Array.from([...data, ...this.#lastResponseMac, ...sw]);
  }
}
