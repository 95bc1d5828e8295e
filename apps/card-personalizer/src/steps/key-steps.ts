import {
  exchange,
  exchangeOk,
  installCommand,
  putKeyCommand,
  statusError,
  SW_SUCCESS,
  verifyPutKeyAnswer,
  type SecureSession,
} from "@tallystick/apdu";
import { getProgress } from "@tallystick/card";
import { cardStates, instanceAid, PACKAGE_AID } from "@tallystick/protocol";
import type { CardVisit } from "../card/card-visit.ts";
import { expectOk } from "../card/expect.ts";
import { Failure } from "../failures.ts";
import { DEFAULT_KEY_VERSION, type CardKeys } from "../keys/card-keys.ts";
import type { StepRunner } from "./step-runner.ts";

/** The instance is there already: a torn INSTALL took effect. */
const ALREADY_INSTALLED: readonly number[] = [0x6a89, 0x6a8a];
/** The package is not on the card. */
const NO_PACKAGE: readonly number[] = [0x6a88, 0x6a82];

/**
 * Replaces default keys by the card's own and installs the applet, inside the security domain. Whatever an earlier run
 * left half done shows in the key version that the card names and in whether the applet can be selected.
 */
export async function prepareSecurityDomain(
  visit: CardVisit,
  steps: StepRunner,
  options: { readonly keys: CardKeys; readonly instance: number },
): Promise<void> {
  if (steps.isDone("replace-keys") && steps.isDone("install")) return;
  const hadDefaultKeys = await visit.insideSecurityDomain(async ({ session, hasDefaultKeys }) => {
    if (hasDefaultKeys) {
      await steps.run("replace-keys", { work: () => putOwnKeys(session, options.keys) });
    } else {
      // The card's own keys opened this session: that is the proof that they are on it.
      await steps.run("replace-keys", { work: async () => ({ keys: options.keys.name }) });
    }
    return hasDefaultKeys;
  });
  const installed = await visit.selectApplet();
  if (installed !== null && !hadDefaultKeys && !steps.isDone("install")) await refuseUnknownApplet(visit, steps);
  await visit.insideSecurityDomain(async ({ session, hasDefaultKeys }) => {
    if (hasDefaultKeys) throw new Failure("CARD_CONTRADICTS", "The card has its default keys again.");
    await steps.run("install", {
      work: async () => {
        if (installed === null) await install(session, options.instance);
        return { instance: options.instance };
      },
    });
  });
}

async function putOwnKeys(session: SecureSession, keys: CardKeys): Promise<{ keys: string }> {
  const own = await keys.derive(session.diversificationData);
  try {
    const command = putKeyCommand(session, { keys: own, replacesVersion: replacedVersion(session) });
    verifyPutKeyAnswer(await exchangeOk(session.transmit, "PUT KEY", command), own);
  } finally {
    own.destroy();
  }
  return { keys: keys.name };
}

/** Initial keys of version FF are replaced by adding the first set (GP Card Specification v2.3.1 §11.8.2.3). */
function replacedVersion({ keyVersion }: SecureSession): number {
  return keyVersion === DEFAULT_KEY_VERSION ? 0 : keyVersion;
}

async function install(session: SecureSession, instance: number): Promise<void> {
  const { sw } = await exchange(
    session.transmit,
    installCommand({ packageAid: PACKAGE_AID, moduleAid: instanceAid(1), instanceAid: instanceAid(instance) }),
  );
  if (sw === SW_SUCCESS || ALREADY_INSTALLED.includes(sw)) return;
  if (NO_PACKAGE.includes(sw)) {
    throw new Failure("CARD_NOT_SUITABLE", "The applet's package is not on it; load the CAP file first.");
  }
  throw statusError("INSTALL", sw);
}

/** An applet that this journal did not begin may be a card in somebody's pocket: only a blank one is taken. */
async function refuseUnknownApplet(visit: CardVisit, steps: StepRunner): Promise<void> {
  if (steps.isDone("install")) return;
  const progress = expectOk("GET DATA", await getProgress(visit.channel));
  const { domain, issuerKey, keyPair, allowance, state } = progress;
  const isBlank = !domain && !issuerKey && !keyPair && !allowance && state === cardStates.installed;
  if (!isBlank) throw new Failure("CARD_UNKNOWN_STATE");
}
