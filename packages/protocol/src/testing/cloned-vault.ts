import * as protocol from "../index.ts";
import type * as guarantee from "../guarantee/index.ts";
import { payee } from "./fixture.ts";
import type { Message } from "./honest-terminal.ts";

interface VaultCard {
  balance: bigint;
  flagged: boolean;
  readonly used: Map<number, guarantee.CounterUse>;
}

/** The vault as far as counters and balances go: it pays each counter once and only what a card holds. */
export class ClonedVault {
  private readonly cards: ReadonlyMap<number, VaultCard>;

  constructor(cards: readonly number[], balance: bigint) {
    this.cards = new Map(cards.map((card) => [card, { balance, flagged: false, used: new Map() }]));
  }

  card(card: number): VaultCard {
    const found = this.cards.get(card);
    if (found === undefined) throw new Error(`There is no card ${card}.`);
    return found;
  }

  /** Answers whether it paid. */
  pay({ card, observation: { counter, amount, messageHash } }: Message): boolean {
    const slot = this.card(card);
    if (slot.used.has(counter) || slot.balance < amount) return false;
    slot.used.set(counter, { by: "settled", voucherId: messageHash });
    slot.balance -= amount;
    return true;
  }

  release({ card, observation: { counter } }: Message): void {
    const { used } = this.card(card);
    if (!used.has(counter)) used.set(counter, { by: "released", payee });
  }

  paid({ card, observation: { counter, messageHash } }: Message): boolean {
    const use = this.card(card).used.get(counter);
    return use?.by === "settled" && protocol.equalBytes(use.voucherId, messageHash);
  }
}
