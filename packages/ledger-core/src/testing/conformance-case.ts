import type { LedgerEngine } from "../engine/engine.ts";

/** Makes a ledger with nothing in it; called once or more in every case. */
export type EngineFactory = () => Promise<LedgerEngine>;

/** One rule of the port. `run` rejects with an AssertionError where the engine breaks it. */
export interface LedgerConformanceCase {
  readonly name: string;
  run(createEngine: EngineFactory): Promise<void>;
}
