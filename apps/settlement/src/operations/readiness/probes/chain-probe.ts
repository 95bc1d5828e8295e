import type { ChainRpc } from "@tallystick/evm";
import type { ChainIdentity } from "../../../chain/chain-identity.ts";
import { ProgramError } from "@tallystick/program";
import { databaseAwayReason } from "../../../foundation/database/database-away.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { type Finding, type Probe, type ProbeFault, reason, warning } from "../findings.ts";

/** How far the node's chain is; times in milliseconds. */
export interface ChainHead {
  readonly finalizedAtMs: number | null;
  readonly latestAtMs: number | null;
}

export interface ChainProbeParts {
  readonly rpc: Pick<ChainRpc, "chainId" | "block">;
  readonly identity: Pick<ChainIdentity, "confirm" | "readsDatabase">;
  readonly chainId: bigint;
  readonly now: () => number;
}

/** Whether the node answers, is of the configured chain, and sees new blocks. */
export class ChainProbe implements Probe {
  readonly name = "chain";
  readonly everyMs = LIMITS.probeMs;
  /** As it was seen last; null while the node does not answer. */
  head: ChainHead | null = null;
  private readonly parts: ChainProbeParts;

  constructor(parts: ChainProbeParts) {
    this.parts = parts;
  }

  async look(): Promise<readonly Finding[]> {
    const { rpc, identity, chainId, now } = this.parts;
    const actual = await rpc.chainId();
    if (actual !== chainId) {
      const message = `The node serves chain ${actual}; the configuration names ${chainId}.`;
      return [reason("WRONG_CHAIN", message, "Correct rpcUrl or chainId.")];
    }
    await identity.confirm();
    const [finalized, latest] = await Promise.all([rpc.block("finalized"), rpc.block("latest")]);
    this.head = { finalizedAtMs: timeOf(finalized), latestAtMs: timeOf(latest) };
    const age = this.head.latestAtMs === null ? 0 : now() - this.head.latestAtMs;
    if (age < LIMITS.chainStandsMs) return [];
    const message = `The node's newest block is ${Math.floor(age / 60_000)} minutes old.`;
    return [warning("CHAIN_STANDS", message, "See whether the node lags behind its chain, and use another one.")];
  }

  fault(how: ProbeFault): readonly Finding[] {
    this.head = null;
    const error = how.kind === "threw" ? how.error : null;
    // What the books are compared by is read from the database, whose own probe tells that it is away.
    if (databaseAwayReason(error) !== null || (how.kind === "hangs" && this.parts.identity.readsDatabase)) return [];
    if (error instanceof ProgramError) return [reason(error.code, error.message, error.next)];
    const what = how.kind === "hangs" ? `has not answered for ${Math.round(how.forMs / 1_000)} s` : "does not answer";
    const message = `The chain's node ${what}: vouchers are taken and wait.`;
    return [reason("CHAIN_UNREACHABLE", message, "See whether the node runs, and whether rpcUrl is right.")];
  }
}

function timeOf(block: { readonly timestamp: bigint } | null): number | null {
  return block === null ? null : Number(block.timestamp) * 1_000;
}
