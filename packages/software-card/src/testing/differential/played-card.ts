import { bytesToHex, concatBytes, equalBytes, formatStatusWord, parseResponse } from "@tallystick/apdu";
import { addressOfKey } from "@tallystick/protocol";
import type { CardUnderTest } from "./card-under-test.ts";
import { type Issuer, sha256 } from "./issuer.ts";
import { DOMAIN, OTHER_DOMAIN, OWNER, valueOf } from "./rebuild.ts";
import { type Channel, PINS } from "./step.ts";
import type { Transcript } from "./transcript.ts";

export interface Answer {
  readonly sw: number;
  readonly data: Uint8Array;
}

interface SendOptions {
  readonly channel?: Channel;
  /** How data are shown that belong to this card alone. */
  readonly show?: (data: Uint8Array) => Uint8Array | string;
}

/**
 * One instance of a card as its issuer and a terminal know it: every command passes here, and what
 * it taught is kept.
 */
export class PlayedCard {
  readonly card: CardUnderTest;
  readonly issuer: Issuer;
  readonly aid: Uint8Array;
  /** The domain its issuer means it for, and the one it does not mean. */
  readonly home: Uint8Array;
  readonly abroad: Uint8Array;
  /** Requests that were sent, and by their counters those that the card paid. */
  readonly requests: Uint8Array[] = [];
  readonly paid = new Map<number, Uint8Array>();
  /** What the long answer of each payment has before its signature (48 bytes). */
  readonly answers = new Map<number, Uint8Array>();
  publicKey: Uint8Array = new Uint8Array(65);
  /** What is on record; another domain than the issuer's never gets an allowance. */
  domain: Uint8Array;
  owner: Uint8Array = OWNER;
  state = 0x01;
  counter = 0;
  spent = 0;
  noPinUsed = 0;
  head: Uint8Array = new Uint8Array(32);
  allowance = { seq: 0, perTap: 0, pinAbove: 0, noPinSum: 0, maxSpent: 0, signature: new Uint8Array(64) as Uint8Array };
  beaconSeq = 0;
  beacon: Uint8Array = new Uint8Array(0);
  /** The card's last challenge, and the one before it. */
  challenge: Uint8Array = new Uint8Array(16);
  challengeBefore: Uint8Array = new Uint8Array(16);
  pin: Uint8Array = PINS[0] ?? new Uint8Array();
  readonly #transcript: Transcript;

  constructor(parts: {
    readonly card: CardUnderTest;
    readonly issuer: Issuer;
    readonly transcript: Transcript;
    readonly instance: 1 | 2;
  }) {
    this.card = parts.card;
    this.issuer = parts.issuer;
    this.aid = Uint8Array.of(0xf0, 0x54, 0x41, 0x4c, 0x4c, 0x59, 0x00, parts.instance);
    this.home = parts.instance === 1 ? DOMAIN : OTHER_DOMAIN;
    this.abroad = parts.instance === 1 ? OTHER_DOMAIN : DOMAIN;
    this.domain = this.home;
    this.#transcript = parts.transcript;
  }

  /** Sends one command; the answer is recorded in the transcript. */
  async send(command: Uint8Array, { channel = "clear", show }: SendOptions = {}): Promise<Answer> {
    const { state } = this;
    const response = parseResponse(await this.#transmit(command, channel));
    const way = channel === "inside" ? "inside" : "outside";
    this.#transcript.coverage?.add({ command, state, channel: way, sw: response.sw });
    const shown = response.sw === 0x9000 ? (show?.(response.data) ?? response.data) : response.data;
    this.#transcript.add(
      `${formatStatusWord(response.sw)} ${typeof shown === "string" ? shown : bytesToHex(shown)}`.trim(),
    );
    return response;
  }

  async #transmit(command: Uint8Array, channel: Channel): Promise<Uint8Array> {
    if (channel === "inside") return await this.card.secure(command);
    // Class 84 without a session: nobody has a key for the eight bytes that stand where a MAC
    // would.
    if (channel === "unopened") return await this.card.clear(secured(command));
    return await this.card.clear(command);
  }

  /** A command of the applet in class 80. */
  command(ins: number, data: Uint8Array, p1 = 0, p2 = 0): Uint8Array {
    const body = data.length === 0 ? data : concatBytes(Uint8Array.of(data.length), data);
    return concatBytes(Uint8Array.of(0x80, ins, p1, p2), body);
  }

  async select(short = false): Promise<Answer> {
    return await this.send(concatBytes(Uint8Array.of(0x00, 0xa4, 0x04, short ? 0x04 : 0x00, 0x08), this.aid), {
      show: (data) => {
        if (short && data.length === 67) {
          const own = equalBytes(data.slice(6, 14), this.tag());
          return `${bytesToHex(data.slice(0, 6))} ${own} ${bytesToHex(data.slice(14, 35))} ${equalBytes(data.slice(35), this.head)}`;
        }
        this.state = data[data.length === 234 ? 17 : 15] ?? 0;
        if (data.length !== 234) return data;
        this.counter = valueOf(data.slice(185, 189));
        this.spent = valueOf(data.slice(189, 195));
        this.noPinUsed = valueOf(data.slice(195, 201));
        this.head = data.slice(202);
        const own = equalBytes(data.slice(18, 26), this.tag()) && equalBytes(data.slice(26, 59), this.compressed());
        const signed = equalBytes(data.slice(121, 185), this.allowance.signature);
        return `${bytesToHex(data.slice(0, 18))} ${own} ${bytesToHex(data.slice(59, 121))} ${signed} ${bytesToHex(data.slice(185))}`;
      },
    });
  }

  /** Takes the power and gives it back; the instance is selected again. */
  async powerCycle(): Promise<void> {
    await this.card.powerCycle();
    await this.select();
  }

  /**
   * Something that is sent although the power may go in the middle of it: then it is sent again.
   */
  async sendTorn(when: "before" | "after", work: () => Promise<void>): Promise<void> {
    await this.powerCycle();
    this.card.planTear(when);
    try {
      await work();
    } catch (error) {
      if (!this.card.isTorn(error)) throw error;
      await this.#transcript.unheard(async () => {
        await this.powerCycle();
      });
      await work();
    } finally {
      this.card.planTear(null);
    }
  }

  compressed(): Uint8Array {
    return concatBytes(Uint8Array.of(2 + ((this.publicKey[64] ?? 0) & 1)), this.publicKey.slice(1, 33));
  }

  tag(): Uint8Array {
    return sha256(this.home, this.compressed()).slice(0, 8);
  }

  address(): Uint8Array {
    return this.publicKey[0] === 4 ? addressOfKey(this.publicKey) : new Uint8Array(20);
  }
}

function secured(command: Uint8Array): Uint8Array {
  const data = concatBytes(command.slice(5), new Uint8Array(8).fill(0x84)).slice(0, 255);
  return concatBytes(Uint8Array.of(0x84), command.slice(1, 4), Uint8Array.of(data.length), data);
}
