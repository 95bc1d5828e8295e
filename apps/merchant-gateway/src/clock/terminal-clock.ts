/** Seconds since 1970 by the machine; tests bring their own. */
export type ReadSeconds = () => number;

/** How the clock was confirmed since the start; null where it was not (spec §5.5). */
export type ClockConfirmation = "battery" | "network" | "settlement" | null;

export interface TerminalClockOptions {
  readonly readSeconds: ReadSeconds;
  /** The lowest time that can be true, in seconds: the journal's. */
  readonly readFloor: () => number;
  /**
   * The machine keeps time while it is off, so its clock needs no network once it is past the
   * floor.
   */
  readonly batteryBacked: boolean;
  /**
   * Whether the system has set its clock by network time since the machine was started; asked until
   * it has.
   */
  readonly isSynchronized?: () => boolean;
}

/**
 * The terminal's clock. It shows the machine's time, knows the lowest time that can be true, and
 * whether anything since the start has confirmed it. A lying clock loses time of a card or a list,
 * never money (spec §4.5).
 */
export class TerminalClock {
  private readonly options: TerminalClockOptions;
  private synchronized = false;
  private confirmedBySettlement = false;

  constructor(options: TerminalClockOptions) {
    this.options = options;
  }

  now(): number {
    return this.options.readSeconds();
  }

  floor(): number {
    return this.options.readFloor();
  }

  isBehindFloor(): boolean {
    return this.now() < this.floor();
  }

  /**
   * Whether the terminal may rely on the clock now. A clock behind its floor is not confirmed by
   * anything.
   */
  confirmation(): ClockConfirmation {
    if (this.isBehindFloor()) return null;
    if (this.confirmedBySettlement) return "settlement";
    this.synchronized ||= this.options.isSynchronized?.() ?? false;
    if (this.synchronized) return "network";
    return this.options.batteryBacked ? "battery" : null;
  }

  /**
   * A head was fetched directly from settlement and verified; the floor was raised to its
   * `issuedAt` before.
   */
  confirmBySettlement(): void {
    this.confirmedBySettlement = true;
  }
}
