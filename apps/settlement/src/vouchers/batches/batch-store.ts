import { randomUUID } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { leafHash, treeHead } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import { advanceCall, buildBatchPayload, settleCall } from "@tallystick/vault";
import { sql } from "kysely";
import { sealWithAuditHead } from "../../books/audit-log/book-audit-head.ts";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { batchItem, itemAt, parityOf, type VoucherRow } from "./batch-item.ts";

/** A batch to be stored. */
export interface WantedBatch {
  readonly vouchers: readonly VoucherRow[];
  /** Calls that must be mined before it, made for vouchers by their place. */
  readonly advances?: readonly {
    readonly voucher: VoucherRow;
    readonly words: number;
    readonly after: number | null;
  }[];
  /** null where it was not simulated. */
  readonly gasEstimate?: bigint | null;
}

/**
 * Stores batches: payload, chain action and the states of the vouchers together, in the caller's
 * transaction. Each carries the ledger's root at this moment, whose last entry is the audit log's
 * head.
 */
@Injectable()
export class BatchStore {
  constructor(
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async store(trx: DatabaseTransaction, { vouchers, advances = [], gasEstimate = null }: WantedBatch): Promise<string> {
    const id = randomUUID();
    const books = await sealWithAuditHead(trx, id, this.clock.now());
    const { payload, ordered, batchRoot } = buildPayload(vouchers, books.root);
    const actionId = await this.actions.plan(trx, {
      key: `settle:${id}`,
      kind: "settle",
      target: this.contract.vault,
      data: settleCall(payload),
      after: await this.planAdvances(trx, id, advances),
    });
    await trx
      .insertInto("batches")
      .values({
        ...{ id, state: "open", action_id: actionId },
        ...{ payload, payload_hash: keccak_256(payload), batch_root: batchRoot },
        ledger_root: books.root,
        ledger_size: BigInt(books.size),
        voucher_count: ordered.length,
        gas_estimate: gasEstimate,
        ...{ result: null, paid: null, skipped: null, transaction_hash: null, block_number: null },
        created_at: new Date(this.clock.now()),
      })
      .execute();
    await markBatched(trx, id, ordered);
    return id;
  }

  /**
   * Plans the calls that record unpaid counters, so that the vault does not skip a voucher far
   * ahead of them (spec §7.7).
   */
  private async planAdvances(
    trx: DatabaseTransaction,
    batch: string,
    advances: NonNullable<WantedBatch["advances"]>,
  ): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const { voucher, words, after } of advances) {
      const { id, message, signature } = voucher;
      const data = advanceCall({ message, signature, parity: parityOf(voucher) }, words);
      const planned = await this.actions.plan(trx, {
        key: `advance:${batch}:${toHex(id)}`,
        kind: "advance",
        target: this.contract.vault,
        data,
        after: after === null ? [] : [itemAt(ids, after)],
      });
      ids.push(planned);
    }
    return ids;
  }
}

/** A payload orders its vouchers by itself; its batch root is over their ids in that order. */
function buildPayload(vouchers: readonly VoucherRow[], ledgerRoot: Uint8Array) {
  const unordered = { batchRoot: new Uint8Array(32), ledgerRoot, vouchers: vouchers.map(batchItem) };
  const ordered = buildBatchPayload(unordered).order.map((place) => itemAt(vouchers, place));
  const batchRoot = treeHead(ordered.map(({ id }) => leafHash(id)));
  const { payload } = buildBatchPayload({ batchRoot, ledgerRoot, vouchers: ordered.map(batchItem) });
  return { payload, ordered, batchRoot };
}

async function markBatched(trx: DatabaseTransaction, batch: string, ordered: readonly VoucherRow[]): Promise<void> {
  const ids = ordered.map(({ id }) => id);
  const places = ordered.map((_, place) => place);
  await sql`
    update vouchers
    set state = 'batched', batch_id = ${batch}, batch_position = placed.position, waits_for = null, insisted = false
    from unnest(${ids}::bytea[], ${places}::int[]) as placed (id, position)
    where vouchers.id = placed.id and vouchers.state = 'received'`.execute(trx);
}
