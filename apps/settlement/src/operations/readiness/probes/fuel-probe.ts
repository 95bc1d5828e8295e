import type { ChainRpc } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { type Finding, type Probe, reason, warning } from "../findings.ts";

/** What an account has for transactions. */
export interface Fuel {
  readonly account: Uint8Array;
  /** Of the chain's own coin. */
  readonly wei: bigint;
  /** Batches, or deposits, that it pays at today's price; a million stands for more. */
  readonly batches: number;
}

export interface FuelProbeParts {
  readonly rpc: Pick<ChainRpc, "balance" | "block" | "priorityFee">;
  readonly account: Uint8Array;
  readonly pays: FuelUse;
  /** Gas of one batch, as the last ones used it, or of one deposit. */
  readonly gasOfBatch: () => Promise<bigint>;
  /** Wei a gas that no transaction offers more than. */
  readonly maxFee: bigint;
}

/**
 * What an account pays for: batches and everything else, or, of a treasury beside a gas wallet, the
 * deposits that it alone can make.
 */
export type FuelUse = "everything" | "everything but deposits" | "deposits";

/** For how many batches, or deposits, an account can pay. */
export class FuelProbe implements Probe {
  readonly name: string;
  readonly everyMs = LIMITS.fuelProbeMs;
  /** As it was seen last; null while the node does not answer. */
  fuel: Fuel | null = null;
  private readonly parts: FuelProbeParts;

  constructor(parts: FuelProbeParts) {
    this.parts = parts;
    this.name = parts.pays === "deposits" ? "treasury's fuel" : "fuel";
  }

  async look(): Promise<readonly Finding[]> {
    this.fuel = await this.read();
    const { account, wei, batches } = this.fuel;
    if (batches >= LIMITS.fuelLowBatches) return [];
    const next = `Send some of the chain's own coin to ${toHex(account)}.`;
    const { pays } = this.parts;
    const who = `${pays === "everything but deposits" ? "The gas wallet" : "The treasury"} ${toHex(account)}`;
    if (pays === "deposits") {
      const message = `${who} has ${wei} wei, which pays for ${batches} ${batches === 1 ? "deposit" : "deposits"}.`;
      return [warning(batches === 0 ? "TREASURY_NO_GAS" : "TREASURY_GAS_LOW", message, next)];
    }
    if (batches === 0) {
      const message = `${who} has ${wei} wei, which pays for no batch: nothing is sent.`;
      return [reason("NO_GAS", message, next)];
    }
    return [warning("GAS_LOW", `${who} has gas for ${batches} ${batches === 1 ? "batch" : "batches"}.`, next)];
  }

  /** A node that is away has its own reason; an old figure would look like a fresh one. */
  fault(): readonly Finding[] {
    this.fuel = null;
    return [];
  }

  /** At twice the base fee and the node's tip, as the sender offers it, but never above the ceiling. */
  private async read(): Promise<Fuel> {
    const { rpc, account, gasOfBatch, maxFee } = this.parts;
    const [wei, block, tip, gas] = await Promise.all([
      rpc.balance(account, "latest"),
      rpc.block("latest"),
      rpc.priorityFee(),
      gasOfBatch(),
    ]);
    const offered = 2n * (block?.baseFee ?? 0n) + (tip > 0n ? tip : 1n);
    const cost = gas * (offered < maxFee ? offered : maxFee);
    const most = BigInt(LIMITS.fuelMostBatches);
    const batches = cost === 0n ? most : wei / cost;
    return { account, wei, batches: Number(batches < most ? batches : most) };
  }
}
