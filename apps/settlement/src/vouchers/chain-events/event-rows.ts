import { fromHex, toHex } from "@tallystick/protocol";
import type { ChainEvent, PlacedEvent } from "../../chain/vault-chain.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";

/** An event as a row of chain_events: what queries need in columns, the rest as text. */
export interface EventRow {
  readonly kind: ChainEvent["kind"];
  readonly card: Uint8Array | null;
  readonly payee: Uint8Array | null;
  readonly units: bigint | null;
  readonly detail: Readonly<Record<string, string>>;
}

/**
 * Stores an event. A final one stays final, even where a slower process still sees it in a newest
 * block. False where it was stored as final before: then its effects are in the books already, and
 * whoever reads the chain again must not have them twice.
 */
export async function insertEventRow(
  trx: DatabaseTransaction,
  { event, log, straight }: PlacedEvent,
  { final, scale }: { final: boolean; scale: bigint },
): Promise<boolean> {
  const { kind, card, payee, units, detail: known } = describeEvent(event, scale);
  const detail = straight === undefined ? known : { ...known, straight: straight.toString() };
  const stored = await trx
    .insertInto("chain_events")
    .values({
      block_number: log.blockNumber,
      log_index: log.logIndex,
      block_hash: log.blockHash,
      transaction_hash: fromHex(log.transactionHash, 32),
      final,
      kind,
      card,
      payee,
      units,
      detail: JSON.stringify(detail),
    })
    .onConflict((conflict) =>
      conflict
        .columns(["block_number", "log_index", "block_hash"])
        .doUpdateSet({ final })
        .where("chain_events.final", "=", false),
    )
    .returning("kind")
    .executeTakeFirst();
  return stored !== undefined;
}

export function describeEvent(event: ChainEvent, scale: bigint): EventRow {
  const empty = { kind: event.kind, card: null, payee: null, units: null, detail: {} };
  switch (event.kind) {
    case "opened":
      return { ...empty, card: event.card, detail: { owner: toHex(event.owner) } };
    case "funded":
      return { ...empty, card: event.card, units: event.units, detail: { funder: toHex(event.from) } };
    case "settled":
      return {
        ...empty,
        detail: {
          submitter: toHex(event.submitter),
          payloadHash: toHex(event.payloadHash),
          result: toHex(event.result),
          batchRoot: toHex(event.batchRoot),
          ledgerRoot: toHex(event.ledgerRoot),
        },
      };
    case "withdrawn":
      return { ...empty, payee: event.merchant, units: event.units, detail: { to: toHex(event.to) } };
    case "refunded": {
      const named: Record<string, string> = event.voucherId === null ? {} : { voucherId: toHex(event.voucherId) };
      const detail = { fromEarnings: event.fromEarnings.toString(), ...named };
      return { ...empty, card: event.card, payee: event.merchant, units: event.units, detail };
    }
    case "released": {
      const detail = { counter: String(event.counter) };
      return { ...empty, card: event.card, payee: event.payee, units: event.units, detail };
    }
    case "delegateSet": {
      const detail = { delegate: toHex(event.delegate), unitsPerDay: event.unitsPerDay.toString() };
      return { ...empty, payee: event.payee, detail };
    }
    case "reserveSet":
      return { ...empty, payee: event.payee, detail: { reserve: event.units.toString() } };
    case "returned": {
      const by: Record<string, string> = event.delegate === null ? {} : { delegate: toHex(event.delegate) };
      const detail = { voucherId: toHex(event.voucherId), returned: event.units.toString(), ...by };
      return { ...empty, payee: event.payee, detail };
    }
    case "voided":
      return { ...empty, card: event.card, detail: { counter: String(event.counter) } };
    case "voidRequested": {
      const detail = { counter: String(event.counter), readyAt: event.readyAt.toString() };
      return { ...empty, card: event.card, detail };
    }
    case "withdrawalRequested":
      return { ...empty, card: event.card, units: event.units, detail: { readyAt: event.readyAt.toString() } };
    case "advanced":
      return { ...empty, card: event.card, detail: { base: String(event.base) } };
    case "withdrawalCancelled":
    case "equivocationProved":
      return { ...empty, card: event.card };
    case "cardWithdrawn":
      return { ...empty, card: event.card, units: event.units, detail: { to: toHex(event.owner) } };
    case "transfer":
      return {
        ...empty,
        units: event.baseUnits / scale,
        detail: { from: toHex(event.from), to: toHex(event.to), baseUnits: event.baseUnits.toString() },
      };
  }
}
