import type { PlacedEvent } from "../../chain/vault-chain.ts";

/**
 * A delegate's refund belongs to the voucher that the `Returned` behind it names, whatever calldata
 * brought it (spec §6.2, §7.11). All logs of a block are here, so that neighbours are never apart.
 */
export function nameRefunds(events: readonly PlacedEvent[]): readonly PlacedEvent[] {
  const names = new Map<string, Uint8Array>();
  for (const { event, log } of events) {
    if (event.kind === "returned") names.set(placeName(log, log.logIndex), event.voucherId);
  }
  return events.map((placed) => {
    const { event, log } = placed;
    if (event.kind !== "refunded") return placed;
    const voucherId = names.get(placeName(log, log.logIndex + 1));
    return voucherId === undefined ? placed : { event: { ...event, voucherId }, log };
  });
}

function placeName({ transactionHash }: PlacedEvent["log"], logIndex: number): string {
  return `${transactionHash}:${logIndex}`;
}
