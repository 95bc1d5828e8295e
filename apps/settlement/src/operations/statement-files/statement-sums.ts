import { LINE_KINDS, type LineKind } from "../statements/statement-effects.ts";
import {
  VOUCHER_ENDS,
  type StatementAnchor,
  type StatementLine,
  type VoucherEnd,
} from "../statements/statement-form.ts";

/** Lines of one kind, added up without what others take from them. */
export interface KindSum {
  readonly kind: LineKind;
  /** Of the kind `freed`: what became of its vouchers, and by which code they are disputed. */
  readonly became: VoucherEnd | null;
  readonly code: string | null;
  readonly lines: number;
  readonly amount: bigint;
}

type Counted = Pick<StatementLine, "kind" | "amount" | "gasWei" | "index" | "became" | "code">;

/** Adds up a statement's lines by what they are, as they are read. */
export class StatementSums {
  readonly #sums = new Map<string, KindSum>();
  #gasWei = 0n;
  #last = -1;

  add({ kind, amount, gasWei, index, became = null, code = null }: Counted): void {
    const key = JSON.stringify([kind, became, code]);
    const before = this.#sums.get(key) ?? { lines: 0, amount: 0n };
    this.#sums.set(key, { kind, became, code, lines: before.lines + 1, amount: before.amount + amount });
    this.#gasWei += gasWei ?? 0n;
    this.#last = index;
  }

  /** Those of which there is a line, in the order of a voucher's life; those that are not at their end come last. */
  get kinds(): readonly KindSum[] {
    const sums = [...this.#sums.values()];
    return LINE_KINDS.flatMap((kind) =>
      [...VOUCHER_ENDS, null].flatMap((end) => sums.filter((sum) => sum.kind === kind && sum.became === end)),
    );
  }

  /** What its lines cost in gas, as far as it is booked; nothing of it is charged to the payee. */
  get gasWei(): bigint {
    return this.#gasWei;
  }

  /** Whether every line stands under a root that is on the chain. */
  isAnchored(anchor: StatementAnchor | null): boolean {
    return anchor !== null && this.#last < anchor.size;
  }
}
