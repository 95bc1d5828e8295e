import { join } from "node:path";
import { parseAddress, toChecksumAddress, type Address } from "@tallystick/protocol";
import { loadConfig, type Config } from "../config/load-config.ts";
import { asFailure, Failure } from "../failures.ts";
import type { FloatAnswer, SettlementClient } from "../settlement/settlement-client.ts";
import type { Answers } from "./answers/load-answers.ts";
import { checkToken, type TokenFindings } from "./chain/check-token.ts";
import { verifyVault } from "./chain/deploy-vault.ts";
import type { ProgrammeChain } from "./chain/programme-chain.ts";
import { readArtifact } from "./chain/vault-artifact.ts";
import { openProgrammeKeys, type ProgrammeKeys } from "./files/programme-keys.ts";
import { ProgrammeState } from "./files/programme-state.ts";
import { STATE_FILE } from "./init-programme.ts";
import { settledToken } from "./chain-steps.ts";
import { rogueSentences } from "./rogue-reader.ts";

/** How a programme stands; null where settlement does not say. */
export interface ShownProgramme {
  readonly name: string;
  readonly chainId: string;
  readonly vault: string;
  readonly token: string;
  /** Seconds an owner waits (W). */
  readonly delaySeconds: number;
  readonly findings: TokenFindings;
  readonly checkValues: ProgrammeKeys["checkValues"];
  readonly limits: Answers["limits"];
  readonly rogueReader: readonly string[];
  readonly float: FloatAnswer | null;
}

/**
 * Looks at a programme that was made: vault and token as the chain shows them now, keys by check value, limits, and the float
 * where settlement answers. Throws Failure, VAULT_UNFIT above all where the vault is not what was made.
 */
export async function showProgramme(options: {
  readonly answers: Answers;
  readonly chain: ProgrammeChain;
  readonly openSettlement: (config: Config) => SettlementClient;
}): Promise<ShownProgramme> {
  const { answers, chain, openSettlement } = options;
  const state = new ProgrammeState(join(answers.folder, STATE_FILE));
  if (state.get("virtual-card") === null && state.get("transfer") === null)
    throw new Failure("USAGE", "There is no vault of this programme yet; run `programme init`.");
  const token = settledToken(answers, state);
  const vault: Address = answers.vault?.address ?? parseAddress(state.text("vault", "address"));
  const artifact = readArtifact("PackedVault", answers.vaultArtifact);
  const { delaySeconds } = await verifyVault(chain, vault, { artifact, token, scale: answers.asset.scale });
  const keys = openProgrammeKeys(answers);
  const findings = await checkToken(chain, { token, asset: answers.asset, accounts: [keys.treasury.address, vault] });
  return {
    ...{ name: answers.name, chainId: answers.chainId.toString(), delaySeconds, findings },
    ...{ vault: toChecksumAddress(vault), token: toChecksumAddress(token) },
    ...{ checkValues: keys.checkValues, limits: answers.limits },
    rogueReader: rogueSentences(answers, answers.asset),
    float: await floatOf(openSettlement(loadConfig(join(answers.folder, "issuer.json")))),
  };
}

/** A settlement that does not answer is no fault here. */
async function floatOf(settlement: SettlementClient): Promise<FloatAnswer | null> {
  try {
    return await settlement.float();
  } catch (error) {
    if (asFailure(error).code === "SETTLEMENT_UNREACHABLE") return null;
    throw error;
  }
}
