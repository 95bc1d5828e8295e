import { toHex } from "@tallystick/protocol";
import type { VaultEvent } from "./vault-contract.ts";

/** An event as a row of chain_events: what is asked for in columns, the rest as text. */
export interface EventRow {
  readonly kind: VaultEvent["kind"];
  readonly card: Uint8Array | null;
  readonly payee: Uint8Array | null;
  readonly units: bigint | null;
  readonly detail: Readonly<Record<string, string>>;
}

export function describeEvent(event: VaultEvent, scale: bigint): EventRow {
  const empty = { kind: event.kind, card: null, payee: null, units: null, detail: {} };
  switch (event.kind) {
    case "opened":
      return { ...empty, card: event.card, detail: { owner: toHex(event.owner) } };
    case "funded":
      return { ...empty, card: event.card, units: event.units, detail: { funder: toHex(event.funder) } };
    case "settled":
      return {
        ...empty,
        detail: {
          submitter: toHex(event.submitter),
          payloadHash: toHex(event.payloadHash),
          result: toHex(event.result),
        },
      };
    case "withdrawn":
      return { ...empty, payee: event.payee, units: event.units, detail: { to: toHex(event.to) } };
    case "refunded":
      return {
        ...empty,
        card: event.card,
        payee: event.payee,
        units: event.units,
        detail: { fromEarnings: event.fromEarnings.toString() },
      };
    case "released":
      return {
        ...empty,
        card: event.card,
        payee: event.payee,
        units: event.units,
        detail: { counter: event.counter.toString() },
      };
    case "voided":
      return { ...empty, card: event.card, detail: { counter: event.counter.toString() } };
    case "withdrawalRequested":
      return { ...empty, card: event.card, units: event.units, detail: { readyAt: event.readyAt.toString() } };
    case "withdrawalCancelled":
    case "equivocation":
      return { ...empty, card: event.card };
    case "cardWithdrawn":
      return { ...empty, card: event.card, units: event.units, detail: { to: toHex(event.to) } };
    case "transfer":
      return {
        ...empty,
        units: event.baseUnits / scale,
        detail: { from: toHex(event.from), to: toHex(event.to), baseUnits: event.baseUnits.toString() },
      };
  }
}
