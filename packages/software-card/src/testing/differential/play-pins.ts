import {
  openPinSession,
  type OpenPinSession,
  sealChangePin,
  sealUnblock,
  sealVerifyPin,
  toAddress,
} from "@tallystick/protocol";
import { isSignedBy, sha256 } from "./issuer.ts";
import { tagged } from "./rebuild.ts";
import { PINS, type PinStep, PUK } from "./step.ts";
import { pay, requestFor } from "./play-payments.ts";
import type { PlayedCard } from "./played-card.ts";

const WRONG_PIN = Uint8Array.of(9, 9, 9, 9);
const WRONG_PUK = new Uint8Array(8).fill(1);
const TERMINAL_SECRET = new Uint8Array(32).fill(0x42);
const CHAIN_ID = 31_337n;

/**
 * A PIN session, one of the three commands under it, and the payment that a verified PIN is for.
 */
export async function pinCommand(played: PlayedCard, step: PinStep): Promise<void> {
  const session = await pinSession(played, step);
  const request = requestFor(played, step.pay);
  const unblocks = step.operation === "unblock";
  const secret = step.right ? (unblocks ? PUK : played.pin) : unblocks ? WRONG_PUK : WRONG_PIN;
  const newPin = PINS[step.newPin] ?? WRONG_PIN;
  const sealed = {
    verify: () => sealVerifyPin(session, secret, sha256(request)),
    change: () => sealChangePin(session, secret, newPin),
    unblock: () => sealUnblock(session, secret, newPin),
  }[step.operation]();
  const ins = { verify: 0x20, change: 0x24, unblock: 0x2c }[step.operation];
  const { sw } = await played.send(played.command(ins, spoil(sealed, step)));
  if (sw === 0x9000 && step.operation !== "verify") played.pin = newPin;
  if (step.payAfter) await pay(played, request);
}

async function pinSession(played: PlayedCard, step: PinStep): Promise<OpenPinSession> {
  const challenge = new Uint8Array(16).fill(0x0c);
  // Without a session of its own the command meets the card's last one, or none.
  let ephemeralKey: Uint8Array = played.issuer.publicKey;
  if (step.session) {
    const { sw, data } = await played.send(played.command(0x1a, challenge), {
      show: (shown) => {
        const message = tagged("TLYE", played.home, challenge, shown.slice(0, 65));
        return `key ${shown[0]} signed ${isSignedBy(played.publicKey, message, shown.slice(65))}`;
      },
    });
    if (sw === 0x9000) ephemeralKey = data.slice(0, 65);
  }
  const domain = { chainId: CHAIN_ID, vault: toAddress(played.home.slice(8)) };
  return openPinSession({ domain, challenge, ephemeralKey }, TERMINAL_SECRET);
}

function spoil(sealed: Uint8Array, step: PinStep): Uint8Array {
  const at = { none: -1, mac: sealed.length - 1, key: 10, binding: step.operation === "verify" ? 70 : 66 }[step.spoil];
  return sealed.map((byte, index) => (index === at ? byte ^ 1 : byte));
}
