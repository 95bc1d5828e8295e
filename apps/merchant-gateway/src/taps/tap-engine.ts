import type { Reader } from "@tallystick/apdu";
import { LaneTaps } from "./lanes/lane-taps.ts";
import { TapWork } from "./turns/tap-work.ts";
import { type BalanceReading, readBalances } from "./balance/read-balances.ts";
import type { CardWait, Lent, TapEngineParts, TapRequest } from "./sale.ts";
import { TapError } from "./tap-error.ts";
import { TapMaintenance } from "./tap-maintenance.ts";
import type { TapResult, TapView } from "./tap-result.ts";

/** A place at which one card at a time is taken. */
export interface TapLane {
  readonly name: string;
  readonly reader: Reader;
}

/** What the tap engine works with, and its lanes, at least one. */
export interface TapEngineSetup extends Omit<TapEngineParts, "lane" | "reader" | "work"> {
  readonly lanes: readonly TapLane[];
}

/**
 * Takes payments: one at a time at each lane, and all lanes at once. They share journal, certificate and
 * limits, so what a limit still allows is decided and taken in one durable step (spec §5.13).
 */
export class TapEngine {
  private readonly maintenance: TapMaintenance;
  private readonly lanes: ReadonlyMap<string, LaneTaps>;
  private readonly work = new TapWork();
  /** The lane of a request that names none. */
  readonly first: string;

  constructor({ lanes, ...parts }: TapEngineSetup) {
    const [first] = lanes;
    if (first === undefined) throw new RangeError("a terminal has at least one lane");
    const { work } = this;
    const maintenance = new TapMaintenance({ ...parts, work });
    this.maintenance = maintenance;
    this.first = first.name;
    this.lanes = new Map(
      lanes.map(({ name, reader }) => [name, new LaneTaps({ ...parts, lane: name, reader, work, maintenance })]),
    );
  }

  /** Whether any lane is at a tap. */
  get isBusy(): boolean {
    return [...this.lanes.values()].some(({ isBusy }) => isBusy);
  }

  /** Whether any lane is asking a card: the time for anything else is later. */
  get isAsking(): boolean {
    return [...this.lanes.values()].some(({ isAsking }) => isAsking);
  }

  /** This lane where there is one of its name, else the first: the configuration may have changed. */
  laneOrFirst(lane: string): string {
    return this.lanes.has(lane) ? lane : this.first;
  }

  /** Whether this lane is at a tap. Throws TapError LANE_UNKNOWN. */
  isBusyAt(lane: string): boolean {
    return this.laneOf(lane).isBusy;
  }

  /**
   * Whether a lane holds the card of its last tap, which was answered: its reader is its own. Throws
   * TapError LANE_UNKNOWN.
   */
  isHoldingAt(lane: string): boolean {
    return this.laneOf(lane).isHolding;
  }

  /** After a start, before the first tap: what was left in between is unresolved. */
  recover(): void {
    this.maintenance.recover();
  }

  /** Closes what has waited too long, but for what a lane is at. */
  tidy(): void {
    this.maintenance.tidy();
  }

  /**
   * Reverses a tap for the cashier; see TapMaintenance. Throws TapError, TAP_IN_PROGRESS while a lane is
   * at it.
   */
  reverse(id: string): TapView {
    return this.maintenance.reverse(id);
  }

  /**
   * Resolves when the cards of all last taps have been let go: one may still carry a beacon after its
   * tap was answered.
   */
  async rest(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lane) => lane.rest()));
  }

  /** The same for one lane. Throws TapError LANE_UNKNOWN. */
  async restAt(lane: string): Promise<void> {
    await this.laneOf(lane).rest();
  }

  /**
   * One tap, at the first lane where the request names none. Resolves with its durable outcome; throws
   * TapError LANE_UNKNOWN, TAP_IN_PROGRESS while that lane is at another one or another lane at this
   * sale, and SALE_AMOUNT_DIFFERS when the sale is known with another amount.
   */
  async tap(request: TapRequest): Promise<TapResult> {
    return await this.laneOf(request.lane ?? this.first).tap(request);
  }

  /**
   * Reads what the card at a lane, the first where none is named, can still spend, without a payment (spec §5.15).
   * Throws TapError LANE_UNKNOWN, and TAP_IN_PROGRESS while that lane is at a tap.
   */
  async balances(
    wait: CardWait & { readonly lane?: string; readonly pin?: Uint8Array | null },
  ): Promise<BalanceReading | Extract<Lent<never>, { readonly ok: false }>> {
    const lane = this.laneOf(wait.lane ?? this.first);
    const lent = await lane.lend(wait, (session) => readBalances(lane.parts, session, wait.pin ?? null));
    return lent.ok ? lent.value : lent;
  }

  private laneOf(name: string): LaneTaps {
    const lane = this.lanes.get(name);
    if (lane !== undefined) return lane;
    throw new TapError("LANE_UNKNOWN", `No lane has this name; there are: ${[...this.lanes.keys()].join(", ")}.`);
  }
}
