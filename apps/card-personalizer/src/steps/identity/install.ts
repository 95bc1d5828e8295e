import {
  equalBytes,
  exchange,
  installCommand,
  readRegistry,
  statusError,
  SW_SUCCESS,
  type SecureSession,
} from "@tallystick/apdu";
import { instanceAid, PACKAGE_AID } from "@tallystick/protocol";
import { Failure } from "../../failures.ts";
import type { StepRunner } from "../step-runner.ts";

/** The instance is there already: a torn INSTALL took effect. */
const ALREADY_INSTALLED: readonly number[] = [0x6a89, 0x6a8a];
/** The package is not on the card. */
const NO_PACKAGE: readonly number[] = [0x6a88, 0x6a82];

/** Step "install" of spec §4.8: installs the applet's instance, unless it is there, and finds it in the card's registry. */
export async function installApplet(
  session: SecureSession,
  steps: StepRunner,
  { instance, isInstalled }: { readonly instance: number; readonly isInstalled: boolean },
): Promise<void> {
  await steps.run("install", {
    work: async () => {
      if (!isInstalled) await install(session, instance);
      await readBackInstance(session, instance);
      return { instance };
    },
  });
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
