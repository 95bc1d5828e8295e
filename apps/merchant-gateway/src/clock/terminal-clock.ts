import { CLOCK_SKEW_SECONDS, type ReasonCode, toHex } from "@tallystick/protocol";
import type { ClockFloors } from "./clock-floors.ts";

/** Seconds since 1970 by the machine; tests bring their own. */
export type ReadSeconds = () => number;

/** How the clock was confirmed since the start; null where it was not (spec §5.5). */
export type ClockConfirmation = "battery" | "network" | "settlement" | null;

/** Why a clock sells nothing, in the order in which they are named (spec §5.4, 3). */
export type ClockFault = Extract<
  ReasonCode,
  "CLOCK_UNCONFIRMED" | "CLOCK_BELOW_FLOOR" | "CLOCK_AHEAD" | "CLOCK_BEHIND"
>;

export interface TerminalClockOptions {
  readonly readSeconds: ReadSeconds;
  /** Seconds of a clock that nobody sets and that counts through sleep: it ages live answers. */
  readonly readUptimeSeconds: () => number;
  /** The lowest times that can be true, of each domain: the journal's. */
  readonly floors: ClockFloors;
  /**
   * The machine keeps time while it is off, so its clock needs no network where it is near the
   * floor's signed part.
   */
  readonly batteryBacked: boolean;
  /** S: how far above the floor's signed part a battery-backed clock confirms itself. */
  readonly listAgeSeconds: number;
  /**
   * Whether the system has set its clock by network time since the machine was started; asked until
   * it has.
   */
  readonly isSynchronized?: () => boolean;
}

/**
 * The terminal's clock. Each domain judges it by itself, because each has its own heads and its own
 * settlement. A lying clock loses time of a card or a list, never money (spec §4.5).
 */
export class TerminalClock {
  private readonly options: TerminalClockOptions;
  private readonly domains = new Map<string, DomainClock>();
  private synchronized = false;

  constructor(options: TerminalClockOptions) {
    this.options = options;
  }

  now(): number {
    return this.options.readSeconds();
  }

  /** The clock as a domain judges it. */
  of(domainBytes: Uint8Array): DomainClock {
    const name = toHex(domainBytes);
    const known = this.domains.get(name);
    if (known !== undefined) return known;
    const made = new DomainClock(domainBytes, this.options, () => this.isSynchronized());
    this.domains.set(name, made);
    return made;
  }

  private isSynchronized(): boolean {
    this.synchronized ||= this.options.isSynchronized?.() ?? false;
    return this.synchronized;
  }
}

/**
 * What one domain knows of the clock: its floor, what confirmed it since the start, and the right
 * time by a live answer.
 */
export class DomainClock {
  private readonly domainBytes: Uint8Array;
  private readonly options: TerminalClockOptions;
  private readonly isSynchronized: () => boolean;
  private answer: { readonly time: number; readonly cameAt: number } | null = null;
  private confirmedByBattery = false;

  constructor(domainBytes: Uint8Array, options: TerminalClockOptions, isSynchronized: () => boolean) {
    this.domainBytes = domainBytes;
    this.options = options;
    this.isSynchronized = isSynchronized;
  }

  /** The lowest time that can be true, in seconds: the higher of the floor's two parts. */
  floor(): number {
    const { signed, local } = this.options.floors.read(this.domainBytes);
    return Math.max(signed, local);
  }

  /** What has confirmed the clock since the start; whether it is right besides is `fault`. */
  confirmation(): ClockConfirmation {
    if (this.answer !== null) return "settlement";
    if (this.isSynchronized()) return "network";
    this.confirmedByBattery ||= this.standsNearSignedTime();
    return this.confirmedByBattery ? "battery" : null;
  }

  /**
   * The first thing that keeps the terminal from selling by this clock; null where it may rely on
   * it.
   */
  fault(): ClockFault | null {
    if (this.confirmation() === null) return "CLOCK_UNCONFIRMED";
    if (this.options.readSeconds() < this.floor()) return "CLOCK_BELOW_FLOOR";
    const ahead = this.aheadSeconds() ?? 0;
    if (ahead > CLOCK_SKEW_SECONDS) return "CLOCK_AHEAD";
    return ahead < -CLOCK_SKEW_SECONDS ? "CLOCK_BEHIND" : null;
  }

  /** Now, where the terminal may rely on the clock; null otherwise. */
  confirmedTime(): number | null {
    return this.fault() === null ? this.options.readSeconds() : null;
  }

  /** The right time by the live answer, in seconds; null without one. */
  rightTime(): number | null {
    if (this.answer === null) return null;
    return this.answer.time + Math.floor(this.answerAgeSeconds() ?? 0);
  }

  /**
   * How far the clock is ahead of the right time, negative when it is behind; null without a live
   * answer.
   */
  aheadSeconds(): number | null {
    const right = this.rightTime();
    return right === null ? null : this.options.readSeconds() - right;
  }

  /** Seconds since the live answer came; null without one in this run. */
  answerAgeSeconds(): number | null {
    return this.answer === null ? null : this.options.readUptimeSeconds() - this.answer.cameAt;
  }

  /**
   * Raises the floor's local part to now, where the terminal may rely on the clock; within the
   * caller's transaction.
   */
  raiseFloor(): void {
    const now = this.confirmedTime();
    if (now !== null) this.options.floors.raiseLocal(this.domainBytes, now);
  }

  /**
   * A receipt of an upload with a challenge of this run came in time (spec §5.5). Within the
   * caller's transaction, which keeps the receipt: the floor's parts above the time fall.
   */
  takeLiveAnswer({ time, uploadSeq }: { readonly time: number; readonly uploadSeq: number }): void {
    this.options.floors.answer(this.domainBytes, { time, uploadSeq, now: this.options.readSeconds() });
    this.answer = { time, cameAt: this.options.readUptimeSeconds() };
  }

  private standsNearSignedTime(): boolean {
    if (!this.options.batteryBacked) return false;
    const now = this.options.readSeconds();
    const { signed } = this.options.floors.read(this.domainBytes);
    return now >= this.floor() && now <= signed + CLOCK_SKEW_SECONDS + this.options.listAgeSeconds;
  }
}
