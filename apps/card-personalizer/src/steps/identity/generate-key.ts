import { generateKey, getDataObject, getProgress } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { addressOfKey, compressKey, toHex } from "@tallystick/protocol";
import { expectOk } from "../../card/expect.ts";
import type { StepRunner } from "../step-runner.ts";

/** Step "key" of spec §4.8: makes the key pair once; after a torn command the card says how far it is. */
export async function makeKey(channel: CardChannel, steps: StepRunner): Promise<void> {
  await steps.run("generate-key", {
    work: async () => {
      const { keyPair } = expectOk("GET DATA progress", await getProgress(channel));
      if (!keyPair) expectOk("GENERATE KEY", await generateKey(channel));
      // Read under the channel's response MAC: nobody between card and program can have put another key here.
      const publicKey = expectOk("GET DATA public key", await getDataObject(channel, "publicKey"));
      return { cardKey: toHex(compressKey(publicKey)), card: toHex(addressOfKey(publicKey)) };
    },
  });
}
