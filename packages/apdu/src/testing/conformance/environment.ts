import type { ReaderProvider } from "../../reader/reader.ts";
import type { Rival } from "../virtual/rival.ts";
import type { VirtualCard, VirtualCardBehaviour } from "../virtual/virtual-card.ts";

/**
 * What the suite needs to drive a binding. Readers are by index 0 and 1; names are the binding's
 * own.
 */
export interface ConformanceEnvironment {
  readonly readers: readonly [string, string];
  createProvider(): ReaderProvider;
  insert(reader: 0 | 1, behaviour: VirtualCardBehaviour): Promise<VirtualCard>;
  /**
   * Ends and starts the service behind the readers; null where there is none. Started with a name,
   * it has no reader of ours but others, whose names begin with it.
   */
  readonly service: { kill(): Promise<void>; start(readersNamed?: string): Promise<void> } | null;
  /**
   * Starts another process that wants the card of reader 0; null where only this process can reach
   * it.
   */
  readonly startRival: (() => Promise<Rival>) | null;
  /** Whether a reader's status shows at once that another program took the card. */
  readonly reportsUse: boolean;
  /** How many connects the leak test makes. */
  readonly connects: number;
}

/**
 * What an environment must offer for a case to apply: a service that can end, cards that several
 * connections may share, and then either PC/SC's transactions or taking a shared card exclusively
 * instead.
 */
export type ConformanceNeed = "service" | "sharing" | "transactions" | "takeover" | null;

/** One case of the suite. */
export interface ConformanceCase {
  readonly name: string;
  readonly needs: ConformanceNeed;
  run(environment: ConformanceEnvironment): Promise<void>;
}
