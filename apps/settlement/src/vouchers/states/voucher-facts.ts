import { toHex } from "@tallystick/protocol";
import { sql, type Selectable } from "kysely";
import type { Database } from "../../foundation/database/database.ts";
import type { VouchersTable } from "../../foundation/database/tables/intake-tables.ts";

export type VoucherRow = Selectable<VouchersTable>;

/** Units of a voucher that went back to its card in a final block. */
export interface FinalShare {
  readonly units: bigint;
  /** The transaction, 32 bytes. */
  readonly hash: Uint8Array;
}

/** What is stored of vouchers, each by its id as hex. */
export interface VoucherFacts {
  readonly vouchers: readonly VoucherRow[];
  /** State and mined transaction of each batch, by the batch's id. */
  readonly batches: ReadonlyMap<string, { readonly state: string; readonly minedHash: Uint8Array | null }>;
  /** Ids of those whose request its terminal reversed. */
  readonly reversed: ReadonlySet<string>;
  readonly shares: ReadonlyMap<string, readonly FinalShare[]>;
  /** The transaction that paid a voucher, compensated it or, where it is released, released it. */
  readonly decidedBy: ReadonlyMap<string, Uint8Array>;
}

/** Reads everything that is shown of these vouchers, in a number of queries that does not grow with them. */
export async function readVoucherFacts(
  db: Database,
  ids: readonly Uint8Array[],
  payee: Uint8Array | null,
): Promise<VoucherFacts> {
  const vouchers = await db
    .selectFrom("vouchers")
    .selectAll()
    .where("id", "in", ids)
    .$if(payee !== null, (query) => query.where("payee", "=", payee))
    .execute();
  const own = vouchers.map(({ id }) => id);
  if (own.length === 0) {
    return { vouchers, batches: new Map(), reversed: new Set(), shares: new Map(), decidedBy: new Map() };
  }
  const [batches, reversed, shares, decidedBy] = await Promise.all([
    batchesOf(db, vouchers),
    reversedOf(db, own),
    finalShares(db, own),
    decidingTransactions(db, own),
  ]);
  return { vouchers, batches, reversed, shares, decidedBy };
}

async function batchesOf(db: Database, vouchers: readonly VoucherRow[]): Promise<VoucherFacts["batches"]> {
  const ids = [...new Set(vouchers.flatMap(({ batch_id: id }) => (id === null ? [] : [id])))];
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("batches")
    .innerJoin("chain_actions", "chain_actions.id", "batches.action_id")
    .select(["batches.id", "chain_actions.state", "chain_actions.mined_hash as minedHash"])
    .where("batches.id", "in", ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

async function reversedOf(db: Database, ids: readonly Uint8Array[]): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("vouchers")
    .innerJoin("cancellations", (join) =>
      join
        .onRef("cancellations.request", "=", "vouchers.request")
        .onRef("cancellations.card_key", "=", "vouchers.card_key"),
    )
    .select("vouchers.id")
    .where("vouchers.id", "in", ids)
    .execute();
  return new Set(rows.map(({ id }) => toHex(id)));
}

/** What of these vouchers went back to their cards in final blocks, by their ids as hex. */
export async function finalShares(db: Database, ids: readonly Uint8Array[]): Promise<VoucherFacts["shares"]> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("refund_shares")
    .innerJoin("refunds", "refunds.place", "refund_shares.place")
    .select(["refund_shares.voucher_id as id", "refund_shares.units", "refunds.transaction_hash as hash"])
    .where("refund_shares.voucher_id", "in", ids)
    .orderBy("refunds.block_number")
    .orderBy("refunds.place")
    .execute();
  const shares = new Map<string, FinalShare[]>();
  for (const { id, units, hash } of rows) {
    const known = shares.get(toHex(id)) ?? [];
    known.push({ units, hash });
    shares.set(toHex(id), known);
  }
  return shares;
}

async function decidingTransactions(db: Database, ids: readonly Uint8Array[]): Promise<VoucherFacts["decidedBy"]> {
  const [released, settled, compensated] = await Promise.all([
    db
      .selectFrom("vouchers")
      .innerJoin("chain_events", (join) =>
        join
          .onRef("chain_events.card", "=", "vouchers.card")
          .onRef("chain_events.payee", "=", "vouchers.payee")
          .on("chain_events.kind", "=", "released")
          .on("chain_events.final", "=", true)
          .on(sql<boolean>`chain_events.detail->>'counter' = vouchers.counter::text`),
      )
      .select(["vouchers.id", "chain_events.transaction_hash as hash"])
      .where("vouchers.id", "in", ids)
      .where("vouchers.state", "=", "released")
      .execute(),
    db
      .selectFrom("settled_items")
      .select(["voucher_id as id", "transaction_hash as hash"])
      .where("voucher_id", "in", ids)
      .execute(),
    db
      .selectFrom("compensations")
      .innerJoin("chain_actions", "chain_actions.id", "compensations.action_id")
      .select(["compensations.voucher_id as id", "chain_actions.mined_hash as hash"])
      .where("compensations.voucher_id", "in", ids)
      .execute(),
  ]);
  const decidedBy = new Map<string, Uint8Array>();
  // What comes later outweighs what came before: a release its voucher's state, a settlement a transfer.
  for (const { id, hash } of [...compensated, ...settled, ...released]) {
    if (hash !== null) decidedBy.set(toHex(id), hash);
  }
  return decidedBy;
}
