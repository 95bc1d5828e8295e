import { concatBytes, equalBytes } from "@tallystick/apdu";
import { type CardState, cardStates, RING_SIZE } from "@tallystick/protocol";
import { CardError } from "@tallystick/card";

/** What the card has been given so far: the bits of DF02 (spec §4.7). */
export const PARTS = Object.freeze({
  domain: 0x01,
  issuerKey: 0x02,
  keyPair: 0x04,
  address: 0x08,
  owner: 0x10,
  pin: 0x20,
  allowance: 0x40,
} as const);

const RECORD_BYTES = 143;
const DER_BYTES = 72;

/** Fields of the image in their order, and their bytes (spec §4.3). */
const FIELDS = {
  magic: 4,
  version: 1,
  state: 1,
  parts: 1,
  domain: 28,
  secretKey: 32,
  publicKey: 65,
  address: 20,
  owner: 20,
  issuer: 66,
  allowance: 126,
  counter: 4,
  spent: 6,
  noPinUsed: 6,
  noPinTaps: 1,
  head: 32,
  pin: 8,
  pinTries: 1,
  puk: 8,
  pukTries: 1,
  beacon: 145,
  records: RING_SIZE * RECORD_BYTES,
  signatures: RING_SIZE * (1 + DER_BYTES),
} as const;

type FieldName = keyof typeof FIELDS;

const OFFSETS = (() => {
  let offset = 0;
  return Object.fromEntries(
    Object.entries(FIELDS).map(([name, length]) => {
      const start = offset;
      offset += length;
      return [name, start];
    }),
  ) as { readonly [name in FieldName]: number };
})();

/** Bytes of an image. */
export const CARD_IMAGE_BYTES: number = Object.values(FIELDS).reduce((sum, length) => sum + length, 0);

const MAGIC = Uint8Array.of(0x54, 0x4c, 0x53, 0x43);
const VERSION = 1;

/**
 * All that a software card keeps, as one run of bytes: it is stored whole and compared whole. It
 * holds the card's secret key, so whoever can read it is the card.
 */
export class CardImage {
  readonly bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** A card as it leaves installation. */
  static blank(): CardImage {
    const image = new CardImage(new Uint8Array(CARD_IMAGE_BYTES));
    image.write("magic", MAGIC);
    image.write("version", Uint8Array.of(VERSION));
    image.write("state", Uint8Array.of(cardStates.installed));
    return image;
  }

  /**
   * Takes stored bytes; throws ANSWER_LENGTH or ANSWER_VALUE for anything that no card of this
   * version wrote.
   */
  static load(bytes: Uint8Array): CardImage {
    const length = { command: "stored card", expected: `${CARD_IMAGE_BYTES} bytes`, actual: `${bytes.length} bytes` };
    if (bytes.length !== CARD_IMAGE_BYTES) throw new CardError("ANSWER_LENGTH", length);
    const image = new CardImage(bytes.slice());
    const known =
      equalBytes(image.read("magic"), MAGIC) &&
      image.byte("version") === VERSION &&
      Object.values(cardStates).some((state) => state === image.byte("state"));
    const value = { command: "stored card", expected: `version ${VERSION}`, actual: "something else" };
    if (!known) throw new CardError("ANSWER_VALUE", value);
    return image;
  }

  /** A copy to change: the card's memory stays as it is until the copy has been stored. */
  copy(): CardImage {
    return new CardImage(this.bytes.slice());
  }

  read(name: FieldName): Uint8Array {
    return this.bytes.slice(OFFSETS[name], OFFSETS[name] + FIELDS[name]);
  }

  byte(name: FieldName): number {
    return this.bytes[OFFSETS[name]] ?? 0;
  }

  write(name: FieldName, value: Uint8Array): void {
    if (value.length !== FIELDS[name]) throw new RangeError(`${name} has ${FIELDS[name]} bytes, not ${value.length}`);
    this.bytes.set(value, OFFSETS[name]);
  }

  get state(): CardState {
    return this.byte("state") as CardState;
  }

  has(parts: number): boolean {
    return (this.byte("parts") & parts) === parts;
  }

  mark(part: number): void {
    this.write("parts", Uint8Array.of(this.byte("parts") | part));
  }

  /** The record of the slot that a counter falls into; zeros while nothing was written there. */
  record(counter: bigint): Uint8Array {
    const start = OFFSETS.records + slotOf(counter) * RECORD_BYTES;
    return this.bytes.slice(start, start + RECORD_BYTES);
  }

  /** The DER signature beside that record. */
  signature(counter: bigint): Uint8Array {
    const start = OFFSETS.signatures + slotOf(counter) * (1 + DER_BYTES);
    return this.bytes.slice(start + 1, start + 1 + (this.bytes[start] ?? 0));
  }

  writeRecord(counter: bigint, record: Uint8Array, signature: Uint8Array): void {
    if (record.length !== RECORD_BYTES || signature.length > DER_BYTES) throw new RangeError("this is no record");
    this.bytes.set(record, OFFSETS.records + slotOf(counter) * RECORD_BYTES);
    const padded = concatBytes(
      Uint8Array.of(signature.length),
      signature,
      new Uint8Array(DER_BYTES - signature.length),
    );
    this.bytes.set(padded, OFFSETS.signatures + slotOf(counter) * (1 + DER_BYTES));
  }
}

function slotOf(counter: bigint): number {
  return Number(counter % BigInt(RING_SIZE));
}
