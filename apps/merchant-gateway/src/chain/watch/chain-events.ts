import type { PlacedLog, WatchedLogs } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { type VaultEvent, vaultTopics } from "@tallystick/vault";
import type { ChainEventStore } from "../../journal/chain/chain-event-store.ts";
import type { PayeeEventStore } from "../../journal/merchant/payee-event-store.ts";
import type { ServedDomain } from "../../config/gateway-config.ts";

/**
 * Topics of the vault's events that say what owners ask back, and what stays with a card (spec
 * §7.5, §7.9).
 */
export const watchedTopics: readonly Uint8Array[] = vaultTopics([
  "WithdrawalRequested",
  "WithdrawalCancelled",
  "CardWithdrawn",
  "VoidRequested",
  "Voided",
  "Released",
]);

/** Topics of the events that say where a payee's earnings went (spec §7.9). */
const payeeTopics: readonly Uint8Array[] = vaultTopics(["Withdrawn", "Refunded"]);

/** An event with its place on the chain. */
export type PlacedEvent = VaultEvent & { readonly place: PlacedLog };

/** What a terminal reads of a vault: what owners ask back from everybody, and its own payee's earnings. */
export function watchedLogs({ domain: { vault } }: Pick<ServedDomain, "domain">, payee: Uint8Array): WatchedLogs[] {
  // An address among topics has 32 bytes.
  const topic = Uint8Array.of(...new Uint8Array(12), ...payee);
  return [
    { address: vault, topics: [watchedTopics] },
    { address: vault, topics: [payeeTopics, topic] },
  ];
}

/** Where events are kept. */
export interface EventStores {
  readonly chainEvents: ChainEventStore;
  readonly payeeEvents: PayeeEventStore;
}

/** Takes a final event in, in the transaction that moves the cursor over it. */
export function keepEvent(
  { chainEvents: store, payeeEvents }: EventStores,
  domainBytes: Uint8Array,
  event: PlacedEvent,
): void {
  const { blockNumber: block, logIndex, transactionHash: tx } = event.place;
  switch (event.kind) {
    case "withdrawn":
      payeeEvents.keep(domainBytes, { kind: "payout", block, logIndex, tx, units: event.units });
      return;
    case "refunded":
      payeeEvents.keep(domainBytes, { kind: "refund", block, logIndex, tx, units: event.fromEarnings });
      return;
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
 * The requests that count: final ones, and those in newer blocks. What ends a request counts only
 * when it is final, so that a reorganisation can make the terminal too careful for a while, never
 * too trusting (spec §6.3).
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
