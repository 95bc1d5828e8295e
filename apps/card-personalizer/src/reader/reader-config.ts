import type { Reader, ReaderProvider } from "@tallystick/apdu";
import { createPcscProvider } from "@tallystick/apdu/pcsc";
import { createVpcdProvider } from "@tallystick/apdu/vpcd";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";

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

/** The configured reader; without a name the only one there is. Throws Failure READER_UNKNOWN. */
export async function chooseReader(readers: ReaderProvider, name: string | undefined): Promise<Reader> {
  if (name !== undefined) return readers.reader(name);
  const found = await readers.list();
  const [only, other] = found;
  if (only !== undefined && other === undefined) return readers.reader(only.name);
  const names = found.map((each) => `"${each.name}"`).join(", ");
  throw new Failure("READER_UNKNOWN", undefined, {
    message: only === undefined ? "There is no reader." : `There are several readers: ${names}.`,
    next: only === undefined ? "Plug a reader in." : "Name one with --reader or in the configuration.",
  });
}
