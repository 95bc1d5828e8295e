import { Inject, Injectable } from "@nestjs/common";
import { type ChainRpc, type ChainSigner, type PlacedLog, RpcError, type TimedBlock } from "@tallystick/evm";
import { fromHex, toHex } from "@tallystick/protocol";
import { followChain, VaultError, type ChainReader, type FinalRange } from "@tallystick/vault";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CHAIN_RPC, CHAIN_SIGNER, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { decodeLog, vaultChain, type PlacedEvent } from "../../chain/vault-chain.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { recordAnomaly } from "../states/anomalies.ts";
import { insertEventRow } from "./event-rows.ts";
import { nameRefunds } from "./name-refunds.ts";
import { openTreasury } from "./open-treasury.ts";
import { recordEvent } from "./record-event.ts";

/**
 * Follows the chain into the database. Events of final blocks are recorded once, posted, and move
 * vouchers; the cursor moves in the same transaction. Events of later blocks are a view that each
 * pass stores anew.
 */
@Injectable()
export class ChainWatcher {
  private readonly chain: ChainReader<TimedBlock, PlacedLog>;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(CHAIN_SIGNER) private readonly signer: ChainSigner,
  ) {
    const { vault, token } = contract;
    this.chain = vaultChain(rpc, { vault, token, treasury: signer.address });
  }

  /** Records all final blocks that are new, then renews the view of the later ones. */
  async pass(): Promise<void> {
    const { db, rpc, contract, signer, postings, config, chain } = this;
    const start = BigInt(Math.max(0, config.startBlock - 1));
    const opened = await openTreasury({ db, rpc, contract, postings, treasury: signer.address }, start, config);
    if (!opened) return;
    try {
      const { latest } = await followChain<PlacedEvent, TimedBlock, PlacedLog>({
        chain,
        startBlock: start + 1n,
        rangeBlocks: BigInt(LIMITS.logRangeBlocks),
        decode: (log) => decodeLog(log, { vault: contract.vault, reader: chain }),
        store: { cursor: () => this.cursor(), takeIn: (range) => this.takeIn(range) },
      });
      await this.renewLatest(latest);
    } catch (error) {
      throw error instanceof VaultError ? await this.explain(error) : error;
    }
  }

  private async cursor(): Promise<{ number: bigint; hash: string } | null> {
    const row = await this.db.selectFrom("chain_cursor").selectAll().executeTakeFirst();
    return row === undefined ? null : { number: row.block_number, hash: toHex(row.block_hash) };
  }

  private async takeIn({ after, last, events }: FinalRange<PlacedEvent, TimedBlock>): Promise<void> {
    if (after === null) throw new Error("The treasury's opening makes the first cursor.");
    await retryingTransaction(this.db, async (trx) => {
      const moved = await trx
        .updateTable("chain_cursor")
        .set({ block_number: last.number, block_hash: fromHex(last.hash, 32), block_time: last.timestamp })
        .where("block_number", "=", after.number)
        .executeTakeFirst();
      // Another process recorded this range meanwhile.
      if (moved.numUpdatedRows !== 1n) return;
      await this.record(trx, events);
    });
  }

  private async record(trx: DatabaseTransaction, events: readonly PlacedEvent[]): Promise<void> {
    const { scale } = this.config.asset;
    const context = {
      ...{ trx, scale, postings: this.postings, treasury: this.signer.address },
      domain: { chainId: BigInt(this.config.chainId), vault: this.contract.vault },
      now: new Date(this.clock.now()),
    };
    for (const placed of nameRefunds(events)) {
      await insertEventRow(trx, placed, { final: true, scale });
      await recordEvent(context, placed);
    }
  }

  private async renewLatest(events: readonly PlacedEvent[]): Promise<void> {
    const { scale } = this.config.asset;
    await retryingTransaction(this.db, async (trx) => {
      await trx.deleteFrom("chain_events").where("final", "=", false).execute();
      for (const placed of nameRefunds(events)) {
        await insertEventRow(trx, placed, { final: false, scale });
        // A withdrawal counts against the card from the first block that shows it (spec §6.3).
        if (placed.event.kind !== "withdrawalRequested") continue;
        await trx
          .updateTable("cards")
          .set({ withdrawal_seen: true })
          .where("card", "=", placed.event.card)
          .where("withdrawal_seen", "=", false)
          .execute();
      }
    });
  }

  /**
   * A final block that has another hash now means that the chain broke finality or that the node is
   * on another chain. Nothing more is posted then; an operator has to find out. All other faults
   * are temporary: the next pass tries again.
   */
  private async explain(error: VaultError): Promise<Error> {
    if (error.code === "BLOCK_UNKNOWN" || error.code === "CHAIN_UNSTEADY" || error.code === "PAYLOAD_MISSING") {
      return new RpcError("UNREACHABLE", error.message);
    }
    if (error.code !== "FINAL_BLOCK_GONE") return error;
    const detail = error.message;
    await recordAnomaly(this.db, { kind: "FINALITY_BROKEN", detail, foundAt: new Date(this.clock.now()) });
    return new FinalityBroken(detail);
  }
}

/** The chain dropped a final block; nothing is posted until an operator has checked. */
export class FinalityBroken extends Error {
  readonly code = "FINALITY_BROKEN";
}
