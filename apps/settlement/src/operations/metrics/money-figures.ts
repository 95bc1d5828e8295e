import { Inject, Injectable } from "@nestjs/common";
import { AnchoredRoots } from "../../books/ledger-log/anchored-roots.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { Reconciliation } from "../reconciliation/reconciliation.ts";

/** Whether the books agree with the chain; units. */
export interface MoneyFigures {
  readonly ledgerDifferenceUnits: bigint;
  readonly logEntries: number;
  readonly disagreeingAnchors: number;
  /** When it was read, milliseconds. */
  readonly readAtMs: number;
}

/**
 * Reads the chain and the books, but not at every scrape: a large register is many calls to the
 * node.
 */
@Injectable()
export class MoneyFigureReader {
  private last: MoneyFigures | null = null;

  constructor(
    @Inject(Reconciliation) private readonly reconciliation: Reconciliation,
    @Inject(AnchoredRoots) private readonly anchors: AnchoredRoots,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Null while the chain or the database cannot be read. */
  async read(): Promise<MoneyFigures | null> {
    const now = this.clock.now();
    if (this.last !== null && now - this.last.readAtMs < LIMITS.moneyFiguresMs) return this.last;
    try {
      const [money, anchors] = await Promise.all([this.reconciliation.report(), this.anchors.report()]);
      this.last = {
        ledgerDifferenceUnits: money.ledgerDifference,
        logEntries: anchors.log.size,
        disagreeingAnchors: anchors.disagreeing.length,
        readAtMs: now,
      };
      return this.last;
    } catch {
      // An alarm names what is away; an old figure would look like a fresh one.
      this.last = null;
      return null;
    }
  }
}
