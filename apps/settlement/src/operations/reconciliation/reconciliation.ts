import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { POSTINGS, type BookTotals, type Postings } from "../../books/postings/postings.ts";
import { CHAIN_RPC, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { guaranteeAccounts, treasuryAccounts } from "../../chain/accounts/own-accounts.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { paidTwice } from "../../vouchers/forks/paid-twice.ts";
import { HELD_STATES } from "../../vouchers/states/voucher-states.ts";

/** Where the tokens are, units: minted = wallets + guarantee + cards + owed + paidOut. */
export type MoneySide = Omit<BookTotals, "acceptedUnpaid" | "issuerOwes" | "advances">;

export interface ReconciliationReport {
  /** The final block at which both sides are read. */
  readonly block: bigint;
  readonly finalizedBlock: bigint;
  readonly chain: MoneySide;
  readonly ledger: MoneySide;
  readonly acceptedUnpaid: bigint;
  /** What the issuer owes for vouchers that the vault did not pay, read twice. */
  readonly issuerOwes: OwedByIssuer;
  /** Given to cards that replace others, and not yet withdrawn from those, by the ledger. */
  readonly advances: bigint;
  /** Of what payees have, vouchers that the vault and the issuer have both paid. */
  readonly paidTwice: bigint;
  /**
   * Sum of the differences of all figures, each without its sign; 0 when the books are right.
   */
  readonly ledgerDifference: bigint;
  readonly vault: VaultHoldings;
}

/** What the vault's address holds at the block, and what it owes to cards and payees; base units. */
export interface VaultHoldings {
  readonly heldBaseUnits: bigint;
  readonly owesBaseUnits: bigint;
  /**
   * Held and owed to nobody: tokens that were sent to the vault straight. Below zero the vault is
   * insolvent.
   */
  readonly surplusBaseUnits: bigint;
}

/** What the issuer owes, units: by the states of the vouchers, and by the books. */
export interface OwedByIssuer {
  readonly vouchers: bigint;
  readonly ledger: bigint;
}

/** What moves between accounts, and where it is. */
export const FIGURES = ["minted", "wallets", "guarantee", "cards", "owed", "paidOut"] as const;

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
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async report(): Promise<ReconciliationReport> {
    for (let attempt = 0; attempt < LIMITS.reconciliationAttempts; attempt += 1) {
      const block = await this.postedBlock();
      const [finalized, chain, heldBaseUnits] = await Promise.all([
        this.rpc.block("finalized"),
        this.chainSide(block),
        this.contract.tokenBalance(this.contract.vault, block),
      ]);
      const { totals, owed } = await this.booksSide();
      const twice = await paidTwice(this.db);
      // Both sides must be of one block: if the books moved on while the chain was read, read
      // again.
      if ((await this.postedBlock()) !== block) continue;
      const { acceptedUnpaid, issuerOwes: posted, advances, ...ledger } = totals;
      const issuerOwes = { vouchers: owed, ledger: posted };
      const places = FIGURES.reduce((sum, name) => sum + distance(chain[name], ledger[name]), 0n);
      const ledgerDifference = places + distance(owed, posted);
      return {
        ...{ block, finalizedBlock: finalized?.number ?? block, chain, ledger, acceptedUnpaid, issuerOwes, advances },
        ...{ paidTwice: twice, ledgerDifference, vault: this.holdings(heldBaseUnits, chain) },
      };
    }
    throw new Problem("CHAIN_UNREACHABLE", "The books move faster than the chain can be read; ask again.");
  }

  /** By the chain's side alone: what the books say owes nobody anything. */
  private holdings(heldBaseUnits: bigint, { cards, owed }: MoneySide): VaultHoldings {
    const owesBaseUnits = (cards + owed) * this.config.asset.scale;
    return { heldBaseUnits, owesBaseUnits, surplusBaseUnits: heldBaseUnits - owesBaseUnits };
  }

  private async postedBlock(): Promise<bigint> {
    const cursor = await this.db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
    if (cursor === undefined) throw new Problem("CHAIN_UNREACHABLE", "No final block was read yet.");
    return cursor.block_number;
  }

  private async chainSide(block: bigint): Promise<MoneySide> {
    const scale = this.config.asset.scale;
    const [cards, payees, movements] = await Promise.all([this.knownCards(), this.knownPayees(), this.movements()]);
    const [treasuries, accounts] = await Promise.all([treasuryAccounts(this.db), guaranteeAccounts(this.db)]);
    const held = ({ address }: { readonly address: Uint8Array }) => this.contract.tokenBalance(address, block);
    const [wallets, guarantee, cardBalances, merchants] = await Promise.all([
      inTurns(treasuries, held),
      inTurns(accounts, held),
      inTurns(cards, (card) => this.contract.card(card, block)),
      inTurns(payees, (payee) => this.contract.merchant(payee, block)),
    ]);
    return {
      ...movements,
      wallets: wallets.reduce((sum, tokens) => sum + tokens / scale, 0n),
      guarantee: guarantee.reduce((sum, tokens) => sum + tokens / scale, 0n),
      cards: cardBalances.reduce((sum, slot) => sum + slot.balance, 0n),
      owed: merchants.reduce((sum, slot) => sum + slot.earned - slot.withdrawn, 0n),
    };
  }

  /**
   * The service's own cards, and of the others those that ever had money: what others open costs
   * no reading.
   */
  private async knownCards(): Promise<Uint8Array[]> {
    const rows = await this.db
      .selectFrom("cards")
      .select("card")
      .union(
        this.db
          .selectFrom("chain_events")
          .select((select) => select.ref("card").$castTo<Uint8Array>().as("card"))
          .where("kind", "in", ["funded", "refunded"])
          .where("final", "=", true)
          .where("card", "is not", null),
      )
      .execute();
    return rows.map(({ card }) => card);
  }

  private async knownPayees(): Promise<Uint8Array[]> {
    const rows = await this.db.selectFrom("settled_items").select("payee").distinct().execute();
    return rows.map(({ payee }) => payee);
  }

  /** The books and the vouchers as one moment of the database shows them. */
  private booksSide(): Promise<{ readonly totals: BookTotals; readonly owed: bigint }> {
    return this.db
      .transaction()
      .setIsolationLevel("repeatable read")
      .execute(async (trx) => {
        const { rows } = await sql<{ owed: string }>`
          select coalesce(sum(amount_units), 0)::text as owed from vouchers
          where owed_since is not null and state = any (${[...HELD_STATES]}::text[])`.execute(trx);
        return { totals: await this.postings.totals(trx), owed: BigInt(rows[0]?.owed ?? "0") };
      });
  }

  /**
   * What came in from outside and what reached payees, by the recorded events alone. An account is
   * the issuer's from the block of its opening on; the opening that names none is the first treasury's.
   */
  private async movements(): Promise<{ minted: bigint; paidOut: bigint }> {
    const scale = this.config.asset.scale.toString();
    const { rows } = await sql<{ minted: string; paid_out: string }>`
      with own as (
        select '0x' || encode(address, 'hex') as address, opened_block from treasury_accounts
        union all select '0x' || encode(address, 'hex'), opened_block from guarantee_accounts),
      e as (
        select kind, units, block_number, detail, (detail->>'fromEarnings')::bigint as from_earnings,
          case when ${toHex(this.contract.vault)} in (detail->>'from', detail->>'to')
            -- What the vault moved is in its own events; what was sent straight has left, or come.
            then coalesce((detail->>'straight')::numeric, 0)
            else coalesce((detail->>'baseUnits')::numeric, units * ${scale}::numeric) end as base_units,
          kind = 'transfer' and exists (
            select from chain_transactions t join compensations c on c.action_id = t.action_id
            where t.hash = transaction_hash) as compensation,
          exists (select from own where opened_block < block_number
            and address = coalesce(detail->>'from', detail->>'funder', '0x' || encode(payee, 'hex'))) as from_own,
          exists (select from own where opened_block < block_number and address = detail->>'to') as to_own
        from chain_events where final),
      -- What came to each own account and did not leave it again: whole units of it count (spec §6.6).
      came as (
        select coalesce(sum(case
            when kind = 'opening' then
              case when coalesce(detail->>'account' = own.address, own.opened_block < 0) then base_units else 0 end
            when own.opened_block >= block_number then 0
            else (case when detail->>'to' = own.address then base_units else 0 end)
              - (case when detail->>'from' = own.address then base_units else 0 end)
          end), 0) as base_units
        from own left join e on kind = 'opening' or (kind = 'transfer' and not (compensation and from_own))
        group by own.address)
      select
        (coalesce((select sum(div(base_units - mod(mod(base_units, ${scale}::numeric) + ${scale}::numeric,
            ${scale}::numeric), ${scale}::numeric)) from came), 0)
        + coalesce((select sum(units) from e where kind = 'funded' and not from_own), 0)
        - coalesce((select sum(units) from e where kind = 'cardWithdrawn' and not to_own), 0)
        )::text as minted,
        (coalesce((select sum(units) from e where kind = 'withdrawn' and not to_own), 0)
        + coalesce((select sum(units) from e where compensation and from_own and not to_own), 0)
        - coalesce((select sum(units - from_earnings) from e where kind = 'refunded' and not from_own), 0)
        )::text as paid_out`.execute(this.db);
    const [row] = rows;
    return { minted: BigInt(row?.minted ?? "0"), paidOut: BigInt(row?.paid_out ?? "0") };
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
