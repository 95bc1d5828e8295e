import { storeAddressCommand, storeData } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { parseAddress } from "@tallystick/protocol";
import { expectOk } from "../../card/expect.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** Step "identity" of spec §4.8, DGI 7F04: the card cannot derive its own address. */
export async function writeAddress(channel: CardChannel, steps: StepRunner): Promise<void> {
  const address = parseAddress(textOf(steps.dataOf("generate-key"), "card"));
  await steps.run("address", {
    work: async () => {
      expectOk("STORE DATA address", await storeData(channel, storeAddressCommand(address)));
      return {};
    },
  });
}
