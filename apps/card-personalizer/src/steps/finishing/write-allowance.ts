import { updateAllowance } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { fromHex } from "@tallystick/protocol";
import { expectOk } from "../../card/expect.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** The card holds this allowance or a newer one (spec §4.6). */
const NOT_NEWER = 0x9e0a;

/** Step "allowance" of spec §4.8: the card's first one, inside its secure channel; by it the card becomes PERSONALIZED. */
export async function writeAllowance(channel: CardChannel, steps: StepRunner): Promise<void> {
  const data = steps.dataOf("allowance");
  const allowance = { body: fromHex(textOf(data, "body")), signature: fromHex(textOf(data, "signature")) };
  await steps.run("write-allowance", {
    work: async () => {
      const answer = await updateAllowance(channel, allowance);
      // A torn command took effect: read-back compares the very bytes.
      if (!answer.ok && answer.sw === NOT_NEWER) return {};
      expectOk("UPDATE ALLOWANCE", answer);
      return {};
    },
  });
}
