import type { Reader } from "@tallystick/apdu";
import type { ProgramError } from "@tallystick/program";
import { asFailure, Failure } from "../failures.ts";
import { ORDER_CARD_WAIT_SECONDS, ORDER_REMOVAL_MS } from "../limits.ts";
import { claimReference, firstVisit, secondVisit } from "../personalize/personalize.ts";
import { stepsOf, type PersonalizeOptions } from "../personalize/personalize-options.ts";
import type { StepObserver } from "../steps/step-runner.ts";
import type { OrderedCard } from "./check-order.ts";
import { DepositWatch } from "./deposit-watch.ts";
import type { IssuedOrder, OrderEvent, SetAside } from "./order-events.ts";
import { OrderQueue } from "./order-queue.ts";

export interface IssueOptions {
  readonly cards: readonly OrderedCard[];
  readonly readers: readonly Reader[];
  /** What every card of the order has in common. */
  readonly station: Omit<
    PersonalizeOptions,
    "reference" | "owner" | "fund" | "reader" | "observe" | "warn" | "awaited"
  >;
  /** Other stations make cards of this order too. */
  readonly shared: boolean;
  readonly report: (event: OrderEvent) => void;
}

/** What ends the work at a reader, or at all of them: the next card would not be served better. */
const ENDS_WORK: readonly string[] = [
  ...["CARD_ABSENT", "NO_SERVICE", "READER_UNKNOWN", "READER_IN_USE", "INTERRUPTED", "JOURNAL_FAULT"],
  ...["SETTLEMENT_UNREACHABLE", "ISSUER_KEY_MISMATCH", "DEFAULT_KEYS_REFUSED"],
];

/** What a hand mistook; nothing was done to either card. */
const WRONG_CARD: readonly string[] = ["WRONG_CARD", "CARD_OF_OTHER_REFERENCE"];

/**
 * Makes the cards of an order, one at a time on each reader. A card that was begun is asked for
 * first, and one that is made is asked for no more: its deposit is awaited beside the others'. What
 * stands in one card's way sets that card aside, and the others go on; run the order again for those.
 */
export async function issueOrder(options: IssueOptions): Promise<IssuedOrder> {
  return await new OrderWork(options).run();
}

/** One run of an order. */
class OrderWork {
  readonly #options: IssueOptions;
  readonly #queue: OrderQueue;
  readonly #watch: DepositWatch;
  readonly #setAside: SetAside[] = [];
  readonly #elsewhere: string[] = [];
  #done = 0;
  #serving: number;

