import type { DomainPolicy, Policies } from "../config/policies.ts";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { SaleTerms, SaleQuery, SaleRecord } from "../journal/sales/sale-store.ts";
import type { TapPhase } from "../taps/sale.ts";
import type { TapEngine } from "../taps/tap-engine.ts";
import { TapError } from "../taps/tap-error.ts";
import type { TapView } from "../taps/tap-result.ts";
import { SaleError } from "./sale-error.ts";
import { isOfDomains, isSame } from "./sale-terms.ts";
import { type SaleView, saleView } from "./sale-view.ts";

/** One try to have a sale paid. */
export interface SaleAttempt {
  /** The cardholder's PIN, one digit in each byte; overwritten when the attempt has ended. */
  readonly pin: Uint8Array | null;
  /** How long to wait for a card; null takes the configured time. */
  readonly waitMs: number | null;
  /** Takes the amount from a card that paid the same a moment ago. */
  readonly again: boolean;
  /** Where the card is awaited; where the sale was tried last when left out. */
  readonly lane?: string;
}

/** A sale is asked for and its first attempt begins; or it was known, and nothing began. */
export interface PutSale {
  readonly created: boolean;
  readonly view: SaleView;
}

export interface SalesParts {
  readonly journal: Pick<Journal, "write" | "sales" | "taps" | "reversals">;
  readonly engine: Pick<
    TapEngine,
    "tap" | "reverse" | "rest" | "restAt" | "isBusyAt" | "isHoldingAt" | "laneOrFirst" | "first"
  >;
  readonly policies: Policies;
  readonly clock: Pick<TerminalClock, "now">;
  /** Takes what an attempt fails with that is no outcome of a tap. */
  readonly onFailure: (error: unknown) => void;
}

/** The attempt that runs. */
interface Running {
  readonly saleId: string;
  readonly lane: string;
  readonly stop: AbortController;
  phase: TapPhase;
  ended: Promise<void>;
}

/**
 * Sales (spec §5.11): each is asked for once under its id and paid at most once, whatever is asked
 * again. An attempt runs without its caller: who asked may hang up, come back, and read how it ended.
 */
export class Sales {
  private readonly parts: SalesParts;
  private readonly listeners = new Set<(view: SaleView) => void>();
  /** By lane. */
  private readonly running = new Map<string, Running>();
  /** The sale of each lane whose card was read last there. */
  private readonly last = new Map<string, string>();

  constructor(parts: SalesParts) {
    this.parts = parts;
  }

  /**
   * Asks for a sale and begins its first attempt. A sale that is known is read and nothing begins. Throws
   * SaleError SALE_DIFFERS where it is known with other terms, TapError TAP_IN_PROGRESS while another
   * attempt runs at its lane, CURRENCY_NOT_SERVED and LANE_UNKNOWN.
   */
  put(terms: SaleTerms, attempt: SaleAttempt): PutSale {
    const lane = attempt.lane ?? terms.lane;
    const isBusy = this.isBusyAt(lane);
    const known = this.parts.journal.sales.byId(terms.id);
    if (known !== null) {
      if (!isSame(known, terms)) throw differs();
      return { created: false, view: this.viewOf(known) };
    }
    const tap = this.parts.journal.taps.bySale(terms.id);
    const domains = this.domainsOf(terms);
    if (tap !== null && (tap.amount !== terms.amount || !isOfDomains(tap, domains))) throw differs();
    if (isBusy) throw inProgress();
    const { journal, clock } = this.parts;
    const now = clock.now();
    journal.write(() => {
      journal.sales.add(terms, now);
    });
    const sale = { ...terms, createdAt: now };
    if (tap?.state !== "accepted") this.begin(sale, attempt, lane);
    return { created: true, view: this.viewOf(sale) };
  }

