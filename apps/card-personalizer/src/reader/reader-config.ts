import type { Reader, ReaderProvider, ReaderStatus } from "@tallystick/apdu";
import { createPcscProvider } from "@tallystick/apdu/pcsc";
import { createVpcdProvider } from "@tallystick/apdu/vpcd";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import { explainService } from "./service-cause.ts";

/** Name of the reader that a card host in listening mode is. */
export const DIRECT_READER = "direct";

export type ReaderChoice = Pick<Config, "reader" | "pcscSocket" | "vpcd">;

/** The readers of the PC/SC service, or the card host's own socket where the configuration names one. */
export function openReaders({ reader, pcscSocket, vpcd }: ReaderChoice): ReaderProvider {
  if (vpcd !== undefined && vpcd !== null) {
    return createVpcdProvider([{ name: reader ?? DIRECT_READER, host: vpcd.host, port: vpcd.port }]);
  }
  // The PC/SC library reads its socket's path from the environment of the process, once.
  if (pcscSocket !== undefined && pcscSocket !== null) process.env["PCSCLITE_CSOCK_NAME"] = pcscSocket;
  return createPcscProvider();
}

/** The readers that there are. Throws Failure NO_SERVICE by its cause. */
export async function listReaders(readers: ReaderProvider): Promise<readonly ReaderStatus[]> {
  try {
    return await readers.list();
  } catch (error) {
    throw await explainService(error);
  }
}

/**
 * The configured reader, by its name or by a part of it that one reader alone has, whatever its case; without a name the only
 * one there is. Throws Failure READER_UNKNOWN, which names those there are, and NO_SERVICE by its cause.
 */
export async function chooseReader(readers: ReaderProvider, name: string | undefined): Promise<Reader> {
  const found = (await listReaders(readers)).map((reader) => reader.name);
  const part = (name ?? "").toLowerCase();
  const named = found.includes(name ?? "") ? [name ?? ""] : found.filter((each) => each.toLowerCase().includes(part));
  const [only, other] = named;
  if (only !== undefined && other === undefined) return readers.reader(only);
  const shown = (names: readonly string[]): string => names.map((each) => `"${each}"`).join(", ");
  const next = "Name one with --reader or in the configuration; a part of its name will do.";
  const unknown = (message: string, what = next): Failure =>
    new Failure("READER_UNKNOWN", undefined, { message, next: what });
  if (found.length === 0) throw unknown("There is no reader.", "Plug a reader in.");
  if (name === undefined) throw unknown(`There are several readers: ${shown(found)}.`);
  if (only === undefined) throw unknown(`No reader has "${name}" in its name; there are ${shown(found)}.`);
  throw unknown(`Several readers have "${name}" in their names: ${shown(named)}.`);
}
