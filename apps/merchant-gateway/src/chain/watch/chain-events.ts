import { toHex } from "@tallystick/protocol";
import { type VaultEvent, vaultTopics } from "@tallystick/vault";
import type { ChainEventStore } from "../../journal/chain/chain-event-store.ts";

/** Topics of the vault's events that say what owners ask back, and what stays with a card (spec §7.5, §7.9). */
export const watchedTopics: readonly Uint8Array[] = vaultTopics([
  "WithdrawalRequested",
  "WithdrawalCancelled",
  "CardWithdrawn",
  "VoidRequested",
  "Voided",
  "Released",
]);

/** Takes a final event in, in the transaction that moves the cursor over it. */
export function keepEvent(store: ChainEventStore, domainBytes: Uint8Array, event: VaultEvent): void {
  switch (event.kind) {
    case "withdrawalRequested":
      store.withdrawal(domainBytes, event.card, { units: event.units, readyAt: Number(event.readyAt) });
      return;
    case "withdrawalCancelled":
    case "cardWithdrawn":
      store.withdrawal(domainBytes, event.card, null);
      return;
    case "voidRequested":
      store.voidRequested(domainBytes, { card: event.card, counter: event.counter, readyAt: Number(event.readyAt) });
      return;
    case "released":
      store.released(domainBytes, event.card, event.units);
      return;
    case "voided":
      store.voided(domainBytes, event.card, event.counter);
      return;
    default:
  }
}

/** A request for units, by the card's address in hexadecimal. */
export type Withdrawals = ReadonlyMap<
  string,
  { readonly card: Uint8Array; readonly units: bigint; readonly readyAt: number }
>;

/**
 * The requests that count: final ones, and those in newer blocks. What ends a request counts only when it is final, so that a
 * reorganisation can make the terminal too careful for a while, never too trusting (spec §6.3).
 */
export function countedWithdrawals(
  store: ChainEventStore,
  domainBytes: Uint8Array,
  latest: readonly VaultEvent[],
): Withdrawals {
  const counted = new Map<string, { card: Uint8Array; units: bigint; readyAt: number }>();
  for (const request of store.withdrawals(domainBytes)) counted.set(toHex(request.card), request);
  for (const event of latest) {
    if (event.kind !== "withdrawalRequested") continue;
    const { card, units } = event;
    const known = counted.get(toHex(card));
    const readyAt = Math.max(Number(event.readyAt), known?.readyAt ?? 0);
    counted.set(toHex(card), {
      card,
      units: known !== undefined && known.units > units ? known.units : units,
      readyAt,
    });
  }
  return counted;
}
