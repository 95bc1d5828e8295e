import {
  equalBytes,
  exchange,
  exchangeOk,
  installCommand,
  putKeyCommand,
  readRegistry,
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

export interface SecurityDomainOptions {
  readonly keys: CardKeys;
  readonly instance: number;
  /** The reference was tied to this card in an earlier run. */
  readonly isBegun: boolean;
  /** Ties the reference to this card; called once its keys are proved and before anything is written. */
  readonly claim: (cardName: string) => void;
}

/**
 * Replaces default keys by the card's own and installs the applet, inside the security domain. Whatever an earlier run
 * left half done shows in the key version that the card names and in whether the applet can be selected.
 */
export async function prepareSecurityDomain(
  visit: CardVisit,
  steps: StepRunner,
  { keys, instance, isBegun, claim }: SecurityDomainOptions,
): Promise<void> {
  if (steps.isDone("replace-keys") && steps.isDone("install")) return;
  // Which card this is comes first: a card of another reference is told by its name, not by what is on it.
  if (!isBegun) await visit.insideSecurityDomain(async () => undefined);
  const installed = await visit.selectApplet();
  if (installed !== null && !isBegun) await refuseUnknownApplet(visit);
  await visit.insideSecurityDomain(async ({ session, cardName, hasDefaultKeys }) => {
    claim(cardName);
    // A card whose own keys opened this session has them: that is the proof.
    const work = hasDefaultKeys ? () => putOwnKeys(session, keys) : async () => ({ keys: keys.name });
    await steps.run("replace-keys", { work });
  });
  await visit.insideSecurityDomain(async ({ session, hasDefaultKeys }) => {
    if (hasDefaultKeys) throw new Failure("CARD_CONTRADICTS", "The card has its default keys again.");
    await steps.run("install", {
      work: async () => {
        if (installed === null) await install(session, instance);
        await readBackInstance(session, instance);
        return { instance };
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

/** The card's own registry names the instance, under the response MAC. */
async function readBackInstance(session: SecureSession, instance: number): Promise<void> {
  const applications = await readRegistry(session.transmit, "applications");
  if (!applications.some(({ aid }) => equalBytes(aid, instanceAid(instance)))) {
    throw new Failure("CARD_CONTRADICTS", "Its registry does not name the applet that was installed.");
  }
}

/** An applet that this journal did not begin may be a card in somebody's pocket: only a blank one is taken. */
async function refuseUnknownApplet(visit: CardVisit): Promise<void> {
  const progress = expectOk("GET DATA", await getProgress(visit.channel));
  const { domain, issuerKey, keyPair, allowance, state } = progress;
  const isBlank = !domain && !issuerKey && !keyPair && !allowance && state === cardStates.installed;
  if (!isBlank) throw new Failure("CARD_UNKNOWN_STATE");
}
