import {
  equalBytes,
  exchange,
  getDataCommand,
  isApduError,
  parseFreeMemory,
  readRegistry,
  SW_SUCCESS,
  TAG_EXTENDED_RESOURCES,
  type RegistryEntry,
  type RegistryScope,
  type SecureSession,
} from "@tallystick/apdu";
import { PACKAGE_AID } from "@tallystick/protocol";

/** What is missing, where the applet's package is not on a card. */
export const NO_PACKAGE_SENTENCE = "The applet's package is not on it; load the CAP file first.";

/**
 * Whether a card says that it lacks the applet's package; asked before anything is written to it. That its keys are AES the
 * channel has shown; what else it lacks INSTALL tells, which comes before its keys are changed. A card that does not show its
 * registry is left to INSTALL too.
 */
export async function lacksPackage(session: SecureSession): Promise<boolean> {
  const loaded = await shownRegistry(session, "loadFilesAndModules");
  return loaded !== null && !loaded.some(({ aid }) => equalBytes(aid, PACKAGE_AID));
}

/** One part of the card's registry; null where the card does not show it. */
export async function shownRegistry(
  session: SecureSession,
  scope: RegistryScope,
): Promise<readonly RegistryEntry[] | null> {
  try {
    return await readRegistry(session.transmit, scope);
  } catch (error) {
    if (isApduError(error, "STATUS")) return null;
    throw error;
  }
}

/** Why memory is too little for so many bytes, in numbers where the card tells them; null where it is enough. */
export async function describeMemory(session: SecureSession, neededBytes: number): Promise<string | null> {
  const { data, sw } = await exchange(session.transmit, getDataCommand(TAG_EXTENDED_RESOURCES));
  const free = sw === SW_SUCCESS ? parseFreeMemory(data) : null;
  if (free === null || free >= neededBytes) return null;
  return `It has ${free} bytes of memory left; ${neededBytes} are needed.`;
}
