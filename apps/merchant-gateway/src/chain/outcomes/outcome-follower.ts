import { AgreeingRpc, type ChainRpc } from "@tallystick/evm";
import { VaultError } from "@tallystick/vault";
import type { TerminalClock } from "../../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import type { Journal } from "../../journal/journal.ts";
import { MAX_CHECKED_VOUCHERS } from "../../limits.ts";
import { ChainError } from "../chain-error.ts";
import { assertChain, type ChainNode, type OpenNode, openNode, useChain } from "../chain-node.ts";
import type { ChainFault } from "../watch/chain-watch.ts";
import { lookUpNamed } from "./look-up.ts";
import { TransactionReader } from "./transaction-facts.ts";

export interface OutcomeFollowerParts {
  readonly journal: Pick<Journal, "write" | "outcomes" | "chainCalls">;
  readonly config: Pick<GatewayConfig, "domains" | "claim" | "payee">;
  readonly clock: Pick<TerminalClock, "now">;
  /** JSON-RPC when left out. */
  readonly open?: OpenNode;
}

/**
 * Looks up what settlement and the terminal's own claims name, so that a payment is shown as paid
 * out only where a final block shows it (spec §5.8). With two nodes configured, one for reading and
 * one for claims, both must show it.
 */
export class OutcomeFollower {
  private readonly parts: OutcomeFollowerParts;

  constructor(parts: OutcomeFollowerParts) {
    this.parts = parts;
  }

  /** Whether the chain of any currency can be read. */
  hasChain(): boolean {
    return this.parts.config.domains.some((served) => this.urlsOf(served).length > 0);
  }

  /** One pass; answers how many vouchers became final. Throws ChainError. */
  async pass(): Promise<number> {
    const { config, journal } = this.parts;
    let final = 0;
    for (const served of config.domains) {
      const vouchers = journal.outcomes.toCheck(served.domainBytes, MAX_CHECKED_VOUCHERS);
      const [first, second] = this.urlsOf(served);
      if (vouchers.length === 0 || first === undefined) continue;
      final += await this.withNodes(served, [first, second], async (rpc) => {
        await assertChain(rpc, served);
        const reader = new TransactionReader({ rpc, served, payee: config.payee });
        return (await lookUpNamed({ journal, reader, now: this.parts.clock.now() }, vouchers)).size;
      });
    }
    return final;
  }

  /** The same where a node that is away is no error of the caller. */
  async passGuarded(): Promise<{ readonly final: number; readonly fault: ChainFault | null }> {
    try {
      return { final: await this.pass(), fault: null };
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      return { final: 0, fault: { code: error.code, message: error.message } };
    }
  }

  private urlsOf({ chain }: ServedDomain): readonly string[] {
    const { claim } = this.parts.config;
    return [...new Set([chain?.rpcUrl, claim?.rpcUrl].filter((url) => url !== undefined))];
  }

  private async withNodes<T>(
    served: ServedDomain,
    [first, second]: readonly [string, string | undefined],
    work: (rpc: ChainRpc) => Promise<T>,
  ): Promise<T> {
    const { open = openNode } = this.parts;
    const using = (url: string, then: (node: ChainNode) => Promise<T>): Promise<T> => useChain(open(served, url), then);
    try {
      return await using(first, async (node) =>
        second === undefined ? await work(node) : await using(second, (other) => work(new AgreeingRpc(node, other))),
      );
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      throw new ChainError("RPC_UNREACHABLE", `The vault's events cannot be read: ${error.message}`);
    }
  }
}
