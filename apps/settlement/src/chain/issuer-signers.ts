import type { ChainSigner } from "@tallystick/evm";
import { createChainSigner } from "@tallystick/evm/ethers";
import { openSigningKey } from "@tallystick/keystore";
import { ProgramError } from "@tallystick/program";
import { equalBytes, toHex } from "@tallystick/protocol";
import type { Config } from "../foundation/config/config.ts";

/** The keys of the issuer's accounts, each with nonces of its own. */
export interface IssuerSigners {
  /** Funds cards, and sends everything but compensations where there is no gas wallet. */
  readonly treasury: ChainSigner;
  /** Sends what moves no tokens of the treasury; null where the treasury does. */
  readonly gas: ChainSigner | null;
  /** Pays compensations; null where the configuration names no key for it. */
  readonly guarantee: ChainSigner | null;
  /** Former treasuries and gas wallets, which end what they began (spec §6.19). */
  readonly former: readonly ChainSigner[];
}

/** Kinds that the vault or the token takes from the account alone that has the tokens. */
const OF_TREASURY: readonly string[] = ["approve", "fund", "first-unit"];

/** Kinds that are one account's, whichever is the treasury by then: cards have one owner, and a sweep its origin. */
const OF_ONE_ACCOUNT: readonly string[] = ["request-withdrawal", "withdraw-card", "sweep-tokens", "sweep-coin"];

/** One account was named for two purposes: who steals the key of one would have both (spec §6.19). */
export class ChainAccountShared extends ProgramError {
  override readonly name = "ChainAccountShared";

  constructor(message: string) {
    const next = "Make a key of its own for each of chainKeyFile, gas.keyFile, guarantee.keyFile and former ones.";
    super("CHAIN_ACCOUNT_SHARED", message, { exit: "usage", next });
  }
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

/** Throws KeyFileError, KeystoreError, GuaranteeAccountShared, and ChainAccountShared. */
export function readIssuerSigners(config: Config): IssuerSigners {
  const { chainId, chainKeyFile, gas: wallet, formerChainKeyFiles, guarantee: paying } = config;
  const signer = (file: string) => createChainSigner(openSigningKey(file, { chainIds: [chainId] }).key);
  const treasury = signer(chainKeyFile);
  const guarantee = paying.keyFile === undefined ? null : signer(paying.keyFile);
  if (guarantee !== null && equalBytes(guarantee.address, treasury.address)) {
    const account = toHex(treasury.address);
    throw new GuaranteeAccountShared(`guarantee.keyFile and chainKeyFile are keys of one account, ${account}.`);
  }
  const gas = wallet === undefined ? null : signer(wallet.keyFile);
  const signers = { treasury, gas, guarantee, former: formerChainKeyFiles.map(signer) };
  const addresses = ownSigners(signers).map(({ address }) => toHex(address));
  const shared = addresses.find((address, place) => addresses.indexOf(address) !== place);
  if (shared !== undefined) throw new ChainAccountShared(`Two key files are keys of one account, ${shared}.`);
  return signers;
}

/** All keys that this configuration has. */
export function ownSigners({ treasury, gas, guarantee, former }: IssuerSigners): readonly ChainSigner[] {
  return [treasury, gas, guarantee, ...former].filter((each) => each !== null);
}

/**
 * The signer of an action that is to begin; null where its account has no key here.
 * @param account the action's, for kinds that no other account can take over
 */
export function signerOf(kind: string, signers: IssuerSigners, account?: Uint8Array): ChainSigner | null {
  if (OF_ONE_ACCOUNT.includes(kind)) {
    const fixed = account ?? signers.treasury.address;
    return ownSigners(signers).find(({ address }) => equalBytes(address, fixed)) ?? null;
  }
  if (kind === "compensate") return signers.guarantee;
  return OF_TREASURY.includes(kind) ? signers.treasury : (signers.gas ?? signers.treasury);
}
