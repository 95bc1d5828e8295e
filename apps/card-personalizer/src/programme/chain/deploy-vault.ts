import { equalBytes, fromHex, type Address } from "@tallystick/protocol";
import {
  decodeVaultAnswer,
  DEPLOYMENT_PROXY,
  type Deployment,
  deploymentOf,
  encodeVaultCall,
  vaultInitCode,
} from "@tallystick/vault";
import { Failure } from "../../failures.ts";
import type { ContractArtifact } from "./vault-artifact.ts";
import type { ProgrammeChain } from "./programme-chain.ts";
import { type Mined, sendOnce, type SendOptions } from "./send-once.ts";

/** What a vault is made for. */
export interface VaultTerms {
  readonly token: Uint8Array;
  readonly scale: bigint;
}

/** The vault's waiting time W in seconds, as it answers it (spec §7.5). */
export interface VaultFindings {
  readonly delaySeconds: number;
}

/**
 * Makes a contract by the deployment proxy unless it stands there already. Answers null where it stood: an earlier run made
 * it. Throws what `sendOnce` throws.
 */
export async function deployOnce(name: string, deployment: Deployment, options: SendOptions): Promise<Mined | null> {
  const { chain, state } = options;
  const stands = (await chain.code(deployment.address)).length > 0;
  // Its block is in the receipt of the transaction that an earlier run stored.
  if (stands && state.get(`transaction ${name}`) === null) return null;
  return await sendOnce(name, { to: DEPLOYMENT_PROXY, data: deployment.data }, options);
}

/** Where the vault of a programme is made: by its code, its token and a salt of its own. */
export function vaultDeployment(artifact: ContractArtifact, terms: VaultTerms, salt: string): Deployment {
  return deploymentOf(vaultInitCode(artifact.creation, terms), fromHex(salt));
}

/**
 * Compares what stands at an address with the vault that was compiled here, byte by byte, and with what it should be made
 * for. Throws Failure VAULT_UNFIT.
 */
export async function verifyVault(
  chain: Pick<ProgrammeChain, "call" | "code">,
  vault: Address,
  { artifact, token, scale }: VaultTerms & { readonly artifact: ContractArtifact },
): Promise<VaultFindings> {
  const code = await chain.code(vault);
  if (code.length === 0) throw new Failure("VAULT_UNFIT", "There is no contract at its address.");
  if (!artifact.isDeployed(code)) throw new Failure("VAULT_UNFIT", "Its code is not the one that was compiled here.");
  const ask = async (name: "token" | "scale" | "DELAY") =>
    decodeVaultAnswer(name, await chain.call({ to: vault, data: encodeVaultCall(name, []) }, "latest"))[""];
  const [itsToken, itsScale, delay] = [await ask("token"), await ask("scale"), await ask("DELAY")];
  if (!equalBytes(itsToken as Uint8Array, token)) throw new Failure("VAULT_UNFIT", "It holds another token.");
  if (itsScale !== scale) throw new Failure("VAULT_UNFIT", `Its scale is ${String(itsScale)}, not ${scale}.`);
  return { delaySeconds: Number(delay) };
}