  /**
   * Tries a sale once more that is not paid: with a PIN, with another card, or with the same card after
   * a torn tap. Throws SaleError SALE_UNKNOWN, SALE_PAID or SALE_REVERSED, TapError TAP_IN_PROGRESS,
   * CURRENCY_NOT_SERVED and LANE_UNKNOWN.
   */
  attempt(id: string, attempt: SaleAttempt): SaleView {
    const sale = this.saleOf(id);
    const { state, lane: last } = this.viewOf(sale);
    const lane = attempt.lane ?? this.parts.engine.laneOrFirst(last);
    const isBusy = this.isBusyAt(lane) || this.attemptOf(id) !== null;
    if (state === "paid") throw new SaleError("SALE_PAID", "This sale is paid already; nothing more is taken for it.");
    if (state === "reversed")
      throw new SaleError("SALE_REVERSED", "This sale was reversed; begin a new one under an id of its own.");
    if (isBusy) throw inProgress();
    this.begin(sale, attempt, lane);
    return this.viewOf(sale);
  }

  /**
   * Ends the wait for a card and answers what the sale has come to by then: a stop that comes too late
   * finds it paid. Does nothing where no attempt runs. Throws SaleError SALE_UNKNOWN.
   */
  async cancel(id: string): Promise<SaleView> {
    const sale = this.saleOf(id);
    const running = this.attemptOf(id);
    if (running !== null) {
      running.stop.abort();
      await running.ended;
    }
    return this.viewOf(sale);
  }

  /**
   * Reverses what its tap did or may have done. Throws SaleError SALE_UNKNOWN, SALE_IN_PROGRESS and
   * SALE_NOT_PAID where no card was asked, TapError TAP_NOT_OPEN and TAP_FINAL.
   */
  reverse(id: string): SaleView {
    const sale = this.saleOf(id);
    if (this.attemptOf(id) !== null)
      throw new SaleError("SALE_IN_PROGRESS", "A card is awaited for this sale; cancel it first.");
    this.parts.engine.reverse(this.tapOf(sale).id);
    const view = this.viewOf(sale);
    this.tell(view);
    return view;
  }

  /** The tap that a sale was paid or tried with last. Throws SaleError SALE_UNKNOWN and SALE_NOT_PAID. */
  tapOf({ id }: Pick<SaleRecord, "id">): { readonly id: string } {
    this.saleOf(id);
    const tap = this.parts.journal.taps.bySale(id);
    if (tap === null)
      throw new SaleError("SALE_NOT_PAID", "No card was asked to pay this sale; nothing is to be given back.");
    return tap;
  }

  /** Throws SaleError SALE_UNKNOWN. */
  view(id: string): SaleView {
    return this.viewOf(this.saleOf(id));
  }

  /** Sales, newest first. Throws SaleError SALE_UNKNOWN where `before` is no sale. */
  page(query: SaleQuery): readonly SaleView[] {
    if (query.before !== null) this.saleOf(query.before);
    return this.parts.journal.sales.page(query).map((sale) => this.viewOf(sale));
  }

