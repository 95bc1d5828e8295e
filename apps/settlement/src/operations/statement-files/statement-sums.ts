import { LINE_KINDS, type LineKind } from "../statements/statement-effects.ts";
import type { StatementAnchor, StatementLine } from "../statements/statement-form.ts";

/** Lines of one kind, added up without what others take from them. */
export interface KindSum {
  readonly kind: LineKind;
  readonly lines: number;
  readonly amount: bigint;
}

type Counted = Pick<StatementLine, "kind" | "amount" | "gasWei" | "index">;

/** Adds up a statement's lines by what they are, as they are read. */
export class StatementSums {
  readonly #sums = new Map<LineKind, KindSum>();
  #gasWei = 0n;
  #last = -1;

  add({ kind, amount, gasWei, index }: Counted): void {
    const before = this.#sums.get(kind) ?? { lines: 0, amount: 0n };
    this.#sums.set(kind, { kind, lines: before.lines + 1, amount: before.amount + amount });
    this.#gasWei += gasWei ?? 0n;
    this.#last = index;
  }

  /** Those of which there is a line, in the order of a voucher's life. */
  get kinds(): readonly KindSum[] {
    return LINE_KINDS.flatMap((kind) => this.#sums.get(kind) ?? []);
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
