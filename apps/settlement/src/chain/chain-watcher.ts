import { Inject, Injectable, Logger } from "@nestjs/common";
import { equalBytes, toHex } from "@tallystick/protocol";
import { CLOCK, type Clock } from "../clock.ts";
import { CONFIG, type Config } from "../config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../database/database.ts";
import { retryingTransaction } from "../database/retrying-transaction.ts";
import { LIMITS } from "../limits.ts";
import { POSTINGS, type Postings } from "../postings/postings.ts";
import { CHAIN_RPC, RpcError, type ChainBlock, type ChainRpc } from "./chain-rpc.ts";
import { CHAIN_SIGNER, type ChainSigner } from "./chain-signer.ts";
import { describeEvent } from "./event-rows.ts";
import { FactRecorder, type SettledPayload } from "./fact-recorder.ts";
import { VAULT_CONTRACT, type PlacedEvent, type VaultContract } from "./vault-contract.ts";

interface Cursor {
  readonly block_number: bigint;
  readonly block_hash: Uint8Array;
}

/**
 * Reads the vault's and the treasury's events. What stands in a final block is recorded once, posted, and moves
 * vouchers; the cursor moves in the same transaction. What stands in later blocks is a view that each pass makes anew,
 * so that a reorganisation needs no undoing.
 */
@Injectable()
export class ChainWatcher {
  private readonly log = new Logger(ChainWatcher.name);

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(CHAIN_SIGNER) private readonly signer: ChainSigner,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Records all final blocks that are new, then renews the view of the later ones. */
  async pass(): Promise<void> {
    const finalized = await this.rpc.block("finalized");
    if (finalized === null) throw new RpcError("UNREACHABLE", "The node has no finalized block.");
    for (;;) {
      const cursor = await this.cursor(finalized);
      if (cursor === null || cursor.block_number >= finalized.number) break;
      await this.assertStillFinal(cursor);
      await this.advance(cursor, finalized);
    }
    await this.renewLatest(finalized);
  }

