import {
  equalBytes,
  exchange,
  formatStatusWord,
  installCommand,
  readRegistry,
  statusError,
  SW_SUCCESS,
  type SecureSession,
} from "@tallystick/apdu";
import { instanceAid, PACKAGE_AID } from "@tallystick/protocol";
import { describeMemory, NO_PACKAGE_SENTENCE } from "../../card/inspect.ts";
import { Failure } from "../../failures.ts";
import { INSTANCE_BYTES } from "../../limits.ts";
import type { StepRunner } from "../step-runner.ts";

/** The instance is there already: a torn INSTALL took effect. */
const ALREADY_INSTALLED: readonly number[] = [0x6a89, 0x6a8a];
/** The package is not on the card. */
const NO_PACKAGE: readonly number[] = [0x6a88, 0x6a82];
const NO_MEMORY = 0x6a84;
/** What chips answer where the applet's constructor failed and its reason was lost. */
const NO_REASON: readonly number[] = [0x6985, 0x6a80, 0x6a81, 0x6f00, 0x6400, 0x6581];
/** What the applet answers at its installation where the chip lacks an engine (spec §4.6). */
const MISSING_ENGINES: ReadonlyMap<number, string> = new Map([
  [0x9f01, "keys of 256-bit elliptic curves whose parameters the applet sets"],
  [0x9f02, "ECDSA with SHA-256"],
  [0x9f03, "SHA-256"],
  [0x9f04, "ECDH (ALG_EC_SVDP_DH_PLAIN)"],
  [0x9f05, "transient keys of AES-128"],
  [0x9f06, "AES in CBC mode without padding"],
  [0x9f07, "secure random numbers"],
  [0x9f08, "enough transient memory"],
]);

/**
 * Step "install" of spec §4.8: installs the applet's instance, unless it could be selected. A success came under the
 * response MAC, and the next channel begins with the instance's SELECT; of one that is said to be there already the
 * card's registry is asked.
 */
export async function installApplet(
  session: SecureSession,
  steps: StepRunner,
  { instance, isInstalled }: { readonly instance: number; readonly isInstalled: boolean },
): Promise<void> {
  await steps.run("install", {
    work: async () => {
      if (!isInstalled) await install(session, instance);
      return { instance };
    },
  });
}

async function install(session: SecureSession, instance: number): Promise<void> {
  const { sw } = await exchange(
    session.transmit,
    installCommand({ packageAid: PACKAGE_AID, moduleAid: instanceAid(1), instanceAid: instanceAid(instance) }),
  );
  if (sw === SW_SUCCESS) return;
  if (ALREADY_INSTALLED.includes(sw)) return await readBackInstance(session, instance);
  if (NO_PACKAGE.includes(sw)) {
    throw new Failure("CARD_NOT_SUITABLE", NO_PACKAGE_SENTENCE);
  }
  const reason = refusedBecause(sw);
  const memory = reason === null || MISSING_ENGINES.has(sw) ? null : await describeMemory(session, INSTANCE_BYTES);
  if (reason !== null) throw new Failure("CARD_NOT_SUITABLE", `${memory ?? reason} Its keys are as they came.`);
  throw statusError("INSTALL", sw);
}

/** Why the chip cannot run the applet; null for another refusal. */
function refusedBecause(sw: number): string | null {
  const engine = MISSING_ENGINES.get(sw);
  if (engine !== undefined) return `The chip lacks ${engine}.`;
  if (sw === NO_MEMORY) return "It has not enough memory left for the applet.";
  if (!NO_REASON.includes(sw)) return null;
  return `It refused to install the applet and gave no reason (${formatStatusWord(sw)}): an engine or memory is missing.`;
}

/** The card's own registry names the instance, under the response MAC. */
async function readBackInstance(session: SecureSession, instance: number): Promise<void> {
  const applications = await readRegistry(session.transmit, "applications");
  if (!applications.some(({ aid }) => equalBytes(aid, instanceAid(instance)))) {
    throw new Failure("CARD_CONTRADICTS", "Its registry does not name the applet that was installed.");
  }
}
