import { storeData, storeIssuerKeyCommand } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { expectOk } from "../../card/expect.ts";
import type { CardIdentity } from "../card-identity.ts";
import type { StepRunner } from "../step-runner.ts";

/** Step "data" of spec §4.8, DGI 7F03: the key by which the card knows its issuer's allowances. */
export async function writeIssuerKey(
  channel: CardChannel,
  steps: StepRunner,
  { issuerKey }: Pick<CardIdentity, "issuerKey">,
): Promise<void> {
  await steps.run("issuer-key", {
    work: async () => {
      const { id, publicKey } = issuerKey;
      const command = storeIssuerKeyCommand({ keyId: id, publicKey });
      expectOk("STORE DATA issuer key", await storeData(channel, command));
      return { issuerKeyId: id };
    },
  });
}
