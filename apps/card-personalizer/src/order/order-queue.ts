import type { Visits } from "../config/config-schema.ts";
import { isCardNeeded, visitsOf } from "../personalize/personalize.ts";
import { stepsOf, type PersonalizeOptions } from "../personalize/personalize-options.ts";
import type { OrderedCard } from "./check-order.ts";

type Station = Pick<PersonalizeOptions, "journal" | "environment" | "signal" | "visits" | "config" | "letters">;

/** Which card of an order is asked for next, by what the journal has of each. */
export class OrderQueue {
  /** Finished by an earlier run. */
  readonly known: readonly OrderedCard[];
  /** Made by another station. */
  readonly elsewhere: readonly OrderedCard[];
  /** Made by an earlier run, and waiting for the chain alone. */
  readonly afloat: readonly OrderedCard[];
  readonly #station: Station;
  readonly #cards: ReadonlyMap<string, OrderedCard>;
  readonly #waiting: OrderedCard[];
  /** References whose deposits are final and whose cards have to come once more. */
  readonly #second = new Set<string>();

  constructor(cards: readonly OrderedCard[], station: Station) {
    this.#station = station;
    this.#cards = new Map(cards.map((card) => [card.reference, card]));
    this.known = cards.filter(({ reference }) => station.journal.run(reference)?.done === true);
    this.elsewhere = cards.filter((card) => card.elsewhere !== null);
    const apart = new Set([...this.known, ...this.elsewhere]);
    const open = cards.filter((card) => !apart.has(card));
    this.afloat = open.filter(({ reference }) => this.#isAfloat(reference));
    for (const { reference } of open) if (this.#comesAgain(reference)) this.#second.add(reference);
    const onTheirWay = new Set(this.afloat);
    const wanted = open.filter((card) => !onTheirWay.has(card));
    this.#waiting = [
      ...wanted.filter(({ reference }) => this.isBegun(reference)),
      ...wanted.filter(({ reference }) => !this.isBegun(reference)),
    ];
  }

  /** Cards that nobody was asked for yet. */
  get left(): number {
    return this.#waiting.length;
  }

  next(): OrderedCard | undefined {
    return this.#waiting.shift();
  }

  putBack(card: OrderedCard): void {
    this.#waiting.unshift(card);
  }

  /** A card whose deposit is final and that has to come once more; after those that were not begun. */
  callAgain(reference: string): void {
    const card = this.#cards.get(reference);
    if (card === undefined) return;
    this.#second.add(reference);
    this.#waiting.push(card);
  }

  /** Whether this very card is the next one. */
  isNext({ reference }: OrderedCard): boolean {
    return this.#waiting[0]?.reference === reference;
  }

  /** Whether something has to be done on the card itself. */
  needsCard(reference: string): boolean {
    const { letters, ...station } = this.#station;
    const hasPin = this.#cards.get(reference)?.hasPin === true;
    return isCardNeeded(this.#steps(reference), { ...station, letters: hasPin ? letters : null });
  }

  isBegun(reference: string): boolean {
    return this.#station.journal.run(reference)?.cardName != null;
  }

  /** Its deposit is final, and what is left is its second visit. */
  isSecond(reference: string): boolean {
    return this.#second.has(reference);
  }

  visitsOf(reference: string): Visits {
    return visitsOf(this.#steps(reference), this.#station);
  }

  #isAfloat(reference: string): boolean {
    const steps = this.#steps(reference);
    if (this.visitsOf(reference) === "two") return steps.isDone("fund") && !steps.isDone("final");
    return steps.isDone("upload") && steps.isDone("fund") && !this.needsCard(reference);
  }

  #comesAgain(reference: string): boolean {
    return this.visitsOf(reference) === "two" && this.#steps(reference).isDone("final");
  }

  #steps(reference: string) {
    const { journal, environment, signal } = this.#station;
    return stepsOf({ journal, reference, environment, signal, observe: () => undefined });
  }
}
