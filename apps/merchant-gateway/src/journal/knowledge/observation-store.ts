import type { CardObservation } from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { SqlValue, Statements } from "../events/statements.ts";

/** A row of the table `sighting`, whose name is older than the word. */
interface ObservationRow {
  readonly counter: bigint;
  readonly amount: bigint;
  readonly spent: bigint;
  readonly allowance_seq: bigint;
  readonly link: Uint8Array;
  readonly message_hash: Uint8Array;
}

function observationOf(row: ObservationRow): CardObservation {
  return {
    counter: Number(row.counter),
    amount: row.amount,
    spent: row.spent,
    allowanceSeq: Number(row.allowance_seq),
    link: plain(row.link),
    messageHash: plain(row.message_hash),
  };
}

/** What this terminal verified of cards: evidence that is never deleted. */
export class ObservationStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /**
   * What was seen of a card around a counter: every payment with that counter, and its nearest neighbours on both sides. Farther
   * ones agreed with these when they were seen.
   */
  around(domainBytes: Uint8Array, cardKey: Uint8Array, counter: number): readonly CardObservation[] {
    const rows = (condition: string): readonly CardObservation[] =>
      this.many(
        `SELECT * FROM sighting WHERE domain = ? AND card_key = ? AND counter ${condition}`,
        domainBytes,
        cardKey,
        counter,
      );
    return [...rows("= ?"), ...rows("< ? ORDER BY counter DESC LIMIT 1"), ...rows("> ? ORDER BY counter LIMIT 1")];
  }

  /**
   * What verified payments say a card had spent after its payment `counter`: each shows its own `spent` and the one before it.
   * Several values contradict each other.
   */
  spentAfter(domainBytes: Uint8Array, cardKey: Uint8Array, counter: number): readonly bigint[] {
    if (counter === 0) return [0n];
    return this.many(
      "SELECT * FROM sighting WHERE domain = ? AND card_key = ? AND counter IN (?, ?)",
      ...[domainBytes, cardKey, counter, counter + 1],
    ).map((seen) => (seen.counter === counter ? seen.spent : seen.spent - seen.amount));
  }

  /** Keeps a payment whose signature was verified; the same one again changes nothing. */
  add(domainBytes: Uint8Array, cardKey: Uint8Array, seen: CardObservation): void {
    const { counter, amount, spent, allowanceSeq, link, messageHash } = seen;
    this.statements.run(
      "INSERT OR IGNORE INTO sighting VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      ...[domainBytes, cardKey, counter, amount, spent, allowanceSeq, link, messageHash],
    );
  }

  private many(sql: string, ...values: readonly SqlValue[]): readonly CardObservation[] {
    return this.statements.many<ObservationRow>(sql, ...values).map(observationOf);
  }
}
