import {
  exchange,
  formatStatusWord,
  installForLoadCommand,
  loadCommands,
  statusError,
  SW_SUCCESS,
  type CommandApdu,
  type SecureSession,
} from "@tallystick/apdu";
import { PACKAGE_AID } from "@tallystick/protocol";
import { describeMemory, lacksPackage, NO_PACKAGE_SENTENCE } from "../../card/inspect.ts";
import type { LoadFile } from "../../card/load-file.ts";
import { Failure } from "../../failures.ts";
import { INSTANCE_BYTES } from "../../limits.ts";
import type { StepRunner } from "../step-runner.ts";

/** The channel is not what the card wants; nothing is known of the package then. */
const NO_RIGHT: readonly number[] = [0x6982, 0x6988];
const NO_MEMORY = 0x6a84;
/** Chips answer so to a file that imports what they lack: a newer GlobalPlatform API, mostly. */
const WRONG_DATA = 0x6a80;

/** Says no before the first byte of a package is sent. Throws Failure CARD_NOT_SUITABLE. */
export async function requireRoom(session: SecureSession, loadFile: LoadFile | null): Promise<LoadFile> {
  if (loadFile === null) throw new Failure("CARD_NOT_SUITABLE", NO_PACKAGE_SENTENCE);
  const memory = await describeMemory(session, loadFile.dataBlock.length + INSTANCE_BYTES);
  if (memory !== null) throw new Failure("CARD_NOT_SUITABLE", memory);
  return loadFile;
}

/**
 * Step "load" of spec §4.8: gives a card the applet's package. A load that was torn leaves nothing behind and is begun anew;
 * the card's registry tells whether it was ended.
 */
export async function loadPackage(
  { session, domainAid }: { readonly session: SecureSession; readonly domainAid: Uint8Array },
  steps: StepRunner,
  { dataBlock, sha256 }: LoadFile,
): Promise<void> {
  await steps.run("load", {
    work: async () => {
      const begin = installForLoadCommand({ packageAid: PACKAGE_AID, securityDomainAid: domainAid });
      await send(session, "INSTALL for load", begin);
      for (const block of loadCommands(dataBlock)) await send(session, `LOAD ${block.p2}`, block);
      if (await lacksPackage(session))
        throw new Failure("CARD_CONTRADICTS", "Its registry does not name the package that was loaded.");
      return { sha256: `0x${sha256}` };
    },
  });
}

async function send(session: SecureSession, name: string, command: CommandApdu): Promise<void> {
  const { sw } = await exchange(session.transmit, command);
  if (sw === SW_SUCCESS) return;
  if (NO_RIGHT.includes(sw)) throw statusError(name, sw);
  throw new Failure("CARD_NOT_SUITABLE", `${reasonOf(sw)} ${name} was answered ${formatStatusWord(sw)}.`);
}

function reasonOf(sw: number): string {
  if (sw === NO_MEMORY) return "It has not enough memory left for the package.";
  if (sw === WRONG_DATA) return "It refused the package, which needs something that the chip lacks, or is damaged.";
  return "It refused the package.";
}
