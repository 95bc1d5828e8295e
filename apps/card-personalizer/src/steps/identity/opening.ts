import { open } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { digestOf, encodeOpening, fromHex, toHex } from "@tallystick/protocol";
import { expectOk } from "../../card/expect.ts";
import { checkCardSignature, type CardIdentity } from "../card-identity.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** Step "opening" of spec §4.8: the card's signature that this owner may open it in this vault. */
export async function signOpening(
  channel: CardChannel,
  steps: StepRunner,
  { domain, owner }: Pick<CardIdentity, "domain" | "owner">,
): Promise<void> {
  const cardKey = fromHex(textOf(steps.dataOf("generate-key"), "cardKey"));
  await steps.run("opening", {
    work: async () => {
      const der = expectOk("OPEN", await open(channel));
      const digest = digestOf(encodeOpening({ domain, owner }));
      return { openingSignature: toHex(checkCardSignature("OPEN", { der, digest, cardKey })) };
    },
  });
}
