import { Inject, Injectable } from "@nestjs/common";
import { type ChainRpc, isRpcError, type PlacedLog, RpcError, type TimedBlock } from "@tallystick/evm";
import { equalBytes, fromHex, toHex } from "@tallystick/protocol";
import { followChain, VaultError, type ChainReader, type FinalRange } from "@tallystick/vault";
import type { IssuerAccount } from "../../books/postings/chart-of-accounts.ts";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CHAIN_RPC, ISSUER_SIGNERS, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { type ChainFaultCode, clearChainFaults, noteChainFault } from "../../chain/chain-faults.ts";
import { ChainIdentity } from "../../chain/chain-identity.ts";
import { ownAccounts, type OwnAccount } from "../../chain/accounts/own-accounts.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import { markStraight } from "../../chain/money/mark-straight.ts";
import { decodeLog, vaultChain, type PlacedEvent } from "../../chain/vault-chain.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { count, observe } from "../../foundation/figures/figures.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { missedEvents } from "../rescans/own-events.ts";
import { forgetVaultState } from "../simulation/forget-vault-state.ts";
import { recordAnomaly } from "../states/anomalies.ts";
import { insertEventRow } from "./event-rows.ts";
import { nameRefunds } from "./name-refunds.ts";
import { openAccount } from "./open-account.ts";
import { openTreasury } from "./open-treasury.ts";
import { recordEvent } from "./record-event.ts";

/** What reading the chain once more has found. */
export interface Rescan {
  readonly from: bigint;
  /** The last block that was read: where the books stand. */
  readonly to: bigint;
  /** Events that had not been recorded and are now. */
  readonly found: number;
}

/**
 * Follows the chain into the database. Events of final blocks are recorded once, posted, and move
 * vouchers; the cursor moves in the same transaction. Events of later blocks are a view that each
 * pass stores anew. Where the node contradicts itself, or does not show events that an own
 * transaction's receipt holds, nothing is skipped: the cursor stands, the fault has a name in
 * `chain_faults`, and the node is asked again.
 */