  /** Calls back with every change of any sale until what it answers is called. */
  subscribe(listener: (view: SaleView) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** How many listen. */
  get listening(): number {
    return this.listeners.size;
  }

  /** Resolves when no attempt runs, at this lane where one is named. */
  async settled(lane: string | null = null): Promise<void> {
    const running = [...this.running.values()].filter((each) => lane === null || each.lane === lane);
    await Promise.all(running.map(({ ended }) => ended));
  }

  /** Resolves when no attempt runs and nothing more is asked of its card, at this lane where one is named. */
  async letGo(lane: string | null = null): Promise<void> {
    await this.settled(lane);
    await (lane === null ? this.parts.engine.rest() : this.parts.engine.restAt(lane));
  }

  /** Ends the attempts that run, and resolves when they have ended. */
  async rest(): Promise<void> {
    for (const { stop } of this.running.values()) stop.abort();
    await this.settled();
  }

  private begin(sale: SaleRecord, attempt: SaleAttempt, lane: string): void {
    const stop = new AbortController();
    const running: Running = { saleId: sale.id, lane, stop, phase: "waiting", ended: Promise.resolve() };
    this.running.set(lane, running);
    running.ended = this.run(sale, attempt, running);
  }

  private async run(sale: SaleRecord, { pin, waitMs, again }: SaleAttempt, running: Running): Promise<void> {
    const onPhase = (phase: TapPhase): void => {
      running.phase = phase;
      this.tell(this.viewOf(sale));
    };
    try {
      const domains = this.domainsOf(sale);
      const { id: saleId, amount } = sale;
      const { lane, stop } = running;
      const wanted = { saleId, lane, amount, domains, pin, waitMs, signal: stop.signal, sale: { again, onPhase } };
      const { resolved } = await this.parts.engine.tap(wanted);
      this.tellResolved(resolved);
    } catch (error) {
      // The journal tells where the sale stands; what is no outcome is for whoever looks after the terminal.
      this.parts.onFailure(error);
    } finally {
      pin?.fill(0);
      this.running.delete(running.lane);
      this.last.set(running.lane, sale.id);
      this.tell(this.viewOf(sale));
    }
    void this.tellReleased(sale, running.lane);
  }

  /** Sales of earlier taps that this tap's card has settled: who waits for one elsewhere need not any more. */
  private tellResolved(resolved: readonly TapView[]): void {
    for (const { saleId, outcome } of resolved) {
      const sale = this.parts.journal.sales.byId(saleId);
      if (sale === null) continue;
      if (outcome === "accepted") this.attemptOf(saleId)?.stop.abort();
      this.tell(this.viewOf(sale));
    }
  }

  /** A sale whose card exchanges beacons after it was told is told once more when the card may go. */
  private async tellReleased(sale: SaleRecord, lane: string): Promise<void> {
    if (!this.parts.engine.isHoldingAt(lane)) return;
    await this.parts.engine.restAt(lane);
    if (this.listening === 0) return;
    try {
      this.tell(this.viewOf(sale));
    } catch (error) {
      this.parts.onFailure(error);
    }
  }

  private viewOf(sale: SaleRecord): SaleView {
    const { journal } = this.parts;
    const running = this.attemptOf(sale.id);
    const tap = journal.taps.bySale(sale.id);
    const isReversed = tap !== null && journal.reversals.has(tap.id);
    const lane = running?.lane ?? tap?.lane ?? sale.lane;
    const holding = this.isHolding(sale.id, lane);
    return saleView(sale, { phase: running?.phase ?? null, tap, isReversed, lane, holding });
  }

  /** Whether the card that paid a sale is still in use at its lane. */
  private isHolding(saleId: string, lane: string): boolean {
    const { engine } = this.parts;
    return this.last.get(lane) === saleId && !this.running.has(lane) && engine.isHoldingAt(lane);
  }

  /** The attempt that runs for a sale. */
  private attemptOf(saleId: string): Running | null {
    return [...this.running.values()].find((running) => running.saleId === saleId) ?? null;
  }

  private saleOf(id: string): SaleRecord {
    const sale = this.parts.journal.sales.byId(id);
    if (sale === null) throw new SaleError("SALE_UNKNOWN", "No sale has this id; the list of sales is at /v1/sales.");
    return sale;
  }

  private isBusyAt(lane: string): boolean {
    return this.parts.engine.isBusyAt(lane) || this.running.has(lane);
  }

  private domainsOf({ currency, decimals }: SaleTerms): readonly DomainPolicy[] {
    const served = this.parts.policies
      .all()
      .filter(({ served: { asset } }) => asset.code === currency && asset.decimals === decimals);
    if (served.length === 0)
      throw new TapError("CURRENCY_NOT_SERVED", `This terminal does not take ${currency} with ${decimals} decimals.`);
    return served;
  }

  private tell(view: SaleView): void {
    for (const listener of this.listeners) listener(view);
  }
}

function inProgress(): TapError {
  return new TapError("TAP_IN_PROGRESS", "This lane is already waiting for a card; end that first.");
}

function differs(): SaleError {
  return new SaleError("SALE_DIFFERS", "This sale is known with other terms; give the new sale an id of its own.");
}
