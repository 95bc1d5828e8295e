import { entryText } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import type { SealedEntry } from "../../books/ledger-log/sealed-entries.ts";
import type { createRangeProofs } from "../../books/ledger-log/range-proofs.ts";
import type { Database } from "../../foundation/database/database.ts";
import { FACT_LINES } from "./limits.ts";
import { NO_FACTS, transactionGas, voucherFacts, type KnownVoucher, type LineFacts } from "./line-facts.ts";
import type { PayoutParts } from "./payout-parts.ts";
import {
  addStandings,
  effectOf,
  namedBy,
  NOTHING,
  owedMove,
  type AccountIds,
  type Standing,
  type StatementAccount,
} from "./statement-effects.ts";
import type { StatementLine, StatementPiece } from "./statement-form.ts";
import { dayOf } from "../periods/period.ts";

/** One operation, with those accounts on which it was booked within the period. */
export interface BookedOperation {
  readonly entry: SealedEntry;
  readonly counted: readonly StatementAccount[];
  /** What it took of what the vault holds, between two totals of the account's credits. */
  readonly took: { readonly from: bigint; readonly to: bigint } | null;
}

/** What the accounts' entries have in common: one stream of operations in the log's order. */
export async function* mergeAccounts(
  streams: Readonly<Record<StatementAccount, AsyncIterator<SealedEntry>>>,
  endMs: number,
): AsyncGenerator<BookedOperation> {
  const heads = new Map<StatementAccount, SealedEntry>();
  const advance = async (account: StatementAccount): Promise<void> => {
    const { value, done } = await streams[account].next();
    if (done === true || value.bookedAtMs >= endMs) heads.delete(account);
    else heads.set(account, value);
  };
  for (const account of Object.keys(streams) as StatementAccount[]) await advance(account);
  while (heads.size > 0) {
    const index = Math.min(...[...heads.values()].map((entry) => entry.index));
    const together = [...heads].filter(([, entry]) => entry.index === index);
    const [first] = together;
    if (first === undefined) return;
    const owed = together.find(([account]) => account === "owed")?.[1];
    const took =
      owed?.side === "credit" && owed.record.kind !== "hold" && owed.record.kind !== "void"
        ? { from: owed.balance.creditsPosted - owed.record.amount, to: owed.balance.creditsPosted }
        : null;
    yield { entry: owed ?? first[1], counted: together.map(([account]) => account), took };
    for (const [account] of together) await advance(account);
  }
}

/** Writes the pieces of a statement from its operations: some hundred lines at a time are kept. */
export class StatementLines {
  readonly #db: Database;
  readonly #ids: AccountIds;
  readonly #parts: PayoutParts;
  readonly #proofs: ReturnType<typeof createRangeProofs>;
  readonly #size: number;
  #at = 0;
  #lines = 0;
  #balance: Standing;
  #day: { readonly day: string; readonly lines: number; readonly change: Standing } | null = null;

  constructor(parts: {
    readonly db: Database;
    readonly ids: AccountIds;
    readonly payouts: PayoutParts;
    readonly proofs: ReturnType<typeof createRangeProofs>;
    readonly size: number;
    readonly opening: Standing;
  }) {
    this.#db = parts.db;
    this.#ids = parts.ids;
    this.#parts = parts.payouts;
    this.#proofs = parts.proofs;
    this.#size = parts.size;
    this.#balance = parts.opening;
  }

  async *write(operations: AsyncIterable<BookedOperation>): AsyncGenerator<StatementPiece> {
    let kept: BookedOperation[] = [];
    for await (const operation of operations) {
      kept.push(operation);
      if (kept.length < FACT_LINES) continue;
      yield* this.#some(kept);
      kept = [];
    }
    yield* this.#some(kept);
    yield* this.#endDay();
    const after = await this.#proofs({ from: this.#at, to: this.#size });
    yield {
      piece: "end",
      end: { lines: this.#lines, closing: this.#balance, after: after.map((hash) => toHex(hash)) },
    };
  }

  async *#some(operations: readonly BookedOperation[]): AsyncGenerator<StatementPiece> {
    const named = operations.map(({ entry }) => namedBy(entry.record.id));
    const of = <T>(values: readonly (T | null)[]): T[] => [...new Set(values.filter((value) => value !== null))];
    const vouchers = await voucherFacts(this.#db, of(named.map(({ voucher }) => voucher)));
    const gas = await transactionGas(this.#db, of(named.map(({ tx }) => tx)));
    for (const [place, operation] of operations.entries()) {
      const about = named[place] as (typeof named)[number];
      const known = about.voucher === null ? undefined : vouchers.get(about.voucher);
      const facts = factsOf(about, known, gas);
      const line = await this.#line(operation, about, facts);
      if (this.#day !== null && line.day > this.#day.day) yield* this.#endDay();
      const { day, lines, change } = this.#day ?? { day: line.day, lines: 0, change: NOTHING };
      this.#day = { day, lines: lines + 1, change: addStandings(change, line.effect) };
      this.#balance = line.balance;
      yield { piece: "line", line: { ...line, day } };
      if (operation.took === null || owedMove(operation.entry.record, this.#ids) !== "out") continue;
      for await (const part of this.#parts.take(operation.took.from, operation.took.to)) yield { piece: "part", part };
    }
  }

  async #line(
    { entry, counted }: BookedOperation,
    { kind, voucher }: ReturnType<typeof namedBy>,
    facts: ReturnType<typeof factsOf>,
  ): Promise<StatementLine> {
    const { index, record, bookedAtMs } = entry;
    const between = await this.#proofs({ from: this.#at, to: index });
    this.#at = index + 1;
    this.#lines += 1;
    const effect = effectOf(record, this.#ids, counted);
    return {
      ...{ index, between: between.map((hash) => toHex(hash)), entry: entryText(record), operation: record.id },
      ...{ at: new Date(bookedAtMs).toISOString(), day: dayOf(bookedAtMs), kind, amount: record.amount, counted },
      ...{ effect, balance: addStandings(this.#balance, effect), voucher, ...facts },
    };
  }

  *#endDay(): Generator<StatementPiece> {
    if (this.#day === null) return;
    yield { piece: "day", day: { ...this.#day, balance: this.#balance } };
    this.#day = null;
  }
}

function factsOf(
  { kind, tx }: ReturnType<typeof namedBy>,
  voucher: KnownVoucher | undefined,
  gas: ReadonlyMap<string, bigint>,
): LineFacts & Pick<StatementLine, "became" | "code"> {
  if (kind === "paid") return voucher?.paid ?? NO_FACTS;
  if (kind === "compensated") return voucher?.borne ?? NO_FACTS;
  const plain = voucher?.plain ?? NO_FACTS;
  if (kind === "freed") return { ...plain, ...(voucher?.end ?? { became: null, code: null }) };
  return tx === null ? plain : { ...plain, tx, gasWei: gas.get(tx) ?? null };
}
