import { getDataObject, storeData, storePinCommand } from "@tallystick/card";
import type { SecureSession } from "@tallystick/apdu";
import { toHex } from "@tallystick/protocol";
import { expectOk } from "../../card/expect.ts";
import { Failure } from "../../failures.ts";
import type { PinLetters } from "../../keys/pin-letters.ts";
import type { StepRunner } from "../step-runner.ts";

/** Capability bit 1 of DF01: the applet knows a PIN (spec §4.7). */
const CAPABILITY_PIN = 0x02;

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
      const version = expectOk("GET DATA version", await getDataObject(session.transmit, "version"));
      if (((version.at(-1) ?? 0) & CAPABILITY_PIN) === 0) {
        throw new Failure("CARD_NOT_SUITABLE", "Its applet knows no PIN; leave pinFolder out or load a newer applet.");
      }
      const secrets = letters.secretsOf(reference);
      try {
        const command = storePinCommand((data) => session.encryptSensitive(data), secrets);
        expectOk("STORE DATA PIN", await storeData(session.transmit, command));
      } finally {
        secrets.pin.fill(0);
        secrets.puk.fill(0);
      }
      return { applet: toHex(version) };
    },
  });
}
