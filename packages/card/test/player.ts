import { bytesToHex, concatBytes, equalBytes, formatStatusWord, parseResponse } from "@tallystick/apdu";
import {
  addressOfKey,
  encodePinBlock,
  openPinSession,
  type OpenPinSession,
  sealChangePin,
  sealUnblock,
  sealVerifyPin,
  toAddress,
} from "@tallystick/protocol";
import type { CardUnderTest } from "./card-under-test.ts";
import { type Issuer, isSignedBy, sha256 } from "./issuer.ts";
import { DOMAIN, number, OWNER, tagged, valueOf, voucherMessage } from "./rebuild.ts";
import { signedAllowance, signedBeacon, signedCertificate } from "./signed-objects.ts";
import {
  type AllowanceStep,
  type Forgery,
  NOT_AFTER,
  NOT_BEFORE,
  PAYEES,
  type PayStep,
  type PinStep,
  type Step,
  type StoredValue,
  TERMINALS,
} from "./step.ts";

const AID = Uint8Array.of(0xf0, 0x54, 0x41, 0x4c, 0x4c, 0x59, 0x00, 0x01);
const PINS = [
  [1, 2, 3, 4],
  [5, 6, 7, 8, 9],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
].map((digits) => Uint8Array.from(digits));
const WRONG_PIN = Uint8Array.of(9, 9, 9, 9);
const PUK = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
const TERMINAL_SECRET = new Uint8Array(32).fill(0x42);
const SECURE = true;

/** How far a card is brought before the steps of a sequence. */
export type Prologue = "blank" | "half" | "no-pin" | "whole";

