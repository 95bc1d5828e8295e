import type { ChainRpc } from "@tallystick/evm";
import { EthersRpc } from "@tallystick/evm/ethers";
import { DEPLOYMENT_PROXY } from "@tallystick/vault";
import type { Environment } from "../../environment.ts";
import { Failure } from "../../failures.ts";
import { RANDOM_BYTES_OF_A_FRACTION } from "../../limits.ts";

/** What a programme's making needs of a node. Every method rejects with RpcError. */
export interface ProgrammeChain extends Pick<
  ChainRpc,
  "chainId" | "block" | "call" | "estimateGas" | "priorityFee" | "balance" | "transactionCount" | "sendRaw" | "receipt"
> {
  code(address: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

/** A node over JSON-RPC. */
export function openProgrammeChain(
  { url, chainId }: { readonly url: string; readonly chainId: bigint },
  environment: Environment,
): ProgrammeChain & Pick<ChainRpc, "receiptLogs"> {
  const random = (): number => {
    const [high = 0, low = 0] = environment.randomBytes(RANDOM_BYTES_OF_A_FRACTION);
    return (high * 256 + low) / 65_536;
  };
  return new EthersRpc({ url, chainId, now: () => environment.now(), random });
}

/**
 * Asks a node everything that could never come right by waiting: its chain, its final blocks, the proxy by which a vault
 * is deployed. Throws Failure NODE_UNFIT.
 */
export async function checkNode(
  chain: ProgrammeChain,
  { chainId, deploys }: { readonly chainId: bigint; readonly deploys: boolean },
): Promise<void> {
  const its = await chain.chainId();
  if (its !== chainId) throw new Failure("NODE_UNFIT", `It is of chain ${its}, and the programme is for ${chainId}.`);
  const final = await chain.block("finalized");
  if (final === null)
    throw new Failure("NODE_UNFIT", "It names no final block, and settlement counts money at final blocks alone.");
  if (deploys && (await chain.code(DEPLOYMENT_PROXY)).length === 0)
    throw new Failure(
      "NODE_UNFIT",
      "Its chain has no deployment proxy. Deploy the vault by contracts/scripts/deploy.mjs and name it as `vault`.",
    );
}
