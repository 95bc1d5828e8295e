import { callRpc } from "@tallystick/stack";
import { DEVELOPMENT_CHAIN_ID } from "./limits.ts";
import { SandboxError } from "./sandbox-error.ts";

/** The chain id that a configuration or a node names, as a number. */
function chainIdOf(value: unknown): number {
  return typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
}

/**
 * Refuses every chain but the development one: the node is asked, and whatever the configurations name is compared.
 * @throws SandboxError NOT_A_DEVELOPMENT_CHAIN
 */
export async function requireDevelopmentChain(options: {
  readonly rpc: string;
  readonly named: readonly unknown[];
  readonly ask?: (rpc: string) => Promise<unknown>;
}): Promise<void> {
  const { rpc, named, ask = async (url) => await callRpc(url, "eth_chainId") } = options;
  const shown = [await ask(rpc), ...named].map(chainIdOf);
  const other = shown.find((id) => id !== DEVELOPMENT_CHAIN_ID);
  if (other === undefined) return;
  throw new SandboxError(
    "NOT_A_DEVELOPMENT_CHAIN",
    `The sandbox starts on the development chain ${DEVELOPMENT_CHAIN_ID} only, and this one is ${other}. Nothing was started.`,
  );
}
