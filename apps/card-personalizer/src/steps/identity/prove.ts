import { prove } from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import { digestOf, encodeStateProof, fromHex } from "@tallystick/protocol";
import { expectOk } from "../../card/expect.ts";
import { checkCardSignature, type CardIdentity } from "../card-identity.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/**
 * Step "possession" of spec §4.8: the card shows that it holds the key that was read. PROVE goes in clear: any terminal may
 * ask for it (spec §4.2).
 */
export async function provePossession(
  channel: CardChannel,
  steps: StepRunner,
  { domain, challenge: draw }: Pick<CardIdentity, "domain" | "challenge">,
): Promise<void> {
  const cardKey = fromHex(textOf(steps.dataOf("generate-key"), "cardKey"));
  await steps.run("prove", {
    work: async () => {
      const challenge = draw();
      const { signature, ...state } = expectOk("PROVE", await prove(channel, challenge));
      const proof = encodeStateProof({ domain, challenge, ...state });
      checkCardSignature("PROVE", { der: signature, digest: digestOf(proof), cardKey });
      return {};
    },
  });
}