/** Plays abstract steps against one card and reports each answer with what belongs to this card alone replaced by a check of it. */
export class Player {
  readonly card: CardUnderTest;
  readonly #issuer: Issuer;
  #publicKey: Uint8Array = new Uint8Array(65);
  /** What is on record; another domain than the issuer's never gets an allowance. */
  #domain: Uint8Array = DOMAIN;
  #owner: Uint8Array = OWNER;
  #counter = 0;
  #spent = 0;
  #noPinUsed = 0;
  #head: Uint8Array = new Uint8Array(32);
  #allowance = {
    seq: 0,
    perTap: 0,
    pinAbove: 0,
    noPinSum: 0,
    maxSpent: 0,
    signature: new Uint8Array(64) as Uint8Array,
  };
  #beaconSeq = 0;
  #beacon: Uint8Array = new Uint8Array(0);
  #pin: Uint8Array = PINS[0] ?? new Uint8Array();
  #requests: Uint8Array[] = [];
  #sent = 0;
  #log: string[] = [];

  constructor(card: CardUnderTest, issuer: Issuer) {
    this.card = card;
    this.#issuer = issuer;
  }

  /** Commands sent so far. */
  get sent(): number {
    return this.#sent;
  }

  async begin(prologue: Prologue): Promise<readonly string[]> {
    await this.card.renew();
    this.#log = [];
    await this.#select();
    if (prologue === "blank") return this.#log;
    await this.#store(0x7f02, "own", SECURE);
    await this.#store(0x7f03, "own", SECURE);
    await this.#generateKey(SECURE);
    if (prologue === "half") return this.#log;
    await this.#store(0x7f04, "own", SECURE);
    await this.#store(0x7f05, "own", SECURE);
    if (prologue === "whole") await this.#store(0x7f06, "own", SECURE);
    await this.#open(SECURE);
    await this.#updateAllowance({
      seq: 1,
      perTap: 500,
      pinAbove: 400,
      noPinSum: 3_000,
      noPinCount: 20,
      more: 100_000,
      counters: 1_000,
      categories: "all",
      flags: 0,
      forge: "none",
      secure: SECURE,
    });
    return this.#log;
  }

  /** The answers to one step, ready to be compared with another card's. */
  async play(step: Step): Promise<readonly string[]> {
    this.#log = [];
    await this.#play(step);
    return this.#log;
  }

  async #play(step: Step): Promise<void> {
    switch (step.kind) {
      case "select":
        return await this.#select();
      case "select-other":
        await this.#send(
          concatBytes(Uint8Array.of(0x00, 0xa4, 0x04, 0x00, 0x08), AID.slice(0, 7), Uint8Array.of(9, 0)),
        );
        return await this.#select();
      case "pay":
        return await this.#pay(this.#request(step.pay));
      case "replay":
        return await this.#replay(step.back, step.flip);
      case "prove":
        return await this.#prove(step.length);
      case "get-log":
        return await this.#getLog(step);
      case "allowance":
        return await this.#updateAllowance(step.allowance);
      case "certificate":
        await this.#send(this.#command(0x18, signedCertificate(this.#issuer, step.certificate)));
        return;
      case "beacon-get":
        return await this.#getBeacon();
      case "beacon-put":
        return await this.#putBeacon(step.seq, step.forge);
      case "pin":
        return await this.#pinCommand(step.pin);
      case "store":
        return await this.#store(step.tag, step.value, step.secure, step.cut);
      case "get-data":
        await this.#getData(step.tag, step.secure);
        return;
      case "open":
        return await this.#open(step.secure);
      case "generate-key":
        return await this.#generateKey(step.secure);
      case "raw":
        return await this.#raw(step.header, step.length);
    }
  }

  async #send(
    command: Uint8Array,
    options: { secure?: boolean; show?: (data: Uint8Array) => Uint8Array | string } = {},
  ): Promise<{ sw: number; data: Uint8Array }> {
    this.#sent += 1;
    const response = parseResponse(await (options.secure === true ? this.card.secure : this.card.clear)(command));
    const shown = response.sw === 0x9000 ? (options.show?.(response.data) ?? response.data) : response.data;
    this.#log.push(`${formatStatusWord(response.sw)} ${typeof shown === "string" ? shown : bytesToHex(shown)}`.trim());
    return response;
  }

  #command(ins: number, data: Uint8Array, p1 = 0, p2 = 0): Uint8Array {
    return concatBytes(
      Uint8Array.of(0x80, ins, p1, p2),
      data.length === 0 ? data : concatBytes(Uint8Array.of(data.length), data),
    );
  }

  async #select(): Promise<void> {
    await this.#send(concatBytes(Uint8Array.of(0x00, 0xa4, 0x04, 0x00, 0x08), AID), {
      show: (data) => {
        if (data.length !== 234) return data;
        this.#counter = valueOf(data.slice(185, 189));
        this.#spent = valueOf(data.slice(189, 195));
        this.#noPinUsed = valueOf(data.slice(195, 201));
        this.#head = data.slice(202);
        const own = equalBytes(data.slice(18, 26), this.#tag()) && equalBytes(data.slice(26, 59), this.#compressed());
        const signed = equalBytes(data.slice(121, 185), this.#allowance.signature);
        return `${bytesToHex(data.slice(0, 18))} ${own} ${bytesToHex(data.slice(59, 121))} ${signed} ${bytesToHex(data.slice(185))}`;
      },
    });
  }

  #compressed(): Uint8Array {
    return concatBytes(Uint8Array.of(2 + ((this.#publicKey[64] ?? 0) & 1)), this.#publicKey.slice(1, 33));
  }

  #tag(): Uint8Array {
    return sha256(DOMAIN, this.#compressed()).slice(0, 8);
  }

  #address(): Uint8Array {
    return this.#publicKey[0] === 4 ? addressOfKey(this.#publicKey) : new Uint8Array(20);
  }

  #request(pay: PayStep): Uint8Array {
    const tag = this.#tag().map((byte) => (pay.ownTag ? byte : byte ^ 1));
    const times = {
      first: NOT_BEFORE,
      last: NOT_AFTER,
      before: NOT_BEFORE - 1,
      after: NOT_AFTER + 1,
      middle: NOT_BEFORE + 1_000,
    };
    const counter = Math.max(0, this.#counter + pay.turn);
    const challenge = concatBytes(number(pay.challenge, 4), new Uint8Array(12).fill(0xcc));
    return concatBytes(
      tag,
      number(counter, 4),
      PAYEES[pay.payee] ?? new Uint8Array(20),
      number(Math.min(Math.max(this.#amount(pay), 0), 2 ** 48 - 1), 6),
      number(times[pay.time], 4),
      challenge,
      TERMINALS[pay.terminal] ?? new Uint8Array(8),
      Uint8Array.of(pay.category),
    );
  }

  #amount({ amount }: PayStep): number {
    if (typeof amount === "number") return amount;
    const bounds = {
      perTap: this.#allowance.perTap,
      pinAbove: this.#allowance.pinAbove,
      noPinSum: this.#allowance.noPinSum - this.#noPinUsed,
      maxSpent: this.#allowance.maxSpent - this.#spent,
    };
    return bounds[amount.bound] + amount.add;
  }

  async #pay(request: Uint8Array): Promise<void> {
    this.#requests.push(request);
    await this.#send(this.#command(0x10, request), {
      show: (data) => {
        const message = voucherMessage(request, data.slice(4, 48));
        const signed = isSignedBy(this.#publicKey, message, data.slice(48));
        const counter = valueOf(data.slice(0, 4));
        const linked = counter !== this.#counter + 1 || equalBytes(data.slice(16, 48), this.#head);
        if (counter === this.#counter + 1) {
          this.#counter = counter;
          this.#spent = valueOf(data.slice(4, 10));
          this.#noPinUsed = data[14] === 1 ? 0 : this.#noPinUsed + valueOf(request.slice(32, 38));
          this.#head = sha256(message);
        }
        return `${bytesToHex(data.slice(0, 48))} signed ${signed} linked ${linked}`;
      },
    });
  }

  async #replay(back: number, flip: number | null): Promise<void> {
    const request = this.#requests.at(-1 - back);
    if (request === undefined) return;
    await this.#pay(request.map((byte, index) => (index === flip ? byte ^ 0x10 : byte)));
    this.#requests.pop();
  }

  async #prove(length: number): Promise<void> {
    const challenge = new Uint8Array(length).fill(0x5c);
    await this.#send(this.#command(0x12, challenge), {
      show: (data) => {
        const message = tagged("TLYP", this.#domain, challenge, data.slice(0, 47));
        return `${bytesToHex(data.slice(0, 47))} signed ${isSignedBy(this.#publicKey, message, data.slice(47))}`;
      },
    });
  }

  async #getLog({ age, payee, secure }: { age: number; payee: number | null; secure: boolean }): Promise<void> {
    const data = payee === null ? new Uint8Array(0) : (PAYEES[payee] ?? new Uint8Array(20));
    await this.#send(this.#command(0x16, data, age), {
      secure,
      show: (shown) => {
        const own = equalBytes(shown.slice(0, 8), this.#tag());
        const message = voucherMessage(shown.slice(0, 67), shown.slice(67, 111));
        const signed = isSignedBy(this.#publicKey, message, shown.slice(143));
        const hashed = equalBytes(sha256(message), shown.slice(111, 143));
        return `${own} ${bytesToHex(shown.slice(8, 143))} signed ${signed} hashed ${hashed}`;
      },
    });
  }

  async #updateAllowance(step: AllowanceStep): Promise<void> {
    const seq = Math.max(0, this.#allowance.seq + step.seq);
    const maxSpent = Math.min(this.#spent + step.more, 2 ** 48 - 1);
    const card = { address: this.#address(), seq, maxSpent, maxCounter: this.#counter + step.counters };
    const allowance = signedAllowance(this.#issuer, step, card);
    const { sw } = await this.#send(this.#command(0x14, allowance), { secure: step.secure });
    if (sw !== 0x9000) return;
    const { perTap, pinAbove, noPinSum } = step;
    this.#allowance = { seq, perTap, pinAbove, noPinSum, maxSpent, signature: allowance.slice(62) };
    this.#noPinUsed = 0;
  }

  async #putBeacon(ahead: number, forge: Forgery): Promise<void> {
    const seq = this.#beaconSeq + ahead - 1;
    const beacon = signedBeacon(this.#issuer, seq, forge);
    const { sw } = await this.#send(this.#command(0x1c, beacon, 1));
    if (sw !== 0x9000) return;
    this.#beaconSeq = seq;
    this.#beacon = beacon;
  }

  async #getBeacon(): Promise<void> {
    await this.#send(Uint8Array.of(0x80, 0x1c, 0, 0), {
      show: (data) => `${bytesToHex(data.slice(0, 81))} own ${equalBytes(data, this.#beacon)}`,
    });
  }

  async #pinCommand(step: PinStep): Promise<void> {
    const session = await this.#pinSession(step);
    const request = this.#request(step.pay);
    const own = step.operation === "unblock" ? PUK : this.#pin;
    const secret = step.right ? own : step.operation === "unblock" ? Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1) : WRONG_PIN;
    const newPin = PINS[step.newPin] ?? WRONG_PIN;
    const hash = sha256(request);
    const sealed = {
      verify: () => sealVerifyPin(session, secret, hash),
      change: () => sealChangePin(session, secret, newPin),
      unblock: () => sealUnblock(session, secret, newPin),
    }[step.operation]();
    const ins = { verify: 0x20, change: 0x24, unblock: 0x2c }[step.operation];
    const { sw } = await this.#send(this.#command(ins, spoil(sealed, step)));
    if (sw === 0x9000 && step.operation !== "verify") this.#pin = newPin;
    if (step.payAfter) await this.#pay(request);
  }

  async #pinSession(step: PinStep): Promise<OpenPinSession> {
    const challenge = new Uint8Array(16).fill(0x0c);
    // Without a session of its own the command meets the card's last one, or none.
    let ephemeralKey: Uint8Array = this.#issuer.publicKey;
    if (step.session) {
      const { sw, data } = await this.#send(this.#command(0x1a, challenge), {
        show: (shown) => {
          const message = tagged("TLYE", DOMAIN, challenge, shown.slice(0, 65));
          return `key ${shown[0]} signed ${isSignedBy(this.#publicKey, message, shown.slice(65))}`;
        },
      });
      if (sw === 0x9000) ephemeralKey = data.slice(0, 65);
    }
    const domain = { chainId: 31_337n, vault: toAddress(DOMAIN.slice(8)) };
    return openPinSession({ domain, challenge, ephemeralKey }, TERMINAL_SECRET);
  }

  async #store(tag: number, value: StoredValue, secure: boolean, cut = 0): Promise<void> {
    const bytes = await this.#storedValue(tag, value);
    const group = concatBytes(number(tag, 2), Uint8Array.of(bytes.length), bytes);
    const { sw } = await this.#send(this.#command(0xe2, group.slice(0, group.length - cut), 0x88), { secure });
    if (sw === 0x9000 && tag === 0x7f02) this.#domain = bytes;
    if (sw === 0x9000 && tag === 0x7f05) this.#owner = bytes;
  }

  async #storedValue(tag: number, value: StoredValue): Promise<Uint8Array> {
    const own = await this.#ownValue(tag);
    switch (value) {
      case "own":
        return own;
      case "other":
        if (tag === 0x7f03) return concatBytes(Uint8Array.of(this.#issuer.keyId), this.#issuer.otherPublicKey);
        return tag === 0x7f01
          ? Uint8Array.of(0x0b)
          : own.map((byte, index) => (index === own.length - 1 ? byte ^ 1 : byte));
      case "zeros":
        return new Uint8Array(own.length);
      case "short":
        return own.slice(1);
    }
  }

  async #ownValue(tag: number): Promise<Uint8Array> {
    switch (tag) {
      case 0x7f01:
        return Uint8Array.of(this.#counter % 11 === 10 ? 0x7f : 0x07);
      case 0x7f02:
        return DOMAIN;
      case 0x7f03:
        return concatBytes(Uint8Array.of(this.#issuer.keyId), this.#issuer.publicKey);
      case 0x7f04:
        return this.#address();
      case 0x7f05:
        return OWNER;
      case 0x7f06: {
        const pin = PINS[0] ?? WRONG_PIN;
        return await this.card.encryptSensitive(concatBytes(encodePinBlock(pin), encodePinBlock(PUK)));
      }
      default:
        return new Uint8Array(8).fill(0x44);
    }
  }

  async #getData(tag: number, secure: boolean): Promise<void> {
    const own = new Map([
      [0xdf06, () => this.#address()],
      [0xdf07, () => this.#publicKey],
    ]).get(tag);
    await this.#send(this.#command(0xca, new Uint8Array(0), tag >> 8, tag & 0xff), {
      secure,
      ...(own === undefined ? {} : { show: (data: Uint8Array) => (equalBytes(data, own()) ? "own" : "another") }),
    });
  }

  async #open(secure: boolean): Promise<void> {
    await this.#send(this.#command(0x1e, new Uint8Array(0)), {
      secure,
      show: (data) => `signed ${isSignedBy(this.#publicKey, tagged("TLYO", this.#domain, this.#owner), data)}`,
    });
  }

  async #generateKey(secure: boolean): Promise<void> {
    await this.#send(this.#command(0x46, new Uint8Array(0)), {
      secure,
      show: (data) => {
        this.#publicKey = data;
        return `key ${data[0]} of ${data.length}`;
      },
    });
  }

  async #raw(header: readonly [number, number, number, number], length: number): Promise<void> {
    const data = new Uint8Array(length).fill(0x2f);
    await this.#send(
      concatBytes(Uint8Array.from(header), length === 0 ? data : concatBytes(Uint8Array.of(length), data)),
      {
        show: () => "data",
      },
    );
  }
}

function spoil(sealed: Uint8Array, step: PinStep): Uint8Array {
  const at = { none: -1, mac: sealed.length - 1, key: 10, binding: step.operation === "verify" ? 70 : 66 }[step.spoil];
  return sealed.map((byte, index) => (index === at ? byte ^ 1 : byte));
}
