import { bytesToHex, equalBytes } from "@tallystick/apdu";
import { isSignedBy, sha256 } from "./issuer.ts";
import { presentCertificate } from "./play-issuer.ts";
import type { PlayedCard } from "./played-card.ts";
import { voucherMessage } from "./rebuild.ts";
import { signedReading } from "./signed-objects.ts";
import { type Channel, PAYEES, type ReadLogStep } from "./step.ts";

const CHALLENGE_BYTES = 16;

/** GET LOG with the payee alone, or with nothing. */
export async function getLog(
  played: PlayedCard,
  { age, payee, channel }: { readonly age: number; readonly payee: number | null; readonly channel: Channel },
): Promise<void> {
  await read(played, { age, data: payee === null ? new Uint8Array(0) : payeeOf(payee), channel });
}

/** GET CHALLENGE; it is this card's alone, so its length is shown and that it is another than before. */
export async function getChallenge(played: PlayedCard, length: number): Promise<void> {
  await played.send(played.command(0x84, new Uint8Array(length)), {
    show: (data) => {
      const fresh = !equalBytes(data, played.challenge);
      played.challengeBefore = played.challenge;
      played.challenge = data;
      return `challenge of ${data.length}, fresh ${fresh}`;
    },
  });
}

/** A certified terminal reads its payee's entries (spec §4.13), or one step is wrong. */
export async function readLog(played: PlayedCard, step: ReadLogStep): Promise<void> {
  const payee = payeeOf(step.payee);
  if (step.certificate !== null) await presentCertificate(played, step.certificate);
  if (step.challenge !== "none") await getChallenge(played, 0);
  const { challenge, challengeBefore } = played;
  const challenges = { fresh: challenge, before: challengeBefore, none: new Uint8Array(CHALLENGE_BYTES) };
  const reading = { payee, cardTag: played.tag(), challenge: challenges[step.challenge], forge: step.forge };
  await read(played, { age: step.age, data: signedReading(played, reading), channel: "clear" });
  for (let age = 0; age < step.again; age++) await read(played, { age, data: payee, channel: "clear" });
}

function payeeOf(payee: number): Uint8Array {
  return PAYEES[payee] ?? new Uint8Array(20);
}

async function read(
  played: PlayedCard,
  { age, data, channel }: { readonly age: number; readonly data: Uint8Array; readonly channel: Channel },
): Promise<void> {
  await played.send(played.command(0x16, data, age), {
    channel,
    show: (shown) => {
      const own = equalBytes(shown.slice(0, 8), played.tag());
      const message = voucherMessage(played.home, shown.slice(0, 67), shown.slice(67, 111));
      const signed = isSignedBy(played.publicKey, message, shown.slice(143));
      const hashed = equalBytes(sha256(message), shown.slice(111, 143));
      return `${own} ${bytesToHex(shown.slice(8, 143))} signed ${signed} hashed ${hashed}`;
    },
  });
}
