import { storeData, storePinCommand } from "@tallystick/card";
import type { SecureSession } from "@tallystick/apdu";
import { expectOk } from "../../card/expect.ts";
import { Failure } from "../../failures.ts";
import type { PinLetters } from "../../keys/pin-letters.ts";
import type { StepRunner } from "../step-runner.ts";

/** The applet knows no such object: its capability bit 1 is 0 (spec §4.7). */
const KNOWS_NO_PIN = 0x6a88;

/**
 * The PIN of spec §4.9, between "identity" and "opening" of spec §4.8: gives the card its PIN and PUK under the channel's
 * DEK. The letter is durable before, and the same at every attempt.
 */
export async function writePin(
  session: SecureSession,
  steps: StepRunner,
  { letters, reference }: { readonly letters: Pick<PinLetters, "secretsOf">; readonly reference: string },
): Promise<void> {
  await steps.run("pin", {
    work: async () => {
      const secrets = letters.secretsOf(reference);
      try {
        const command = storePinCommand((data) => session.encryptSensitive(data), secrets);
        const stored = await storeData(session.transmit, command);
        if (!stored.ok && stored.sw === KNOWS_NO_PIN)
          throw new Failure(
            "CARD_NOT_SUITABLE",
            "Its applet knows no PIN; leave pinFolder out or load a newer applet.",
          );
        expectOk("STORE DATA PIN", stored);
      } finally {
        secrets.pin.fill(0);
        secrets.puk.fill(0);
      }
      return {};
    },
  });
}