  /**
   * A final block that has another hash now means that the chain broke its word or that the node is on another chain.
   * Nothing more is posted then; an operator has to find out.
   */
  private async assertStillFinal(cursor: Cursor): Promise<void> {
    const block = await this.rpc.block(cursor.block_number);
    if (block === null) throw new RpcError("UNREACHABLE", `The node does not know block ${cursor.block_number}.`);
    if (equalBytes(block.hash, cursor.block_hash)) return;
    const detail = `Final block ${cursor.block_number} was ${toHex(cursor.block_hash)} and is ${toHex(block.hash)} now.`;
    await this.db
      .insertInto("anomalies")
      .values({
        kind: "FINALITY_BROKEN",
        payee: null,
        terminal_id: null,
        upload: null,
        card: null,
        detail,
        found_at: new Date(this.clock.now()),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    throw new FinalityBroken(detail);
  }

  /** The first pass starts before the vault's deployment block, with what the treasury held then. */
  private async cursor(finalized: ChainBlock): Promise<Cursor | null> {
    const known = await this.db.selectFrom("chain_cursor").selectAll().executeTakeFirst();
    if (known !== undefined) return known;
    const start = BigInt(Math.max(0, this.config.startBlock - 1));
    if (finalized.number < start) return null;
    const block = await this.rpc.block(start);
    if (block === null) return null;
    const opening = await this.openingUnits(start);
    await this.db.transaction().execute(async (trx) => {
      const inserted = await trx
        .insertInto("chain_cursor")
        .values({ block_number: start, block_hash: block.hash, block_time: block.timestamp })
        .onConflict((conflict) => conflict.column("singleton").doNothing())
        .returning("block_number")
        .executeTakeFirst();
      if (inserted === undefined || opening === 0n) return;
      const place = `opening:${start}`;
      await this.postings.moved(trx, place, { kind: "minted", units: opening });
      await trx
        .insertInto("chain_events")
        .values({
          block_number: start,
          log_index: -1,
          block_hash: block.hash,
          transaction_hash: new Uint8Array(32),
          final: true,
          kind: "opening",
          card: null,
          payee: null,
          units: opening,
          detail: "{}",
        })
        .execute();
    });
    return { block_number: start, block_hash: block.hash };
  }

  /** Units in the treasury before the first block that is read; 0 where the token did not exist yet. */
  private async openingUnits(start: bigint): Promise<bigint> {
    try {
      return (await this.contract.tokenBalance(this.signer.address, start)) / this.config.asset.scale;
    } catch (error) {
      if (error instanceof RpcError && error.code === "UNREACHABLE") throw error;
      return 0n;
    }
  }

  private async advance(cursor: Cursor, finalized: ChainBlock): Promise<void> {
    const from = cursor.block_number + 1n;
    const widest = cursor.block_number + BigInt(LIMITS.logRangeBlocks);
    const to = widest < finalized.number ? widest : finalized.number;
    const last = to === finalized.number ? finalized : await this.rpc.block(to);
    if (last === null) throw new RpcError("UNREACHABLE", `The node lost the final block ${to}.`);
    const events = await this.contract.events({ from, to, treasury: this.signer.address });
    const payloads = await this.payloadsOf(events);
    await retryingTransaction(this.db, async (trx) => {
      const moved = await trx
        .updateTable("chain_cursor")
        .set({ block_number: to, block_hash: last.hash, block_time: last.timestamp })
        .where("block_number", "=", cursor.block_number)
        .executeTakeFirst();
      // Another process recorded this range meanwhile.
      if (moved.numUpdatedRows !== 1n) return;
      await this.record(trx, events, payloads);
    });
  }

  private async record(
    trx: DatabaseTransaction,
    events: readonly PlacedEvent[],
    payloads: ReadonlyMap<string, SettledPayload>,
  ): Promise<void> {
    const recorder = new FactRecorder({
      trx,
      contract: this.contract,
      postings: this.postings,
      treasury: this.signer.address,
      scale: this.config.asset.scale,
      chainId: BigInt(this.config.chainId),
      now: new Date(this.clock.now()),
    });
    for (const placed of events) {
      await this.insertRow(trx, placed, true);
      const refused = await recorder.record(placed, payloads.get(placeOf(placed)) ?? null);
      if (refused !== null) this.log.error(refused);
    }
  }

  /** What each settlement carried: from the event, or from the calldata of its transaction. */
  private async payloadsOf(events: readonly PlacedEvent[]): Promise<ReadonlyMap<string, SettledPayload>> {
    const payloads = new Map<string, SettledPayload>();
    for (const placed of events) {
      const { event, log } = placed;
      if (event.kind !== "settled") continue;
      if (event.payload !== null) {
        payloads.set(placeOf(placed), { items: this.contract.decodePayload(event.payload) });
        continue;
      }
      const transaction = await this.rpc.transaction(log.transactionHash);
      const payload = transaction === null ? null : this.contract.payloadOfCalldata(transaction.input);
      if (payload === null) {
        throw new RpcError("UNREACHABLE", `The node does not show the calldata of ${toHex(log.transactionHash)}.`);
      }
      payloads.set(placeOf(placed), { items: this.contract.decodePayload(payload) });
    }
    return payloads;
  }

  private async renewLatest(finalized: ChainBlock): Promise<void> {
    const latest = await this.rpc.block("latest");
    if (latest === null) return;
    const from = finalized.number + 1n;
    const events =
      latest.number < from
        ? []
        : await this.contract.events({ from, to: latest.number, treasury: this.signer.address });
    await this.db.transaction().execute(async (trx) => {
      await trx.deleteFrom("chain_events").where("final", "=", false).execute();
      for (const placed of events) {
        await this.insertRow(trx, placed, false);
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

  private async insertRow(trx: DatabaseTransaction, { event, log }: PlacedEvent, final: boolean): Promise<void> {
    const { kind, card, payee, units, detail } = describeEvent(event, this.config.asset.scale);
    await trx
      .insertInto("chain_events")
      .values({
        block_number: log.blockNumber,
        log_index: log.logIndex,
        block_hash: log.blockHash,
        transaction_hash: log.transactionHash,
        final,
        kind,
        card,
        payee,
        units,
        detail: JSON.stringify(detail),
      })
      .onConflict((conflict) =>
        conflict.columns(["block_number", "log_index", "block_hash"]).doUpdateSet((update) => ({
          final: update.ref("excluded.final"),
        })),
      )
      .execute();
  }
}

/** The chain took back what it had called final; nothing is posted until an operator has looked. */
export class FinalityBroken extends Error {
  readonly code = "FINALITY_BROKEN";
}

/** One transaction of a contract may settle several payloads. */
function placeOf({ log }: PlacedEvent): string {
  return `${toHex(log.transactionHash)}:${log.logIndex}`;
}
