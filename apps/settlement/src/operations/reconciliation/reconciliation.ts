import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { POSTINGS, type BookTotals, type Postings } from "../../books/postings/postings.ts";
import { CHAIN_RPC, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { guaranteeAccounts, type OwnAccount, treasuryAccounts } from "../../chain/accounts/own-accounts.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
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

/** Whose holdings are read from the chain. */
interface Known {
  readonly cards: readonly Uint8Array[];
  readonly payees: readonly Uint8Array[];
  readonly treasuries: readonly OwnAccount[];
  readonly guarantee: readonly OwnAccount[];
}

/** What came in from outside and what reached payees, units. */
type Moved = Pick<MoneySide, "minted" | "paidOut">;

/** What one moment of the database shows: the books, and what the chain is asked for beside them. */
interface Recorded {
  readonly block: bigint;
  readonly known: Known;
  readonly moved: Moved;
  readonly totals: BookTotals;
  readonly owed: bigint;
  readonly paidTwice: bigint;
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
    // Everything of the database is one moment of it, in which the books stand exactly at its block.
    const { block, known, moved, totals, owed, paidTwice } = await this.recorded();
    const [finalized, chain, heldBaseUnits] = await Promise.all([
      this.rpc.block("finalized"),
      this.chainSide(block, known, moved),
      this.contract.tokenBalance(this.contract.vault, block),
    ]);
    const { acceptedUnpaid, issuerOwes: posted, advances, ...ledger } = totals;
    const issuerOwes = { vouchers: owed, ledger: posted };
    const places = FIGURES.reduce((sum, name) => sum + distance(chain[name], ledger[name]), 0n);
    const ledgerDifference = places + distance(owed, posted);
    return {
      ...{ block, finalizedBlock: finalized?.number ?? block, chain, ledger, acceptedUnpaid, issuerOwes, advances },
      ...{ paidTwice, ledgerDifference, vault: this.holdings(heldBaseUnits, chain) },
    };
  }

  private recorded(): Promise<Recorded> {
    return this.db
      .transaction()
      .setIsolationLevel("repeatable read")
      .execute(async (trx) => ({
        block: await postedBlock(trx),
        known: {
          cards: await knownCards(trx),
          payees: await knownPayees(trx),
          treasuries: await treasuryAccounts(trx),
          guarantee: await guaranteeAccounts(trx),
        },
        moved: await this.movements(trx),
        totals: await this.postings.totals(trx),
        owed: await owedByIssuer(trx),
        paidTwice: await paidTwice(trx),
      }));
  }

  /** By the chain's side alone: what the books say owes nobody anything. */
  private holdings(heldBaseUnits: bigint, { cards, owed }: MoneySide): VaultHoldings {
    const owesBaseUnits = (cards + owed) * this.config.asset.scale;
    return { heldBaseUnits, owesBaseUnits, surplusBaseUnits: heldBaseUnits - owesBaseUnits };
  }

  private async chainSide(block: bigint, known: Known, moved: Moved): Promise<MoneySide> {
    const scale = this.config.asset.scale;
    const tokens = ({ address }: OwnAccount) => this.contract.tokenBalance(address, block);
    const [wallets, guarantee, cards, merchants] = await Promise.all([
      inTurns(known.treasuries, tokens),
      inTurns(known.guarantee, tokens),
      inTurns(known.cards, (card) => this.contract.card(card, block)),
      inTurns(known.payees, (payee) => this.contract.merchant(payee, block)),
    ]);
    return {
      ...moved,
      wallets: wallets.reduce((sum, baseUnits) => sum + baseUnits / scale, 0n),
      guarantee: guarantee.reduce((sum, baseUnits) => sum + baseUnits / scale, 0n),
      cards: cards.reduce((sum, slot) => sum + slot.balance, 0n),
      owed: merchants.reduce((sum, slot) => sum + slot.earned - slot.withdrawn, 0n),
    };
  }

  /**
   * What came in from outside and what reached payees, by the recorded events alone. An account is
   * the issuer's from the block of its opening on; the opening that names none is the first treasury's.
   */
  private async movements(trx: DatabaseTransaction): Promise<Moved> {
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
        )::text as paid_out`.execute(trx);
    const [row] = rows;
    return { minted: BigInt(row?.minted ?? "0"), paidOut: BigInt(row?.paid_out ?? "0") };
  }
}

async function postedBlock(trx: DatabaseTransaction): Promise<bigint> {
  const cursor = await trx.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
  if (cursor === undefined) throw new Problem("CHAIN_UNREACHABLE", "No final block was read yet.");
  return cursor.block_number;
}

/**
 * The service's own cards, and of the others those that ever had money: what others open costs no
 * reading.
 */
async function knownCards(trx: DatabaseTransaction): Promise<readonly Uint8Array[]> {
  const rows = await trx
    .selectFrom("cards")
    .select("card")
    .union(
      trx
        .selectFrom("chain_events")
        .select((select) => select.ref("card").$castTo<Uint8Array>().as("card"))
        .where("kind", "in", ["funded", "refunded"])
        .where("final", "=", true)
        .where("card", "is not", null),
    )
    .execute();
  return rows.map(({ card }) => card);
}

async function knownPayees(trx: DatabaseTransaction): Promise<readonly Uint8Array[]> {
  const rows = await trx.selectFrom("settled_items").select("payee").distinct().execute();
  return rows.map(({ payee }) => payee);
}

/** By the states of the vouchers. */
async function owedByIssuer(trx: DatabaseTransaction): Promise<bigint> {
  const { rows } = await sql<{ owed: string }>`
    select coalesce(sum(amount_units), 0)::text as owed from vouchers
    where owed_since is not null and state = any (${[...HELD_STATES]}::text[])`.execute(trx);
  return BigInt(rows[0]?.owed ?? "0");
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