  constructor(options: IssueOptions) {
    const { station, cards, report, readers } = options;
    this.#options = options;
    this.#serving = readers.length;
    this.#queue = new OrderQueue(cards, station);
    const { settlement, config, environment } = station;
    const events = {
      isFinal: (reference: string) => this.#isFinal(reference),
      isRefused: (reference: string, failure: ProgramError) => this.#putAside(reference, failure, null),
    };
    const awaited = (wait: Parameters<NonNullable<PersonalizeOptions["awaited"]>>[0]): void =>
      report({ event: "await", count: this.#watch.references.length, ...wait });
    this.#watch = new DepositWatch({ settlement, config, environment, awaited }, events);
  }

  async run(): Promise<IssuedOrder> {
    const { readers, station, report } = this.#options;
    for (const { reference } of this.#queue.known) {
      this.#done++;
      report({ event: "known", reference, card: this.#addressOf(reference) });
    }
    for (const { reference, elsewhere } of this.#queue.elsewhere)
      this.#isElsewhere(reference, { card: elsewhere, message: "Another station made it." });
    for (const card of this.#queue.afloat) this.#watch.add(stepsOf(this.#partsOf(card)), card);
    const watching = this.#watch.run(() => this.#serving === 0);
    await Promise.all(readers.map((reader) => this.#serve(reader).finally(() => this.#serving--)));
    await watching;
    // What one reader gave up another one may have made.
    const isDone = (reference: string): boolean => station.journal.run(reference)?.done === true;
    return {
      done: this.#done,
      setAside: this.#setAside.filter(({ reference }) => !isDone(reference)),
      elsewhere: this.#elsewhere,
      awaited: this.#watch.references,
      left: this.#queue.left,
    };
  }

  async #serve(reader: Reader): Promise<void> {
    const { signal } = this.#options.station;
    let last: OrderedCard | null = null;
    while (!signal.aborted) {
      if (last !== null && this.#queue.left > 0 && !this.#queue.isNext(last)) {
        if (!(await this.#isTakenAway(last, reader))) return;
        last = null;
      }
      const card = this.#queue.next();
      if (card === undefined) {
        if (!this.#comesBack()) return;
        await this.#watch.change();
        continue;
      }
      const failure = await this.#make(card, reader);
      if (failure !== null && ENDS_WORK.includes(failure.code)) return this.#queue.putBack(card);
      if (failure !== null && WRONG_CARD.includes(failure.code)) {
        this.#queue.putBack(card);
        if (!(await this.#isTakenAway(null, reader))) return;
        continue;
      }
      if (failure?.code !== "REFERENCE_CLAIMED") last = card;
    }
  }

  /** Whether cards will be asked for once more, when their deposits are final. */
  #comesBack(): boolean {
    return (
      !this.#watch.isEnded && this.#watch.references.some((reference) => this.#queue.visitsOf(reference) === "two")
    );
  }

  /** One visit of a card at one reader; null where it went well. */
  async #make(card: OrderedCard, reader: Reader): Promise<ProgramError | null> {
    const { report, station } = this.#options;
    const { reference } = card;
    const times = new StepTimes(() => station.environment.now());
    const options = this.#partsOf(card, { reader, observe: times.observe });
    // Before anybody is asked for a card that another station makes.
    const refused = await this.#claim(options);
    if (refused !== null) return refused;
    if (this.#queue.needsCard(reference))
      report({ event: "put", reference, reader: reader.name, isBegun: this.#queue.isBegun(reference) });
    const steps = stepsOf(options);
    try {
      if (this.#queue.isSecond(reference)) {
        await secondVisit(steps, options);
        this.#note(reference, times.spent().seconds);
        this.#finish(reference, reader.name);
        return null;
      }
      const { visits, card: address } = await firstVisit(steps, options);
      this.#note(reference, times.spent().seconds);
      report({ event: "made", reference, reader: reader.name, card: address, visits, ...times.spent() });
      this.#watch.add(steps, card);
      return null;
    } catch (error) {
      const failure = asFailure(error);
      if (WRONG_CARD.includes(failure.code)) report({ event: "wrong", reference, reader: reader.name, failure });
      else this.#putAside(reference, failure, reader.name);
      return failure;
    }
  }

  /** Null where the reference is this station's. */
  async #claim(options: PersonalizeOptions): Promise<ProgramError | null> {
    const { reference } = options;
    try {
      await claimReference(options);
      return null;
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code === "REFERENCE_CLAIMED" && this.#options.shared)
        this.#isElsewhere(reference, { card: null, message: failure.message });
      else this.#putAside(reference, failure, null);
      return failure;
    }
  }

  #isElsewhere(reference: string, told: { readonly card: string | null; readonly message: string }): void {
    this.#elsewhere.push(reference);
    this.#options.report({ event: "elsewhere", reference, ...told });
  }

  /** For the report: the seconds of all visits, and that nothing stands in the way any more. */
  #note(reference: string, seconds: number): void {
    const { journal } = this.#options.station;
    const before = journal.run(reference)?.made.facts["seconds"];
    journal.note(reference, { seconds: seconds + (typeof before === "number" ? before : 0), failure: null });
  }

  #isFinal(reference: string): void {
    if (this.#queue.visitsOf(reference) === "one") return this.#finish(reference, null);
    this.#queue.callAgain(reference);
  }

  #finish(reference: string, reader: string | null): void {
    const { station, report } = this.#options;
    station.journal.finish(reference);
    this.#done++;
    const visits = this.#queue.visitsOf(reference);
    report({ event: "done", reference, reader, card: this.#addressOf(reference), visits });
  }

  #putAside(reference: string, failure: ProgramError, reader: string | null): void {
    this.#options.station.journal.note(reference, { failure: failure.code });
    this.#setAside.push({ reference, failure });
    this.#options.report({ event: "set-aside", reference, reader, failure });
  }

  #addressOf(reference: string): string {
    return String(this.#options.station.journal.step(reference, "generate-key")?.data["card"]);
  }

  #partsOf(
    card: OrderedCard,
    at: { readonly reader: Reader; readonly observe: StepObserver } | null = null,
  ): PersonalizeOptions {
    const { station, readers, report } = this.#options;
    const { reference, owner, fund, caps, hasPin } = card;
    const reader = at?.reader ?? readers[0];
    if (reader === undefined) throw new Failure("READER_UNKNOWN");
    return {
      ...{ ...station, reference, owner, fund, reader, letters: hasPin ? station.letters : null },
      config: { ...station.config, caps, cardWaitSeconds: ORDER_CARD_WAIT_SECONDS },
      observe: at?.observe ?? (() => undefined),
      warn: (message) => report({ event: "warning", reference, reader: reader.name, message }),
    };
  }

  /**
   * Waits until the card is off, so that the next one is not taken for it; no when the work ends here. Null is a card that
   * somebody was told to take off.
   */
  async #isTakenAway(card: OrderedCard | null, reader: Reader): Promise<boolean> {
    const { station, report } = this.#options;
    try {
      if ((await reader.status()).card === "absent") return true;
      if (card !== null) report({ event: "take", reference: card.reference, reader: reader.name });
      await reader.waitForRemoval({ timeoutMs: ORDER_REMOVAL_MS, signal: station.signal });
      return true;
    } catch (error) {
      if (!station.signal.aborted && !(asFailure(error) instanceof Failure)) throw error;
      return false;
    }
  }
}

/** How long a card lay on the reader, and how long each step took. */
class StepTimes {
  readonly #now: () => number;
  readonly #steps: Record<string, number> = {};
  #firstMs: number | null = null;
  #lastMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly observe: StepObserver = (step, code) => {
    const atMs = this.#now();
    this.#firstMs ??= atMs;
    if (code === "DONE") this.#steps[step] = atMs - this.#lastMs;
    this.#lastMs = atMs;
  };

  spent(): { readonly seconds: number; readonly steps: Readonly<Record<string, number>> } {
    return { seconds: Math.round((this.#now() - (this.#firstMs ?? this.#now())) / 1_000), steps: this.#steps };
  }
}
