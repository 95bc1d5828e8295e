import { bytesToHex, concatBytes, equalBytes } from "@tallystick/apdu";
import { encodePinBlock } from "@tallystick/protocol";
import { isSignedBy } from "./issuer.ts";
import { number, OWNER, tagged } from "./rebuild.ts";
import { signedAllowance, signedBeacon, signedCertificate } from "./signed-objects.ts";
import {
  type AllowanceStep,
  type CertificateStep,
  type Channel,
  type Forgery,
  PINS,
  PUK,
  type StoredValue,
} from "./step.ts";
import type { PlayedCard } from "./played-card.ts";

const MAX_U48 = 2 ** 48 - 1;

export async function updateAllowance(played: PlayedCard, step: AllowanceStep): Promise<void> {
  const seq = Math.max(0, played.allowance.seq + step.seq);
  const maxSpent = Math.min(played.spent + step.more, MAX_U48);
  const card = { address: played.address(), seq, maxSpent, maxCounter: played.counter + step.counters };
  const allowance = signedAllowance(played, step, card);
  const { sw } = await played.send(played.command(0x14, allowance), { channel: step.channel });
  if (sw !== 0x9000) return;
  const { perTap, pinAbove, noPinSum } = step;
  played.allowance = { seq, perTap, pinAbove, noPinSum, maxSpent, signature: allowance.slice(62) };
  if ((step.flags & 8) !== 0) played.noPinUsed = 0;
  played.state = perTap === 0 ? 0x0b : 0x07;
}

export async function presentCertificate(played: PlayedCard, step: CertificateStep): Promise<void> {
  await played.send(played.command(0x18, signedCertificate(played, step)));
}

export async function putBeacon(played: PlayedCard, ahead: number, forge: Forgery): Promise<void> {
  const seq = played.beaconSeq + ahead - 1;
  const beacon = signedBeacon(played, seq, forge);
  const { sw } = await played.send(played.command(0x1c, beacon, 1));
  if (sw !== 0x9000) return;
  played.beaconSeq = seq;
  played.beacon = beacon;
}

export async function getBeacon(played: PlayedCard): Promise<void> {
  await played.send(Uint8Array.of(0x80, 0x1c, 0, 0), {
    show: (data) => `${bytesToHex(data.slice(0, 81))} own ${equalBytes(data, played.beacon)}`,
  });
}

export interface StoreStep {
  readonly tag: number;
  readonly value: StoredValue;
  readonly channel: Channel;
  /** Bytes cut off the end of the whole object. */
  readonly cut?: number;
}

export async function store(played: PlayedCard, { tag, value, channel, cut = 0 }: StoreStep): Promise<void> {
  const bytes = await storedValue(played, tag, value);
  const group = concatBytes(number(tag, 2), Uint8Array.of(bytes.length), bytes);
  const command = played.command(0xe2, group.slice(0, group.length - cut), 0x88);
  const { sw } = await played.send(command, { channel });
  if (sw !== 0x9000) return;
  if (tag === 0x7f01) played.state = bytes[0] ?? 0;
  if (tag === 0x7f02) played.domain = bytes;
  if (tag === 0x7f05) played.owner = bytes;
  if (tag === 0x7f06) played.pin = PINS[0] ?? played.pin;
}

async function storedValue(played: PlayedCard, tag: number, value: StoredValue): Promise<Uint8Array> {
  const own = await ownValue(played, tag);
  switch (value) {
    case "own":
      return own;
    case "end":
      return tag === 0x7f01 ? Uint8Array.of(0x7f) : own;
    case "other":
      if (tag === 0x7f03) return concatBytes(Uint8Array.of(played.issuer.keyId), played.issuer.otherPublicKey);
      return tag === 0x7f01 ? Uint8Array.of(0x0b) : changed(own);
    case "no-point":
      return changed(own);
    case "zeros":
      return new Uint8Array(own.length);
    case "short":
      return own.slice(1);
  }
}

/** With its last bit turned over: of a public key that is no point of the curve any more. */
const changed = (own: Uint8Array) => own.map((byte, index) => (index === own.length - 1 ? byte ^ 1 : byte));

async function ownValue(played: PlayedCard, tag: number): Promise<Uint8Array> {
  switch (tag) {
    case 0x7f01:
      return Uint8Array.of(0x07);
    case 0x7f02:
      return played.home;
    case 0x7f03:
      return concatBytes(Uint8Array.of(played.issuer.keyId), played.issuer.publicKey);
    case 0x7f04:
      return played.address();
    case 0x7f05:
      return OWNER;
    case 0x7f06: {
      const [pin = PUK] = PINS;
      return await played.card.encryptSensitive(concatBytes(encodePinBlock(pin), encodePinBlock(PUK)));
    }
    default:
      return new Uint8Array(8).fill(0x44);
  }
}

export async function getData(played: PlayedCard, tag: number, channel: Channel): Promise<void> {
  const own = new Map([
    [0xdf06, () => played.address()],
    [0xdf07, () => played.publicKey],
  ]).get(tag);
  await played.send(played.command(0xca, new Uint8Array(0), tag >> 8, tag & 0xff), {
    channel,
    ...(own === undefined ? {} : { show: (data: Uint8Array) => (equalBytes(data, own()) ? "own" : "another") }),
  });
}

export async function open(played: PlayedCard, channel: Channel): Promise<void> {
  await played.send(played.command(0x1e, new Uint8Array(0)), {
    channel,
    show: (data) => `signed ${isSignedBy(played.publicKey, tagged("TLYO", played.domain, played.owner), data)}`,
  });
}

export async function generateKey(played: PlayedCard, channel: Channel): Promise<void> {
  await played.send(played.command(0x46, new Uint8Array(0)), {
    channel,
    show: (data) => {
      played.publicKey = data;
      return `key ${data[0]} of ${data.length}`;
    },
  });
}
