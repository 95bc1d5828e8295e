import { join } from "node:path";
import { createPcscProvider } from "@tallystick/apdu/pcsc";
import { exchangeOk, selectDefaultCommand } from "@tallystick/apdu";
import { makeWorkFolder, startCardhost, startPcscd } from "@tallystick/stack";
import { benchExchanges } from "./apdu-exchange.ts";
import { benchScp03 } from "./apdu-scp03.ts";
import { prepareApplet } from "../bench-card.ts";
import type { Row } from "../row.ts";
import { CARD_WAIT_MS } from "../limits.ts";

/** `bench apdu`: what packages/apdu adds to an exchange over PC/SC, and how fast it secures commands. */
export async function benchApdu(emit: (row: Row) => void): Promise<void> {
  const pcscd = await startPcscd({ readers: 1 });
  const [slot] = pcscd.readers;
  if (slot === undefined) throw new Error("pcscd has no reader");
  const folder = makeWorkFolder("bench-apdu");
  const card = await startCardhost({ port: slot.port, state: join(folder.path, "card") });
  process.env["PCSCLITE_CSOCK_NAME"] = pcscd.socket;
  const provider = createPcscProvider();
  const reader = provider.reader(slot.name);
  await reader.waitForCard({ timeoutMs: CARD_WAIT_MS });
  const connection = await reader.connect({ share: "shared" });
  await exchangeOk(connection.transmit, "SELECT", selectDefaultCommand());
  await benchScp03(connection.transmit, emit);
  await prepareApplet(connection.transmit);
  await benchExchanges({ pcscd, reader: slot, channel: connection.transmit }, emit);
  await connection.disconnect();
  await provider.close();
  await card.stop();
  await pcscd.stop();
  folder.remove();
}
