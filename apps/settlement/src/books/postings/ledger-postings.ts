import { Inject, Injectable } from "@nestjs/common";
import type { AccountSpec, ChartTotal, Operation } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { createPostgresLedger } from "../ledger/postgres-ledger.ts";
import { accountSpec, cardAccount, OUTSIDE, owedAccount, paidOutAccount, TREASURY } from "./chart-of-accounts.ts";
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
    await this.post(trx, vouchers.map(freeOperation));
  }

  async paid(trx: DatabaseTransaction, vouchers: readonly (PostedVoucher & { held: boolean })[]): Promise<void> {
    const operations = vouchers.map((voucher): Operation => {
      const id = `paid:${toHex(voucher.id)}`;
      if (voucher.held) return { kind: "post", id, hold: holdId(voucher) };
      const debit = owedAccount(voucher.payee);
      return { kind: "transfer", id, debit, credit: cardAccount(voucher.card), amount: voucher.amount };
    });
    await this.post(trx, operations);
  }

  async compensated(trx: DatabaseTransaction, voucher: PostedVoucher): Promise<void> {
    await this.post(trx, [
      {
        kind: "transfer",
        id: `compensated:${toHex(voucher.id)}`,
        debit: paidOutAccount(voucher.payee),
        credit: TREASURY,
        amount: voucher.amount,
      },
    ]);
  }

  async moved(trx: DatabaseTransaction, place: string, movement: Movement): Promise<void> {
    await this.post(
      trx,
      movementLegs(movement)
        .filter(({ amount }) => amount > 0n)
        .map(({ about, ...leg }, index): Operation => ({
          kind: "transfer",
          id: `${movement.kind}:${place}:${about ?? index}`,
          ...leg,
        })),
    );
  }

  async totals(): Promise<BookTotals> {
    const totals = await createPostgresLedger(this.db).chartTotals();
    const of = (chart: string): ChartTotal | undefined =>
      totals.find((total) => total.chart === chart && total.asset === this.config.asset.code);
    const debitBalance = (chart: string): bigint => {
      const balance = of(chart)?.balance;
      return balance === undefined ? 0n : balance.debitsPosted - balance.creditsPosted;
    };
    return {
      minted: -debitBalance("outside"),
      wallets: debitBalance("treasury"),
      cards: debitBalance("card"),
      owed: debitBalance("owed"),
      paidOut: debitBalance("paid-out"),
      acceptedUnpaid: of("owed")?.balance.debitsPending ?? 0n,
    };
  }

  private async post(trx: DatabaseTransaction, operations: readonly Operation[]): Promise<void> {
    if (operations.length === 0) return;
    const ledger = createPostgresLedger(trx);
    const opened = await ledger.openAccounts(this.accountsOf(operations));
    if (!opened.ok) throw new PostingRefused(opened.message);
    const outcome = await ledger.apply({ atMs: this.clock.now(), operations });
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

interface Leg {
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  /** Names the leg in the id; its place among the legs where this is left out. */
  readonly about?: string;
}

function movementLegs(movement: Movement): readonly Leg[] {
  switch (movement.kind) {
    case "minted":
      return [{ debit: TREASURY, credit: OUTSIDE, amount: movement.units }];
    case "burned":
      return [{ debit: OUTSIDE, credit: TREASURY, amount: movement.units }];
    case "funded": {
      const credit = movement.own ? TREASURY : OUTSIDE;
      return [{ debit: cardAccount(movement.card), credit, amount: movement.units }];
    }
    case "cardWithdrawn": {
      const debit = movement.own ? TREASURY : OUTSIDE;
      return [{ debit, credit: cardAccount(movement.card), amount: movement.units }];
    }
    case "paidOut": {
      const debit = movement.own ? TREASURY : paidOutAccount(movement.payee);
      return [{ debit, credit: owedAccount(movement.payee), amount: movement.units }];
    }
    case "refunded":
      return refundLegs(movement);
  }
}

/**
 * A refund, voucher by voucher, so that `refunded:PLACE:VOUCHER:…` stands beside `paid:VOUCHER`.
 * What had not been withdrawn is used up first; what belongs to no voucher is the card's.
 */
function refundLegs(refund: Extract<Movement, { kind: "refunded" }>): readonly Leg[] {
  const debit = cardAccount(refund.card);
  const wallet = refund.own ? TREASURY : paidOutAccount(refund.payee);
  const shared = refund.shares.reduce((sum, { units }) => sum + units, 0n);
  const parts = [
    ...refund.shares.map(({ voucherId, units }) => ({ name: toHex(voucherId), units })),
    { name: "card", units: refund.fromEarnings + refund.fromTokens - shared },
  ];
  let earnings = refund.fromEarnings;
  return parts.flatMap(({ name, units }): Leg[] => {
    const earned = units < earnings ? units : earnings;
    earnings -= earned;
    return [
      { debit, credit: owedAccount(refund.payee), amount: earned, about: `${name}:e` },
      { debit, credit: wallet, amount: units - earned, about: `${name}:w` },
    ];
  });
}
