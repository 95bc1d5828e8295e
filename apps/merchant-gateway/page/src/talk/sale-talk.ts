import {
  type After,
  followSales,
  type GatewayClient,
  GatewayError,
  isOpenOutcome,
  type Sale,
} from "@tallystick/gateway-client";
import { CARD_WAIT_SECONDS, RETRY_MS, STOP_DEADLINE_MS } from "../limits.ts";
import { type Effect, FIRST, isAwaited, type Model, type PageEvent, screenOf, type Trouble } from "../machine/model.ts";
import { step } from "../machine/step.ts";
import type { Memory } from "./memory.ts";

export interface SaleTalkParts {
  readonly client: GatewayClient;
  readonly memory: Memory;
  readonly after: After;
  /** The lane that the page's address names; null asks for the terminal's only one, or its first. */
  readonly lane: string | null;
  /** The lane whose sales are shown; null where the terminal has one reader. */
  readonly shownLane: () => string | null;
  /** Who sells; null where the terminal knows no people. */
  readonly cashier: () => string | null;
  /** Something changed. */
  readonly onChange: () => void;
}

/**
 * What the page says of its sale, and what it asks of the terminal for it. The page decides nothing: whatever
 * was lost is read again, and what is shown is what was read or told last.
 */
export class SaleTalk {
  private readonly parts: SaleTalkParts;
  /** Counts what the terminal told by itself, and new lines: an answer that was overtaken by it is read again. */
  private heard = 0;
  private readonly reading = new Set<string>();
  private stopFollowing: () => void = () => undefined;
  model: Model = FIRST;
  /** Whether the terminal is heard. */
  isUp = false;

  constructor(parts: SaleTalkParts) {
    this.parts = parts;
  }

  /** The terminal answers this page: what is remembered is shown, and sales are followed. */
  open(): void {
    this.stopFollowing();
    this.dispatch({ name: "opened", remembered: this.parts.memory.remembered() });
    this.stopFollowing = followSales(this.parts.client, {
      onSale: (sale) => {
        this.tell(sale);
      },
      onUp: () => {
        this.isUp = true;
        // What was asked for before may have been answered before something that nobody told: it is asked again.
        this.heard += 1;
        this.parts.onChange();
        this.readAgain();
      },
      onDown: () => {
        this.isUp = false;
        this.parts.onChange();
      },
    });
  }

  /** Ends everything; for a page that is closed. */
  close(): void {
    this.stopFollowing();
  }

  dispatch(event: PageEvent): void {
    const { model, effects } = step(this.model, event);
    this.model = model;
    for (const effect of effects) this.carryOut(effect);
    this.parts.onChange();
  }

  private tell(sale: Sale): void {
    if (!this.isOfLane(sale)) return;
    this.heard += 1;
    this.dispatch({ name: "told", sale });
  }

  private readAgain(): void {
    const { terms, screen } = this.model;
    if (terms === null || screen === "amount") void this.look();
    else void this.read(terms.id);
  }

  private carryOut(effect: Effect): void {
    const { memory } = this.parts;
    switch (effect.do) {
      case "remember":
        memory.remember(effect.terms);
        return;
      case "forget":
        memory.forget();
        return;
      case "put":
        void this.put(effect.terms);
        return;
      case "read":
        void this.read(effect.id);
        return;
      case "cancel":
        void this.cancel(effect.id);
        return;
      case "attempt":
        void this.attempt(effect);
        return;
      case "look":
        void this.look();
        return;
    }
  }

  /** Asks until it is answered: the same id never charges twice. */
  private async put(terms: NonNullable<Model["terms"]>): Promise<void> {
    const { client, lane, cashier } = this.parts;
    const { id, amount, currency } = terms;
    const who = cashier();
    const body = {
      ...{ amount, currency, waitSeconds: CARD_WAIT_SECONDS },
      ...(who === null ? {} : { cashier: who }),
      ...(lane === null ? {} : { lane }),
    };
    const isWanted = (): boolean => this.model.terms?.id === id && this.model.screen === "asking";
    for (;;) {
      const before = this.heard;
      try {
        this.take(id, before, await client.call("PUT /v1/sales/{id}", { path: { id }, body }));
        return;
      } catch (error) {
        if (this.isRefused(id, error)) return;
      }
      await this.pause();
      if (!isWanted()) return;
      if (this.model.stopping) {
        await this.read(id);
        return;
      }
    }
  }

