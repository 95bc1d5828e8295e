import {
  bytesToHex,
  exchangeOk,
  getDataCommand,
  type ReaderProvider,
  selectDefaultCommand,
  TAG_CARD_PRODUCTION_LIFE_CYCLE,
  withGetResponse,
} from "../index.ts";

/** Who made the chip on the first reader, and when, as the card reports it. */
export async function readChip(provider: ReaderProvider): Promise<string> {
  const [first] = await provider.list();
  if (first === undefined) throw new Error("there is no reader");
  const reader = provider.reader(first.name);
  await reader.waitForCard({ timeoutMs: 10_000 });
  const connection = await reader.connect();
  const card = withGetResponse(connection.transmit);
  await exchangeOk(card, "SELECT", selectDefaultCommand());
  const data = await exchangeOk(card, "GET DATA", getDataCommand(TAG_CARD_PRODUCTION_LIFE_CYCLE));
  await connection.disconnect();
  return bytesToHex(data);
}
