import type { ChainSigner } from "@tallystick/evm";
import { createChainSigner } from "@tallystick/evm/ethers";
import { openSigningKey } from "@tallystick/keystore";
import { ProgramError } from "@tallystick/program";
import { equalBytes, toHex } from "@tallystick/protocol";
import type { Config } from "../foundation/config/config.ts";

/** The keys of the issuer's accounts, each with nonces of its own. */
export interface IssuerSigners {
  /** Funds cards, pays gas, and sends everything but compensations. */
  readonly treasury: ChainSigner;
  /** Pays compensations; null where the configuration names no key for it. */
  readonly guarantee: ChainSigner | null;
}

/**
 * One account was named for both: a broken card would then empty what funds cards (spec §6.12).
 */
export class GuaranteeAccountShared extends ProgramError {
  override readonly name = "GuaranteeAccountShared";

  constructor(message: string) {
    const next = "Make a key of its own for guarantee.keyFile, and send its account tokens and gas.";
    super("GUARANTEE_ACCOUNT_SHARED", message, { exit: "usage", next });
  }
}

/** Throws KeyFileError, KeystoreError, and GuaranteeAccountShared. */
export function readIssuerSigners({ chainId, chainKeyFile, guarantee: { keyFile } }: Config): IssuerSigners {
  const signer = (file: string) => createChainSigner(openSigningKey(file, { chainIds: [chainId] }).key);
  const treasury = signer(chainKeyFile);
  const guarantee = keyFile === undefined ? null : signer(keyFile);
  if (guarantee !== null && equalBytes(guarantee.address, treasury.address)) {
    const account = toHex(treasury.address);
    throw new GuaranteeAccountShared(`guarantee.keyFile and chainKeyFile are keys of one account, ${account}.`);
  }
  return { treasury, guarantee };
}

/** The signer of an action that is to begin; null where its account has no key here. */
export function signerOf(kind: string, { treasury, guarantee }: IssuerSigners): ChainSigner | null {
  return kind === "compensate" ? guarantee : treasury;
}
