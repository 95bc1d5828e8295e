import { storeData, storeDomainCommand } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { expectOk } from "../../card/expect.ts";
import type { CardIdentity } from "../card-identity.ts";
import type { StepRunner } from "../step-runner.ts";

/**
 * Step "data" of spec §4.8, DGI 7F02: the card's vault and chain. Written twice with the same value it answers 9000, so it
 * is simply written again.
 */
export async function writeDomain(
  channel: CardChannel,
  steps: StepRunner,
  { domain }: Pick<CardIdentity, "domain">,
): Promise<void> {
  await steps.run("domain", {
    work: async () => {
      expectOk("STORE DATA domain", await storeData(channel, storeDomainCommand(domain)));
      return {};
    },
  });
}
