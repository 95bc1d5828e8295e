import { equalBytes, toHex } from "@tallystick/protocol";
import type { ChainEvent, PlacedEvent } from "../vault-chain.ts";

/** What base units are counted by. */
export interface VaultOfTokens {
  readonly vault: Uint8Array;
  /** Base units in one unit. */
  readonly scale: bigint;
}

/**
 * Marks transfers between an account and the vault with the base units that no event of the vault in
 * their transaction explains: tokens that were sent to it straight, to no card and for nobody. All
 * logs of a block are here, so that a transaction is never apart.
 */
export function markStraight(events: readonly PlacedEvent[], { vault, scale }: VaultOfTokens): readonly PlacedEvent[] {
  const explained = new Map<string, bigint>();
  for (const { event, log } of events) {
    const moved = movedByVault(event);
    if (moved === null) continue;
    const name = `${log.transactionHash} ${moved.way} ${toHex(moved.account)}`;
    explained.set(name, (explained.get(name) ?? 0n) + moved.units * scale);
  }
  return events.map((placed) => {
    const { event, log } = placed;
    if (event.kind !== "transfer") return placed;
    const [into, out] = [equalBytes(event.to, vault), equalBytes(event.from, vault)];
    if (into === out) return placed;
    const name = `${log.transactionHash} ${into ? "in" : "out"} ${toHex(into ? event.from : event.to)}`;
    const known = explained.get(name) ?? 0n;
    const covered = known < event.baseUnits ? known : event.baseUnits;
    explained.set(name, known - covered);
    return { ...placed, straight: event.baseUnits - covered };
  });
}

/** The tokens that an event of the vault moved into it or out of it. */
function movedByVault(
  event: ChainEvent,
): { readonly way: "in" | "out"; readonly account: Uint8Array; readonly units: bigint } | null {
  switch (event.kind) {
    case "funded":
      return { way: "in", account: event.from, units: event.units };
    case "refunded":
      return { way: "in", account: event.merchant, units: event.units - event.fromEarnings };
    case "withdrawn":
      return { way: "out", account: event.to, units: event.units };
    case "cardWithdrawn":
      return { way: "out", account: event.owner, units: event.units };
    default:
      return null;
  }
}
