import {
  equalBytes,
  exchange,
  getDataCommand,
  isApduError,
  parseFreeMemory,
  parseKeyInformation,
  readRegistry,
  SW_SUCCESS,
  TAG_EXTENDED_RESOURCES,
  TAG_KEY_INFORMATION,
  type RegistryEntry,
  type SecureSession,
} from "@tallystick/apdu";
import { PACKAGE_AID } from "@tallystick/protocol";
import { Failure } from "../failures.ts";
import { INSTANCE_BYTES } from "../limits.ts";

const KEY_TYPE_AES = 0x88;

/** What is missing, where the applet's package is not on a card. */
export const NO_PACKAGE_SENTENCE = "The applet's package is not on it; load the CAP file first.";

/**
 * Asks a card everything that can say no before anything is written to it: the type of its keys, its package, its memory.
 * What a card does not say is left to INSTALL, which comes before its keys are changed. Throws Failure CARD_NOT_SUITABLE.
 */
export async function inspectCard(session: SecureSession): Promise<void> {
  await inspectKeys(session);
  await inspectPackage(session);
  await inspectMemory(session);
}

async function inspectKeys(session: SecureSession): Promise<void> {
  const { data, sw } = await exchange(session.transmit, getDataCommand(TAG_KEY_INFORMATION));
  if (sw !== SW_SUCCESS) return;
  const types = parseKeyInformation(data)
    .filter(({ version }) => version === session.keyVersion)
    .flatMap(({ components }) => components.map(({ type }) => type));
  if (types.length > 0 && !types.includes(KEY_TYPE_AES))
    throw new Failure("CARD_NOT_SUITABLE", "Its keys are none of AES, and it may not take such keys.");
}

async function inspectPackage(session: SecureSession): Promise<void> {
  const loaded = await loadFilesOf(session);
  if (loaded !== null && !loaded.some(({ aid }) => equalBytes(aid, PACKAGE_AID)))
    throw new Failure("CARD_NOT_SUITABLE", NO_PACKAGE_SENTENCE);
}

/** Null where the card does not show its registry. */
async function loadFilesOf(session: SecureSession): Promise<readonly RegistryEntry[] | null> {
  try {
    return await readRegistry(session.transmit, "loadFilesAndModules");
  } catch (error) {
    if (isApduError(error, "STATUS")) return null;
    throw error;
  }
}

async function inspectMemory(session: SecureSession): Promise<void> {
  const { data, sw } = await exchange(session.transmit, getDataCommand(TAG_EXTENDED_RESOURCES));
  const free = sw === SW_SUCCESS ? parseFreeMemory(data) : null;
  if (free !== null && free < INSTANCE_BYTES)
    throw new Failure("CARD_NOT_SUITABLE", `It has ${free} bytes of memory left; the applet needs ${INSTANCE_BYTES}.`);
}
