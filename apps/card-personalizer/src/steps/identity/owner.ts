import { storeData, storeOwnerCommand } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { expectOk } from "../../card/expect.ts";
import type { CardIdentity } from "../card-identity.ts";
import type { StepRunner } from "../step-runner.ts";

/** Step "identity" of spec §4.8, DGI 7F05: who may withdraw what the card holds. */
export async function writeOwner(
  channel: CardChannel,
  steps: StepRunner,
  { owner }: Pick<CardIdentity, "owner">,
): Promise<void> {
  await steps.run("owner", {
    work: async () => {
      expectOk("STORE DATA owner", await storeData(channel, storeOwnerCommand(owner)));
      return {};
    },
  });
}
