import { generateKey, getDataObject } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { addressOfKey, compressKey, toHex } from "@tallystick/protocol";
import { expectOk } from "../../card/expect.ts";
import { cardRefused } from "../../failures.ts";
import type { StepRunner } from "../step-runner.ts";

/** The card has a key pair: a torn command made it (spec §4.6). */
const HAS_KEY_PAIR = 0x6985;

/**
 * Step "key" of spec §4.8: makes the key pair once; a card that has one shows it. Either way the key comes under the
 * channel's response MAC: nobody between card and program can have put another one in its place.
 */
export async function makeKey(channel: CardChannel, steps: StepRunner): Promise<void> {
  await steps.run("generate-key", {
    work: async () => {
      const publicKey = await makeOrRead(channel);
      return { cardKey: toHex(compressKey(publicKey)), card: toHex(addressOfKey(publicKey)) };
    },
  });
}

async function makeOrRead(channel: CardChannel): Promise<Uint8Array> {
  const made = await generateKey(channel);
  if (made.ok) return made.value;
  if (made.sw !== HAS_KEY_PAIR) throw cardRefused("GENERATE KEY", made.message);
  return expectOk("GET DATA public key", await getDataObject(channel, "publicKey"));
}
