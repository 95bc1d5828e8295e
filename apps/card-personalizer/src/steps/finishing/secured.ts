import {
  exchange,
  readRegistry,
  setStatusCommand,
  statusError,
  SW_SUCCESS,
  type ApduError,
  type SecureSession,
} from "@tallystick/apdu";
import { Failure } from "../../failures.ts";
import type { StepRunner } from "../step-runner.ts";

const INITIALIZED = 0x07;
const SECURED = 0x0f;

/**
 * Step "secured" of spec §4.8: moves the card to SECURED (GP Card Specification v2.3.1 §5.1.1), from which there is no way back:
 * nothing is installed on it from then on without its keys. A card refuses a state that it has passed; what counts is the
 * one that it shows in the end.
 */
export async function secureCard(
  { session, domainAid }: { readonly session: SecureSession; readonly domainAid: Uint8Array },
  steps: StepRunner,
): Promise<void> {
  await steps.run("secured", {
    work: async () => {
      let refusal: ApduError | null = null;
      for (const lifeCycle of [INITIALIZED, SECURED]) {
        const command = setStatusCommand({ scope: "issuerSecurityDomain", lifeCycle, aid: domainAid });
        const { sw } = await exchange(session.transmit, command);
        refusal = sw === SW_SUCCESS ? null : statusError("SET STATUS", sw);
      }
      const [domain] = await readRegistry(session.transmit, "issuerSecurityDomain");
      if (domain?.lifeCycle === SECURED) return {};
      throw refusal ?? new Failure("CARD_CONTRADICTS", "Look at: life cycle of the card.");
    },
  });
}