@Injectable()
export class ChainWatcher {
  /** The issuer's accounts whose transfers are followed. */
  private followed: readonly OwnAccount[] = [];
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
    await this.followAccounts();
    await this.follow(start);
    await this.findMissed();
    await clearChainFaults(db);
    const books = { db, contract, postings };
    await openAccount(books, { account: treasury, as: "treasury" }, config);
    if (signers.guarantee !== null) {
      await openAccount(books, { account: signers.guarantee.address, as: "guarantee" }, config);
    }
  }

  private watch(accounts: readonly OwnAccount[]): ChainReader<TimedBlock, PlacedLog> {
    const { vault, token } = this.contract;
    return vaultChain(this.rpc, { vault, token, accounts: accounts.map(({ address }) => address) });
  }

  /**
   * Reads the final blocks from this one up to the cursor once more and records what is missing.
   * What was recorded has no second effect, so that it may be done at any time, also beside a
   * running service. Rejects with RpcError where the node contradicts itself.
   */
  async rescan(from: bigint): Promise<Rescan> {
    await this.identity.confirm();
    const cursor = await this.cursor();
    const first = from < BigInt(this.config.startBlock) ? BigInt(this.config.startBlock) : from;
    if (cursor === null || first > cursor.number) return { from: first, to: cursor?.number ?? first, found: 0 };
    await this.followAccounts();
    let found = 0;
    for (let at = first; at <= cursor.number;) {
      const widest = at + BigInt(LIMITS.logRangeBlocks) - 1n;
      const to = widest < cursor.number ? widest : cursor.number;
      const events = await this.provenEvents(at, to);
      found += await retryingTransaction(this.db, async (trx) => {
        await trx.selectFrom("chain_cursor").select("block_number").forUpdate().execute();
        return await this.record(trx, events);
      });
      at = to + 1n;
    }
    return { from: first, to: cursor.number, found };
  }

  private async provenEvents(from: bigint, to: bigint): Promise<readonly PlacedEvent[]> {
    const { chain, contract } = this;
    const last = await chain.block(to);
    if (last === null) throw new RpcError("UNREACHABLE", `The node does not show block ${to}.`);
    const logs = await (chain.finalLogs?.({ after: null, from, last }) ?? chain.logs(from, to));
    return await Promise.all(logs.map((log) => decodeLog(log, { vault: contract.vault, reader: chain })));
  }

  private async followAccounts(): Promise<void> {
    const accounts = await ownAccounts(this.db);
    if (accounts.length === this.followed.length) return;
    this.chain = this.watch(accounts);
    this.followed = accounts;
  }

  /** Receipts of own transactions say what must have been recorded; what is missing is read again. */
  private async findMissed(): Promise<void> {
    const missed = await missedEvents(this.db, this.rpc, this.contract.vault);
    if (missed === null) return;
    const { block, detail } = missed;
    await this.fault("EVENTS_CONTRADICT", detail);
    await recordAnomaly(this.db, { kind: "EVENTS_MISSED", detail, foundAt: new Date(this.clock.now()) });
    const { found } = await this.proving(() => this.rescan(block));
    throw new EventsContradict(`${detail} ${found} were recorded now, and are compared again.`);
  }

  private async follow(start: bigint): Promise<void> {
    const { chain, contract } = this;
    const { latest } = await this.proving(() =>
      followChain<PlacedEvent, TimedBlock, PlacedLog>({
        chain,
        startBlock: start + 1n,
        rangeBlocks: BigInt(LIMITS.logRangeBlocks),
        decode: (log) => decodeLog(log, { vault: contract.vault, reader: chain }),
        store: { cursor: () => this.cursor(), takeIn: (range) => this.takeIn(range) },
      }),
    );
    await this.renewLatest(latest);
  }

  /** Reads the chain; a node that contradicts itself is a fault by name. */
  private async proving<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof VaultError) throw await this.explain(error);
      if (isRpcError(error, "CONTRADICTION")) await this.fault("EVENTS_CONTRADICT", error.message);
      throw error;
    }
  }

  private fault(code: ChainFaultCode, detail: string): Promise<void> {
    return noteChainFault(this.db, { code, detail, at: new Date(this.clock.now()) });
  }

  private async cursor(): Promise<{ number: bigint; hash: string } | null> {
    const row = await this.db.selectFrom("chain_cursor").selectAll().executeTakeFirst();
    return row === undefined ? null : { number: row.block_number, hash: toHex(row.block_hash) };
  }

  private async takeIn({ after, last, events }: FinalRange<PlacedEvent, TimedBlock>): Promise<void> {
    if (after === null) throw new Error("The treasury's opening makes the first cursor.");
    let paid: Date[] = [];
    await retryingTransaction(this.db, async (trx) => {
      paid = [];
      const moved = await trx
        .updateTable("chain_cursor")
        .set({ block_number: last.number, block_hash: fromHex(last.hash, 32), block_time: last.timestamp })
        .where("block_number", "=", after.number)
        .where("block_hash", "=", fromHex(after.hash, 32))
        .executeTakeFirst();
      // Another process recorded this range meanwhile, or found that the block before it is another.
      if (moved.numUpdatedRows !== 1n) return;
      // Another process opened an account whose transfers were not asked for here.
      if ((await ownAccounts(trx)).length !== this.followed.length) throw new AccountsChanged();
      await this.record(trx, events, paid);
    });
    const now = this.clock.now();
    count("tallystick_stage_vouchers_total", { stage: "final" }, paid.length);
    for (const arrived of paid) observe("tallystick_final_seconds", {}, (now - arrived.getTime()) / 1_000);
  }

  /** Records what was not recorded before, and answers how much that was. */
  private async record(trx: DatabaseTransaction, events: readonly PlacedEvent[], paid: Date[] = []): Promise<number> {
    const { scale } = this.config.asset;
    const shared = {
      ...{ trx, scale, postings: this.postings },
      domain: { chainId: BigInt(this.config.chainId), vault: this.contract.vault },
      now: new Date(this.clock.now()),
      paid,
    };
    const fresh: bigint[] = [];
    for (const placed of this.explained(events)) {
      const { blockNumber } = placed.log;
      const own = (address: Uint8Array): IssuerAccount | null => this.ownAt(address, blockNumber);
      if (isForeign(placed, own) || !(await insertEventRow(trx, placed, { final: true, scale }))) continue;
      await recordEvent({ ...shared, own }, placed);
      fresh.push(blockNumber);
    }
    const [first] = fresh;
    if (first !== undefined) await forgetVaultState(trx, first);
    return fresh.length;
  }

  /** What an account held when it was opened is in the books: so are all transfers before. */
  private ownAt(address: Uint8Array, block: bigint): IssuerAccount | null {
    const known = this.followed.find((each) => equalBytes(each.address, address));
    return known !== undefined && block > known.openedBlock ? known.account : null;
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
   * on another chain. Nothing more is posted then, until the block is there again or an operator has
   * proved the state (`tallystick-settlement finality`). All other faults are temporary: the next
   * pass tries again.
   */
  private async explain(error: VaultError): Promise<Error> {
    if (error.code === "BLOCK_UNKNOWN" || error.code === "CHAIN_UNSTEADY" || error.code === "PAYLOAD_MISSING") {
      return new RpcError("UNREACHABLE", error.message);
    }
    if (error.code !== "FINAL_BLOCK_GONE") return error;
    const detail = error.message;
    await this.fault("FINALITY_BROKEN", detail);
    await recordAnomaly(this.db, { kind: "FINALITY_BROKEN", detail, foundAt: new Date(this.clock.now()) });
    return new FinalityBroken(detail);
  }
}

/** A transfer that concerned no own account in its block: it only comes when blocks are read again. */
function isForeign({ event }: PlacedEvent, own: (address: Uint8Array) => IssuerAccount | null): boolean {
  return event.kind === "transfer" && own(event.from) === null && own(event.to) === null;
}

/** Events of an own transaction were missing; the next pass compares again. */
export class EventsContradict extends Error {
  readonly code = "EVENTS_CONTRADICT";
}

/** An account was opened meanwhile: nothing was taken in, and the next pass follows it. */
export class AccountsChanged extends Error {
  readonly code = "ACCOUNTS_CHANGED";
}

/** The chain dropped a final block; nothing is posted until an operator has checked. */
export class FinalityBroken extends Error {
  readonly code = "FINALITY_BROKEN";
}
