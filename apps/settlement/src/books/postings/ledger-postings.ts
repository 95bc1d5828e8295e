import { Inject, Injectable } from "@nestjs/common";
import type { AccountSpec, ChartTotal, Operation } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { openHolds } from "../ledger/open-holds.ts";
import { createPostgresLedger } from "../ledger/postgres-ledger.ts";
import {
  accountSpec,
  cardAccount,
  GUARANTEE,
  issuerOwesAccount,
  owedAccount,
  paidOutAccount,
  TREASURY,
  type IssuerAccount,
} from "./chart-of-accounts.ts";
import { movementOperations } from "./movement-legs.ts";
import type { BookTotals, Movement, PostedVoucher, Postings } from "./postings.ts";

/**
 * Turns this service's events into postings of the double-entry ledger. No account has a limit
 * here: what the chain did is posted whatever it means, and the reconciliation shows it.
 */
@Injectable()
export class LedgerPostings implements Postings {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async received(trx: DatabaseTransaction, vouchers: readonly PostedVoucher[]): Promise<void> {
    const operations = vouchers.map((voucher): Operation => ({
      kind: "hold",
      id: holdId(voucher),
      debit: owedAccount(voucher.payee),
      credit: cardAccount(voucher.card),
      amount: voucher.amount,
    }));
    await this.post(trx, operations);
  }

  async released(trx: DatabaseTransaction, vouchers: readonly PostedVoucher[]): Promise<void> {
    await this.post(trx, [...vouchers.map(freeOperation), ...(await owedEnds(trx, vouchers))]);
  }

  async paid(trx: DatabaseTransaction, vouchers: readonly (PostedVoucher & { held: boolean })[]): Promise<void> {
    const operations = vouchers.map((voucher): Operation => {
      const id = `paid:${toHex(voucher.id)}`;
      if (voucher.held) return { kind: "post", id, hold: holdId(voucher) };
      const debit = owedAccount(voucher.payee);
      return { kind: "transfer", id, debit, credit: cardAccount(voucher.card), amount: voucher.amount };
    });
    await this.post(trx, [...operations, ...(await owedEnds(trx, vouchers))]);
  }

  async owed(trx: DatabaseTransaction, voucher: PostedVoucher): Promise<void> {
    const debit = issuerOwesAccount(voucher.payee);
    await this.post(trx, [{ kind: "hold", id: owedId(voucher), debit, credit: GUARANTEE, amount: voucher.amount }]);
  }

  async compensated(
    trx: DatabaseTransaction,
    voucher: PostedVoucher,
    { from, to }: { readonly from: IssuerAccount; readonly to: IssuerAccount | null },
  ): Promise<void> {
    const debit = to ?? paidOutAccount(voucher.payee);
    const id = `compensated:${toHex(voucher.id)}`;
    await this.post(trx, [
      // A payee that is the very account that pays moves nothing.
      ...(debit === from ? [] : [{ kind: "transfer", id, debit, credit: from, amount: voucher.amount } as const]),
    ]);
  }

  async advanced(trx: DatabaseTransaction, card: Uint8Array, units: bigint): Promise<void> {
    const id = advanceId(card);
    await this.post(trx, [{ kind: "hold", id, debit: TREASURY, credit: cardAccount(card), amount: units }]);
  }

  async advanceEnds(trx: DatabaseTransaction, card: Uint8Array): Promise<void> {
    const open = await openHolds(trx, [advanceId(card)]);
    await this.post(
      trx,
      open.map((hold): Operation => ({ kind: "void", id: `advance-ended:${toHex(card)}`, hold })),
    );
  }

  async moved(trx: DatabaseTransaction, place: string, movement: Movement): Promise<void> {
    await this.post(trx, movementOperations(place, movement));
  }

  async totals(of: Database | DatabaseTransaction = this.db): Promise<BookTotals> {
    const totals = await createPostgresLedger(of).chartTotals();
    const total = (chart: string): ChartTotal | undefined =>
      totals.find((each) => each.chart === chart && each.asset === this.config.asset.code);
    const debitBalance = (chart: string): bigint => {
      const balance = total(chart)?.balance;
      return balance === undefined ? 0n : balance.debitsPosted - balance.creditsPosted;
    };
    return {
      minted: -debitBalance("outside"),
      wallets: debitBalance("treasury"),
      guarantee: debitBalance("guarantee"),
      cards: debitBalance("card"),
      owed: debitBalance("owed"),
      paidOut: debitBalance("paid-out"),
      acceptedUnpaid: total("owed")?.balance.debitsPending ?? 0n,
      issuerOwes: total("issuer-owes")?.balance.debitsPending ?? 0n,
      advances: total("treasury")?.balance.debitsPending ?? 0n,
    };
  }

  async lockCard(trx: DatabaseTransaction, card: Uint8Array): Promise<void> {
    const id = cardAccount(card);
    const opened = await createPostgresLedger(trx).openAccounts([accountSpec(id, this.config.asset.code)]);
    if (!opened.ok) throw new PostingRefused(`${opened.code}: ${opened.message}`);
    await sql`select from ledger_accounts where id = ${id} for no key update`.execute(trx);
  }

  private async post(trx: DatabaseTransaction, operations: readonly Operation[]): Promise<void> {
    if (operations.length === 0) return;
    const group = { atMs: this.clock.now(), operations };
    const outcome = await createPostgresLedger(trx).openAndApply(this.accountsOf(operations), group);
    if (!outcome.ok) throw new PostingRefused(`${outcome.code}: ${outcome.message}`);
  }

  private accountsOf(operations: readonly Operation[]): AccountSpec[] {
    const ids = new Set<string>();
    for (const operation of operations) {
      if (operation.kind !== "transfer" && operation.kind !== "hold") continue;
      ids.add(operation.debit);
      ids.add(operation.credit);
    }
    return [...ids].sort().map((id) => accountSpec(id, this.config.asset.code));
  }
}

/** The books refused a posting: the transaction that needs it must not commit either. */
export class PostingRefused extends Error {
  readonly code = "POSTING_REFUSED";
}

function holdId(voucher: PostedVoucher): string {
  return `hold:${toHex(voucher.id)}`;
}

function freeOperation(voucher: PostedVoucher): Operation {
  return { kind: "void", id: `free:${toHex(voucher.id)}`, hold: holdId(voucher) };
}

function owedId(voucher: PostedVoucher): string {
  return `owes:${toHex(voucher.id)}`;
}

function advanceId(card: Uint8Array): string {
  return `advance:${toHex(card)}`;
}

/** Ends what the issuer owes of these vouchers, where it owes any. */
async function owedEnds(
  trx: DatabaseTransaction,
  vouchers: readonly Pick<PostedVoucher, "id">[],
): Promise<readonly Operation[]> {
  const names = new Map(vouchers.map(({ id }) => [`owes:${toHex(id)}`, `owes-ended:${toHex(id)}`]));
  const open = await openHolds(trx, [...names.keys()]);
  return open.map((hold): Operation => ({ kind: "void", id: names.get(hold) ?? hold, hold }));
}
