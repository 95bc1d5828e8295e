import { Inject, Injectable } from "@nestjs/common";
import { type ChainRpc, type PlacedLog, RpcError, type TimedBlock } from "@tallystick/evm";
import { equalBytes, fromHex, toHex } from "@tallystick/protocol";
import { followChain, VaultError, type ChainReader, type FinalRange } from "@tallystick/vault";
import type { IssuerAccount } from "../../books/postings/chart-of-accounts.ts";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CHAIN_RPC, ISSUER_SIGNERS, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { ChainIdentity } from "../../chain/chain-identity.ts";
import { guaranteeAccounts, type GuaranteeAccount } from "../../chain/guarantee-accounts.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import { markStraight } from "../../chain/money/mark-straight.ts";
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
import { openGuarantee } from "./open-guarantee.ts";
import { openTreasury } from "./open-treasury.ts";
import { recordEvent } from "./record-event.ts";

/**
 * Follows the chain into the database. Events of final blocks are recorded once, posted, and move
 * vouchers; the cursor moves in the same transaction. Events of later blocks are a view that each
 * pass stores anew.
 */
@Injectable()
export class ChainWatcher {
  /** The guarantee's accounts whose transfers are followed. */
  private followed: readonly GuaranteeAccount[] = [];
  private chain: ChainReader<TimedBlock, PlacedLog>;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(ISSUER_SIGNERS) private readonly signers: IssuerSigners,
    @Inject(ChainIdentity) private readonly identity: ChainIdentity,
  ) {
    this.chain = this.watch([]);
  }

  /** Records all final blocks that are new, then renews the view of the later ones. */
  async pass(): Promise<void> {
    const { db, rpc, contract, signers, postings, config } = this;
    await this.identity.confirm();
    const start = BigInt(Math.max(0, config.startBlock - 1));
    const treasury = signers.treasury.address;
    if (!(await openTreasury({ db, rpc, contract, postings, treasury }, start, config))) return;
    const accounts = await guaranteeAccounts(db);
    if (accounts.length !== this.followed.length) {
      this.chain = this.watch(accounts);
      this.followed = accounts;
    }
    await this.follow(start);
    if (signers.guarantee !== null) {
      await openGuarantee({ db, contract, postings }, signers.guarantee.address, config);
    }
  }

  private watch(accounts: readonly GuaranteeAccount[]): ChainReader<TimedBlock, PlacedLog> {
    const { vault, token } = this.contract;
    const own = [this.signers.treasury.address, ...accounts.map(({ address }) => address)];
    return vaultChain(this.rpc, { vault, token, accounts: own });
  }

  private async follow(start: bigint): Promise<void> {
    const { chain, contract } = this;
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
      // Another process opened an account whose transfers were not asked for here.
      if ((await guaranteeAccounts(trx)).length !== this.followed.length) throw new AccountsChanged();
      await this.record(trx, events);
    });
  }

  private async record(trx: DatabaseTransaction, events: readonly PlacedEvent[]): Promise<void> {
    const { scale } = this.config.asset;
    const own = (address: Uint8Array): IssuerAccount | null => {
      if (equalBytes(address, this.signers.treasury.address)) return "treasury";
      return this.followed.some((each) => equalBytes(each.address, address)) ? "guarantee" : null;
    };
    const context = {
      ...{ trx, scale, postings: this.postings, own },
      domain: { chainId: BigInt(this.config.chainId), vault: this.contract.vault },
      now: new Date(this.clock.now()),
    };
    for (const placed of this.explained(events)) {
      await insertEventRow(trx, placed, { final: true, scale });
      await recordEvent(context, placed);
    }
  }

  /** Events of whole transactions with what only their neighbours say of them. */
  private explained(events: readonly PlacedEvent[]): readonly PlacedEvent[] {
    return markStraight(nameRefunds(events), { vault: this.contract.vault, scale: this.config.asset.scale });
  }

  private async renewLatest(events: readonly PlacedEvent[]): Promise<void> {
    const { scale } = this.config.asset;
    await retryingTransaction(this.db, async (trx) => {
      await trx.deleteFrom("chain_events").where("final", "=", false).execute();
      for (const placed of this.explained(events)) {
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

/** An account was opened meanwhile: nothing was taken in, and the next pass follows it. */
export class AccountsChanged extends Error {
  readonly code = "ACCOUNTS_CHANGED";
}

/** The chain dropped a final block; nothing is posted until an operator has checked. */
export class FinalityBroken extends Error {
  readonly code = "FINALITY_BROKEN";
}