  /** Reads until it is answered, as long as the sale is shown. */
  private async read(id: string): Promise<void> {
    if (this.reading.has(id)) return;
    this.reading.add(id);
    try {
      while (this.model.terms?.id === id || this.model.lost?.terms.id === id) {
        const before = this.heard;
        try {
          const sale = await this.parts.client.call("GET /v1/sales/{id}", { path: { id } });
          if (before !== this.heard) continue;
          this.dispatch({ name: "told", sale });
          return;
        } catch (error) {
          if (error instanceof GatewayError && error.code === "SALE_UNKNOWN") {
            this.dispatch({ name: "unknown", id });
            return;
          }
          if (this.isRefused(id, error)) return;
        }
        await this.pause();
      }
    } finally {
      this.reading.delete(id);
    }
  }

  /** Stops until the terminal says what the sale has come to. */
  private async cancel(id: string): Promise<void> {
    const { client } = this.parts;
    const isRunning = (): boolean => this.model.terms?.id === id && this.model.stopping && isAwaited(this.model.screen);
    for (;;) {
      const before = this.heard;
      try {
        const options = { path: { id }, body: {}, deadlineMs: STOP_DEADLINE_MS };
        this.take(id, before, await client.call("POST /v1/sales/{id}/cancel", options));
        return;
      } catch (error) {
        if (this.isRefused(id, error)) return;
      }
      await this.pause();
      if (!isRunning()) return;
    }
  }

  private async attempt({ id, pin, word }: Extract<Effect, { do: "attempt" }>): Promise<void> {
    const body = {
      waitSeconds: CARD_WAIT_SECONDS,
      ...(pin === null ? {} : { pin }),
      ...(word ? { again: true } : {}),
    };
    const before = this.heard;
    try {
      this.take(id, before, await this.parts.client.call("POST /v1/sales/{id}/attempts", { path: { id }, body }));
    } catch (error) {
      if (isOpenOutcome(error)) await this.read(id);
      else this.refuse(id, error);
    }
  }

  /** Whatever a card is awaited for now: another window began it, or a program beside this page. */
  private async look(): Promise<void> {
    const before = this.heard;
    try {
      const { sales } = await this.parts.client.call("GET /v1/sales");
      if (before !== this.heard) {
        await this.look();
        return;
      }
      const lostId = this.model.lost?.terms.id;
      for (const sale of sales.filter((each) => this.isOfLane(each)))
        if (sale.id === lostId || isAwaited(screenOf(sale))) this.dispatch({ name: "told", sale });
    } catch (error) {
      // Nothing is shown for want of it; the line says by itself when it is back.
      if (!isOpenOutcome(error)) this.refuse(null, error);
    }
  }

  private isOfLane({ lane }: Sale): boolean {
    const shown = this.parts.shownLane();
    return shown === null || lane === shown;
  }

  /** An answer, unless something was told since it was asked for: then what is true now is read. */
  private take(id: string, before: number, sale: Sale): void {
    if (before === this.heard) this.dispatch({ name: "told", sale });
    else void this.read(id);
  }

  /** Whether the terminal refused the call, and says so; else it is open what it did, and it is asked again. */
  private isRefused(id: string, error: unknown): boolean {
    if (isOpenOutcome(error)) return false;
    this.refuse(id, error);
    return true;
  }

  private refuse(id: string | null, error: unknown): void {
    const trouble = troubleOf(error);
    if (trouble.code === "PAIRING_NEEDED") this.dispatch({ name: "closed", needed: "pairing" });
    else if (trouble.code === "PERSON_NEEDED") this.dispatch({ name: "closed", needed: "person" });
    else this.dispatch({ name: "refused", id, trouble });
  }

  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.parts.after(RETRY_MS, resolve);
    });
  }
}

/** Why a call failed, for people. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof GatewayError) {
    const { code, message, retryAfterSeconds } = error;
    return { code, message, retryAfterSeconds };
  }
  return { code: "INTERNAL", message: String(error) };
}
