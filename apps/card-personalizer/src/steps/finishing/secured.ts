import {
  exchangeOk,
  ISSUER_SECURITY_DOMAIN_AID,
  readRegistry,
  setStatusCommand,
  type SecureSession,
} from "@tallystick/apdu";
import { Failure } from "../../failures.ts";
import type { StepRunner } from "../step-runner.ts";

const OP_READY = 0x01;
const INITIALIZED = 0x07;
const SECURED = 0x0f;

/**
 * Step "secured" of spec §4.8: moves the card to SECURED (GP Card Specification v2.3.1 §5.1.1), from which there is no way back:
 * nothing is installed on it from then on without its keys. A card that is there already is left so.
 */
export async function secureCard(session: SecureSession, steps: StepRunner): Promise<void> {
  await steps.run("secured", {
    work: async () => {
      const before = await stateOf(session);
      const moves = [INITIALIZED, SECURED].filter((state) => state > before.lifeCycle);
      for (const lifeCycle of moves) {
        const command = setStatusCommand({ scope: "issuerSecurityDomain", lifeCycle, aid: before.aid });
        await exchangeOk(session.transmit, "SET STATUS", command);
      }
      const { lifeCycle } = await stateOf(session);
      if (lifeCycle !== SECURED) throw new Failure("CARD_CONTRADICTS", "Look at: life cycle of the card.");
      return {};
    },
  });
}

async function stateOf(session: SecureSession): Promise<{ aid: Uint8Array; lifeCycle: number }> {
  const [domain] = await readRegistry(session.transmit, "issuerSecurityDomain");
  return { aid: domain?.aid ?? ISSUER_SECURITY_DOMAIN_AID, lifeCycle: domain?.lifeCycle ?? OP_READY };
}
