import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc, ChainSigner } from "@tallystick/evm";
import { sql } from "kysely";
import { POSTINGS, type BookTotals, type Postings } from "../../books/postings/postings.ts";
import { CHAIN_RPC, CHAIN_SIGNER, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { paidTwice } from "../../vouchers/forks/paid-twice.ts";

/** Where the tokens are, units: minted = wallets + cards + owed + paidOut. */
export type MoneySide = Omit<BookTotals, "acceptedUnpaid">;

export interface ReconciliationReport {
  /** The final block at which both sides are read. */
  readonly block: bigint;
  readonly finalizedBlock: bigint;
  readonly chain: MoneySide;
  readonly ledger: MoneySide;
  readonly acceptedUnpaid: bigint;
  /** Of what payees have, vouchers that the vault and the issuer have both paid. */
  readonly paidTwice: bigint;
  /**
   * Sum of the differences of all five figures, each without its sign; 0 when the books are right.
   */
  readonly ledgerDifference: bigint;
}

const figures = ["minted", "wallets", "cards", "owed", "paidOut"] as const;

/**
 * Compares the books with the chain. The chain's side is read from the contracts at the block up to
 * which the books are posted, and from the recorded token movements; it uses no account of the
 * ledger.
 */
@Injectable()
export class Reconciliation {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(CHAIN_SIGNER) private readonly signer: ChainSigner,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async report(): Promise<ReconciliationReport> {
    for (let attempt = 0; attempt < LIMITS.reconciliationAttempts; attempt += 1) {
      const block = await this.postedBlock();
      const [finalized, chain, totals] = await Promise.all([
        this.rpc.block("finalized"),
        this.chainSide(block),
        this.postings.totals(),
      ]);
      const twice = await paidTwice(this.db);
      // Both sides must be of one block: if the books moved on while the chain was read, read
      // again.
      if ((await this.postedBlock()) !== block) continue;
      const { acceptedUnpaid, ...ledger } = totals;
      const ledgerDifference = figures.reduce((sum, name) => sum + distance(chain[name], ledger[name]), 0n);
      const finalizedBlock = finalized?.number ?? block;
      return { block, finalizedBlock, chain, ledger, acceptedUnpaid, paidTwice: twice, ledgerDifference };
    }
    throw new Problem("CHAIN_UNREACHABLE", "The books move faster than the chain can be read; ask again.");
  }

  private async postedBlock(): Promise<bigint> {
    const cursor = await this.db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
    if (cursor === undefined) throw new Problem("CHAIN_UNREACHABLE", "No final block was read yet.");
    return cursor.block_number;
  }

  private async chainSide(block: bigint): Promise<MoneySide> {
    const scale = this.config.asset.scale;
    const [cards, payees, movements] = await Promise.all([this.knownCards(), this.knownPayees(), this.movements()]);
    const [wallets, cardBalances, merchants] = await Promise.all([
      this.contract.tokenBalance(this.signer.address, block),
      inTurns(cards, (card) => this.contract.card(card, block)),
      inTurns(payees, (payee) => this.contract.merchant(payee, block)),
    ]);
    return {
      ...movements,
      wallets: wallets / scale,
      cards: cardBalances.reduce((sum, slot) => sum + slot.balance, 0n),
      owed: merchants.reduce((sum, slot) => sum + slot.earned - slot.withdrawn, 0n),
    };
  }

  /** Every card the vault ever opened, ours or not. */
  private async knownCards(): Promise<Uint8Array[]> {
    const rows = await this.db
      .selectFrom("chain_events")
      .select("card")
      .distinct()
      .where("kind", "=", "opened")
      .where("final", "=", true)
      .execute();
    return rows.flatMap(({ card }) => (card === null ? [] : [card]));
  }

  private async knownPayees(): Promise<Uint8Array[]> {
    const rows = await this.db.selectFrom("settled_items").select("payee").distinct().execute();
    return rows.map(({ payee }) => payee);
  }

  /** What came in from outside and what reached payees, by the recorded events alone. */
  private async movements(): Promise<{ minted: bigint; paidOut: bigint }> {
    const treasury = `0x${Buffer.from(this.signer.address).toString("hex")}`;
    const vault = `0x${Buffer.from(this.contract.vault).toString("hex")}`;
    const { scale } = this.config.asset;
    const { rows } = await sql<{ came: string; minted: string; paid_out: string }>`
      with e as (select * from chain_events where final),
      outgoing as (
        select e.units, (detail->>'baseUnits')::numeric as base_units, exists (
          select 1 from chain_transactions t join compensations c on c.action_id = t.action_id
          where t.hash = e.transaction_hash) as compensation
        from e where kind = 'transfer' and detail->>'from' = ${treasury}
          and detail->>'to' not in (${vault}, ${treasury}))
      select
        (coalesce((select sum(coalesce((detail->>'baseUnits')::numeric, units * ${scale.toString()}::numeric))
            from e where kind = 'opening'), 0)
        + coalesce((select sum((detail->>'baseUnits')::numeric) from e where kind = 'transfer'
            and detail->>'to' = ${treasury} and detail->>'from' not in (${vault}, ${treasury})), 0)
        - coalesce((select sum(base_units) from outgoing where not compensation), 0)
        )::text as came,
        (coalesce((select sum(units) from e where kind = 'funded' and detail->>'funder' <> ${treasury}), 0)
        - coalesce((select sum(units) from e where kind = 'cardWithdrawn' and detail->>'to' <> ${treasury}), 0)
        )::text as minted,
        (coalesce((select sum(units) from e where kind = 'withdrawn' and detail->>'to' <> ${treasury}), 0)
        + coalesce((select sum(units) from outgoing where compensation), 0)
        - coalesce((select sum(units - (detail->>'fromEarnings')::bigint) from e
            where kind = 'refunded' and payee <> ${this.signer.address}), 0)
        )::text as paid_out`.execute(this.db);
    const [row] = rows;
    // Base units that came from outside and did not leave again, whole units of them (spec §6.6).
    const came = BigInt(row?.came ?? "0");
    const rest = ((came % scale) + scale) % scale;
    return {
      minted: (came - rest) / scale + BigInt(row?.minted ?? "0"),
      paidOut: BigInt(row?.paid_out ?? "0"),
    };
  }
}

function distance(left: bigint, right: bigint): bigint {
  return left > right ? left - right : right - left;
}

/** Reads a list some at a time, so that a large register does not flood the node. */
async function inTurns<T, R>(list: readonly T[], read: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < list.length; at += LIMITS.parallelReads) {
    results.push(...(await Promise.all(list.slice(at, at + LIMITS.parallelReads).map(read))));
  }
  return results;
}
