import { Mutex } from "async-mutex";

/** The turns at one card. */
interface Turns {
  readonly mutex: Mutex;
  waiting: number;
}

/**
 * What the lanes of one terminal are at, so that none undoes what another one does: one sale is at one
 * lane, and one card is asked by one lane at a time. It lasts as long as the process; what must last
 * longer is in the journal.
 */
export class TapWork {
  private readonly held = new Set<string>();
  private readonly sales = new Set<string>();
  private readonly cards = new Map<string, Turns>();

  /** Taps whose card is being asked: PAY may be on its way to it. */
  get taps(): Iterable<string> {
    return this.held;
  }

  /** Whether a lane is at this tap, or waits for its sale's card. */
  isAt({ id, saleId }: { readonly id: string; readonly saleId: string }): boolean {
    return this.held.has(id) || this.sales.has(saleId);
  }

  /** Whether a lane asks the card about this tap. */
  holds(tapId: string): boolean {
    return this.held.has(tapId);
  }

  hold(tapId: string): void {
    this.held.add(tapId);
  }

  letGo(tapId: string): void {
    this.held.delete(tapId);
  }

  /** Takes a sale for one lane; false where another one is at it. */
  take(saleId: string): boolean {
    if (this.sales.has(saleId)) return false;
    this.sales.add(saleId);
    return true;
  }

  leave(saleId: string): void {
    this.sales.delete(saleId);
  }

  /**
   * Asks a card alone. A card that was pulled off one reader may be on the next one before the first
   * lane has noticed; and a copy may lie there at the same time.
   */
  async alone<T>(card: string, work: () => Promise<T>): Promise<T> {
    const turns = this.cards.get(card) ?? { mutex: new Mutex(), waiting: 0 };
    this.cards.set(card, turns);
    turns.waiting += 1;
    try {
      return await turns.mutex.runExclusive(work);
    } finally {
      turns.waiting -= 1;
      if (turns.waiting === 0) this.cards.delete(card);
    }
  }
}
