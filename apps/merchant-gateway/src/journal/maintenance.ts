import type { Journal } from "./journal.ts";

/** The journal's maintenance: what need not be done before the cashier has the answer. */
export class JournalMaintenance {
  private readonly journal: Pick<Journal, "tidy">;

  constructor(journal: Pick<Journal, "tidy">) {
    this.journal = journal;
  }

  /** Tidies the journal once the answer that is being made has left. */
  soon(): void {
    setImmediate(() => {
      try {
        this.journal.tidy();
      } catch (error) {
        // The payment is durable; this is tried again after the next one.
        process.emitWarning(`The maintenance of the journal failed: ${String(error)}`);
      }
    });
  }
}
