import { equalBytes } from "@tallystick/protocol";
import type { DomainPolicy, Policies } from "../config/policies.ts";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { SaleTerms, SaleQuery, SaleRecord } from "../journal/sales/sale-store.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { TapPhase } from "../taps/sale.ts";
import type { TapEngine } from "../taps/tap-engine.ts";
import { TapError } from "../taps/tap-error.ts";
import { SaleError } from "./sale-error.ts";
import { type SaleView, saleView } from "./sale-view.ts";

/** One try to have a sale paid. */
export interface SaleAttempt {
  /** The cardholder's PIN, one digit in each byte; overwritten when the attempt has ended. */
  readonly pin: Uint8Array | null;
  /** How long to wait for a card; null takes the configured time. */
  readonly waitMs: number | null;
  /** Takes the amount from a card that paid the same a moment ago. */
  readonly again: boolean;
}

/** A sale is asked for and its first attempt begins; or it was known, and nothing began. */
export interface PutSale {
  readonly created: boolean;
  readonly view: SaleView;
}

export interface SalesParts {
  readonly journal: Pick<Journal, "write" | "sales" | "taps" | "reversals">;
  readonly engine: Pick<TapEngine, "tap" | "reverse" | "rest" | "isBusy" | "isHolding">;
  readonly policies: Policies;
  readonly clock: Pick<TerminalClock, "now">;
  /** Takes what an attempt fails with that is no outcome of a tap. */
  readonly onFailure: (error: unknown) => void;
}

/** The attempt that runs. */
interface Running {
  readonly saleId: string;
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
  private running: Running | null = null;
  /** The sale whose card was read last. */
  private last: string | null = null;

  constructor(parts: SalesParts) {
    this.parts = parts;
  }

  /**
   * Asks for a sale and begins its first attempt. A sale that is known is read and nothing begins. Throws
   * SaleError SALE_DIFFERS where it is known with other terms, TapError TAP_IN_PROGRESS while another
   * attempt runs and CURRENCY_NOT_SERVED.
   */
  put(terms: SaleTerms, attempt: SaleAttempt): PutSale {
    const known = this.parts.journal.sales.byId(terms.id);
    if (known !== null) {
      if (!isSame(known, terms)) throw differs();
      return { created: false, view: this.viewOf(known) };
    }
    const tap = this.parts.journal.taps.bySale(terms.id);
    const domains = this.domainsOf(terms);
    if (tap !== null && (tap.amount !== terms.amount || !isOfDomains(tap, domains))) throw differs();
    this.assertFree();
    const { journal, clock } = this.parts;
    const now = clock.now();
    journal.write(() => {
      journal.sales.add(terms, now);
    });
    const sale = { ...terms, createdAt: now };
    if (tap?.state !== "accepted") this.begin(sale, attempt);
    return { created: true, view: this.viewOf(sale) };
  }

  /**
   * Tries a sale once more that is not paid: with a PIN, with another card, or with the same card after
   * a torn tap. Throws SaleError SALE_UNKNOWN, SALE_PAID or SALE_REVERSED, TapError TAP_IN_PROGRESS and
   * CURRENCY_NOT_SERVED.
   */
  attempt(id: string, attempt: SaleAttempt): SaleView {
    const sale = this.saleOf(id);
    const { state } = this.viewOf(sale);
    if (state === "paid") throw new SaleError("SALE_PAID", "This sale is paid already; nothing more is taken for it.");
    if (state === "reversed")
      throw new SaleError("SALE_REVERSED", "This sale was reversed; begin a new one under an id of its own.");
    this.assertFree();
    this.begin(sale, attempt);
    return this.viewOf(sale);
  }

  /**
   * Ends the wait for a card and answers what the sale has come to by then: a stop that comes too late
   * finds it paid. Does nothing where no attempt runs. Throws SaleError SALE_UNKNOWN.
   */
  async cancel(id: string): Promise<SaleView> {
    const sale = this.saleOf(id);
    if (this.running?.saleId === id) {
      const { stop, ended } = this.running;
      stop.abort();
      await ended;
    }
    return this.viewOf(sale);
  }

  /**
   * Reverses what its tap did or may have done. Throws SaleError SALE_UNKNOWN, SALE_IN_PROGRESS and
   * SALE_NOT_PAID where no card was asked, TapError TAP_NOT_OPEN and TAP_FINAL.
   */
  reverse(id: string): SaleView {
    const sale = this.saleOf(id);
    if (this.running?.saleId === id)
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
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** How many listen. */
  get listening(): number {
    return this.listeners.size;
  }

  /** Resolves when no attempt runs. */
  async settled(): Promise<void> {
    await this.running?.ended;
  }

  /** Resolves when the attempt that runs has ended and nothing more is asked of its card. */
  async letGo(): Promise<void> {
    await this.settled();
    await this.parts.engine.rest();
  }

  /** Ends the attempt that runs, and resolves when it has ended. */
  async rest(): Promise<void> {
    this.running?.stop.abort();
    await this.settled();
  }

  private begin(sale: SaleRecord, attempt: SaleAttempt): void {
    const stop = new AbortController();
    const running: Running = { saleId: sale.id, stop, phase: "waiting", ended: Promise.resolve() };
    this.running = running;
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
      const wishes = { again, onPhase };
      await this.parts.engine.tap({ saleId, amount, domains, pin, waitMs, signal: running.stop.signal, sale: wishes });
    } catch (error) {
      // The journal tells where the sale stands; what is no outcome is for whoever looks after the terminal.
      this.parts.onFailure(error);
    } finally {
      pin?.fill(0);
      this.running = null;
      this.last = sale.id;
      this.tell(this.viewOf(sale));
    }
    void this.tellReleased(sale);
  }

  /** A sale whose card exchanges beacons after it was told is told once more when the card may go. */
  private async tellReleased(sale: SaleRecord): Promise<void> {
    if (!this.parts.engine.isHolding) return;
    await this.parts.engine.rest();
    if (this.listening === 0) return;
    try {
      this.tell(this.viewOf(sale));
    } catch (error) {
      this.parts.onFailure(error);
    }
  }

  private viewOf(sale: SaleRecord): SaleView {
    const { journal } = this.parts;
    const phase = this.running?.saleId === sale.id ? this.running.phase : null;
    const tap = journal.taps.bySale(sale.id);
    const holding = this.last === sale.id && this.running === null && this.parts.engine.isHolding;
    return saleView(sale, { phase, tap, isReversed: tap !== null && journal.reversals.has(tap.id), holding });
  }

  private saleOf(id: string): SaleRecord {
    const sale = this.parts.journal.sales.byId(id);
    if (sale === null) throw new SaleError("SALE_UNKNOWN", "No sale has this id; the list of sales is at /v1/sales.");
    return sale;
  }

  private assertFree(): void {
    if (this.running !== null || this.parts.engine.isBusy)
      throw new TapError("TAP_IN_PROGRESS", "The terminal is already waiting for a card; end that first.");
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

function isOfDomains({ domainBytes }: TapRecord, domains: readonly DomainPolicy[]): boolean {
  return domains.some(({ served }) => equalBytes(served.domainBytes, domainBytes));
}

/** Cashier and metadata may be told better later; what is owed may not. */
function isSame(known: SaleRecord, terms: SaleTerms): boolean {
  const { amount, currency, decimals, reference } = terms;
  return (
    known.amount === amount &&
    known.currency === currency &&
    known.decimals === decimals &&
    known.reference === reference
  );
}

function differs(): SaleError {
  return new SaleError("SALE_DIFFERS", "This sale is known with other terms; give the new sale an id of its own.");
}
