import type { ChainRpc } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { type Finding, type Probe, reason, warning } from "../findings.ts";

/** What the treasury has for transactions. */
export interface Fuel {
  readonly account: Uint8Array;
  /** Of the chain's own coin. */
  readonly wei: bigint;
  /** Batches that it pays at today's price; a million stands for more. */
  readonly batches: number;
}

export interface FuelProbeParts {
  readonly rpc: Pick<ChainRpc, "balance" | "block" | "priorityFee">;
  readonly treasury: Uint8Array;
  /** Gas of one batch, as the last ones used it. */
  readonly gasOfBatch: () => Promise<bigint>;
  /** Wei a gas that no transaction offers more than. */
  readonly maxFee: bigint;
}

/** For how many batches the treasury can pay. */
export class FuelProbe implements Probe {
  readonly name = "fuel";
  readonly everyMs = LIMITS.fuelProbeMs;
  /** As it was seen last; null while the node does not answer. */
  fuel: Fuel | null = null;
  private readonly parts: FuelProbeParts;

  constructor(parts: FuelProbeParts) {
    this.parts = parts;
  }

  async look(): Promise<readonly Finding[]> {
    this.fuel = await this.read();
    const { account, wei, batches } = this.fuel;
    if (batches >= LIMITS.fuelLowBatches) return [];
    const next = `Send some of the chain's own coin to ${toHex(account)}.`;
    if (batches === 0) {
      const message = `The treasury ${toHex(account)} has ${wei} wei, which pays for no batch: nothing is sent.`;
      return [reason("NO_GAS", message, next)];
    }
    const message = `The treasury ${toHex(account)} has gas for ${batches} ${batches === 1 ? "batch" : "batches"}.`;
    return [warning("GAS_LOW", message, next)];
  }

  /** A node that is away has its own reason; an old figure would look like a fresh one. */
  fault(): readonly Finding[] {
    this.fuel = null;
    return [];
  }

  /** At twice the base fee and the node's tip, as the sender offers it, but never above the ceiling. */
  private async read(): Promise<Fuel> {
    const { rpc, treasury: account, gasOfBatch, maxFee } = this.parts;
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
