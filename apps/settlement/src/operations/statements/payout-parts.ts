import type { SealedEntry } from "../../books/ledger-log/sealed-entries.ts";
import { namedBy, owedMove, type AccountIds } from "./statement-effects.ts";
import type { StatementPart } from "./statement-form.ts";

/**
 * Says of which vouchers payouts consist. What the vault holds for a payee goes out in the order in
 * which it came in; the running totals of the account say where each operation lies in that order,
 * so that nothing before has to be read. Give it the account's entries from the first one on that
 * is not wholly gone, and the operations that take something in their order.
 */
export class PayoutParts {
  readonly #entries: AsyncIterator<SealedEntry>;
  readonly #ids: AccountIds;
  #present: { readonly from: bigint; readonly to: bigint; readonly of: string } | null = null;

  constructor(entries: AsyncIterable<SealedEntry>, ids: AccountIds) {
    this.#entries = entries[Symbol.asyncIterator]();
    this.#ids = ids;
  }

  /** The parts of what was taken between two totals of the account's credits. */
  async *take(from: bigint, to: bigint): AsyncGenerator<StatementPart> {
    for (let at = from; at < to;) {
      while (this.#present === null || this.#present.to <= at) {
        this.#present = await this.#next();
        // More went out than ever came in: what is missing came from nowhere.
        if (this.#present === null) return;
      }
      const end = this.#present.to < to ? this.#present.to : to;
      const { of } = this.#present;
      yield { of, voucher: namedBy(of).voucher, amount: end - at };
      at = end;
    }
  }

  async #next(): Promise<{ readonly from: bigint; readonly to: bigint; readonly of: string } | null> {
    for (;;) {
      const { value, done } = await this.#entries.next();
      if (done === true) return null;
      const { record, balance } = value;
      if (owedMove(record, this.#ids) !== "in") continue;
      return { from: balance.debitsPosted - record.amount, to: balance.debitsPosted, of: record.id };
    }
  }
}
