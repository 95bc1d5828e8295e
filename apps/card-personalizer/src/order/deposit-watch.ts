import type { ProgramError } from "@tallystick/program";
import { asFailure, blamingBytesOn, Failure } from "../failures.ts";
import { DEPOSITS_A_LOOK, POLL_MS } from "../limits.ts";
import { FirstDeposit } from "../steps/funding/final.ts";
import { WaitTeller, type FundingOptions } from "../steps/funding-options.ts";
import type { StepRunner } from "../steps/step-runner.ts";

/** What the watch tells of. */
export interface DepositEvents {
  readonly isFinal: (reference: string) => void;
  readonly isRefused: (reference: string, failure: ProgramError) => void;
}

interface Waiting {
  readonly steps: StepRunner;
  readonly deposit: FirstDeposit;
}

/**
 * Waits for the deposits of many cards side by side, while cards are made and after it. It looks at some of them at a time,
 * those first that were not looked at for longest.
 */
export class DepositWatch {
  readonly #options: Pick<FundingOptions, "settlement" | "config" | "environment" | "awaited">;
  readonly #events: DepositEvents;
  readonly #waiting = new Map<string, Waiting>();
  #wake: (() => void)[] = [];
  #progressMs: number;
  #isEnded = false;

  constructor(
    options: Pick<FundingOptions, "settlement" | "config" | "environment" | "awaited">,
    events: DepositEvents,
  ) {
    this.#options = options;
    this.#events = events;
    this.#progressMs = options.environment.now();
  }

  /** References whose deposits are not final, in the order in which they are looked at. */
  get references(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  /** No deposit is looked at any more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  add(steps: StepRunner, card: Pick<FundingOptions, "reference" | "owner" | "fund">): void {
    const deposit = new FirstDeposit(steps, { ...this.#options, ...card });
    this.#waiting.set(card.reference, { steps, deposit });
    this.#progressMs = this.#options.environment.now();
  }

  /** Until something has changed for one of the cards, or the watch has ended. */
  async change(): Promise<void> {
    if (!this.#isEnded) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /**
   * Until no card waits and `isOver` says that none will come. Ends early where a wait is given up: past the time that
   * finality may take without one deposit becoming final, where settlement is away, or where the run is stopped; the cards
   * then stay as they are.
   */
  async run(isOver: () => boolean): Promise<void> {
    const { environment, config } = this.#options;
    const teller = new WaitTeller(this.#options, environment.now());
    try {
      while (this.#waiting.size > 0 || !isOver()) {
        const waitsFor = await this.#look();
        this.#wakeAll();
        if (this.#waiting.size === 0 && isOver()) return;
        if (waitsFor !== null) await teller.tell(waitsFor);
        if (this.#waiting.size > 0 && environment.now() - this.#progressMs >= config.finalityTimeoutSeconds * 1_000)
          return this.#giveUp(new Failure("NOT_FINAL", waitsFor === null ? undefined : `It waits for: ${waitsFor}.`));
        await environment.pause(POLL_MS);
      }
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code !== "INTERRUPTED") this.#giveUp(failure);
    } finally {
      this.#isEnded = true;
      this.#wakeAll();
    }
  }

  /** What the first card that is not final waits for. */
  async #look(): Promise<string | null> {
    let first: string | null = null;
    for (const [reference, waiting] of [...this.#waiting].slice(0, DEPOSITS_A_LOOK)) {
      // Behind the others, until it is its turn again.
      this.#waiting.delete(reference);
      this.#waiting.set(reference, waiting);
      try {
        const { is, waitsFor = null } = await blamingBytesOn("SETTLEMENT_ANSWER", () => waiting.deposit.look());
        if (!is) {
          first ??= waitsFor ?? "the deposit to become final";
          continue;
        }
        await waiting.steps.run("final", { work: () => Promise.resolve({}) });
        this.#settle(reference);
        this.#events.isFinal(reference);
      } catch (error) {
        const failure = asFailure(error);
        if (failure.code === "INTERRUPTED" || failure.code === "SETTLEMENT_UNREACHABLE") throw failure;
        this.#settle(reference);
        this.#events.isRefused(reference, failure);
      }
    }
    return first;
  }

  #settle(reference: string): void {
    this.#waiting.delete(reference);
    this.#progressMs = this.#options.environment.now();
  }

  #giveUp(failure: ProgramError): void {
    for (const reference of this.references) {
      this.#waiting.delete(reference);
      this.#events.isRefused(reference, failure);
    }
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
