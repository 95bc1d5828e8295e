import { isRpcError, type ChainRpc } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { transferCall } from "@tallystick/vault";
import type { MoneyFault, MoneyFaultCode } from "../../chain/money/money-faults.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";

/** Whose transfers are tried. */
export interface TransferParties {
  readonly vault: Uint8Array;
  readonly treasury: Uint8Array;
  /** Null where compensations have no account. */
  readonly guarantee: Uint8Array | null;
  readonly payees: readonly Uint8Array[];
}

/**
 * What a transfer of one base unit would do now: null where it would succeed, or where nothing can be
 * tried because the payer holds nothing; else the token's own reason.
 */
export type TransferTrial = (from: Uint8Array, to: Uint8Array) => Promise<TrialResult>;

export type TrialResult = { readonly moves: true } | { readonly moves: false; readonly reason: string } | null;

/** Faults of these codes are found by trials, and are over when a trial no longer finds them. */
export const TRIAL_CODES: readonly MoneyFaultCode[] = [
  "TOKEN_STOPPED",
  "VAULT_BLOCKED",
  "TREASURY_BLOCKED",
  "GUARANTEE_BLOCKED",
];

/** What trials found, and of which payees they say something. */
export interface TrialReport {
  readonly faults: readonly MoneyFault[];
  readonly triedPayees: readonly Uint8Array[];
}

/**
 * Finds out for whom the token does not move (spec §6.14): the same transfers as a funding and a
 * payout make, and, where one of them fails, each party with itself, to tell who it is.
 */
export async function tryTransfers(parties: TransferParties, trial: TransferTrial): Promise<TrialReport> {
  const { vault, treasury, guarantee, payees } = parties;
  const [funding, payout] = [await trial(treasury, vault), await trial(vault, treasury)];
  const failed = [funding, payout].find((result) => result?.moves === false);
  if (failed?.moves === false) {
    const fault = await blame(parties, failed.reason, trial);
    return { faults: [fault], triedPayees: [] };
  }
  const faults: MoneyFault[] = [];
  const compensation = guarantee === null ? null : await trial(guarantee, guarantee);
  if (guarantee !== null && compensation?.moves === false)
    faults.push(faultOf("GUARANTEE_BLOCKED", compensation.reason, guarantee));
  for (const payee of payees) {
    const result = await trial(vault, payee);
    if (result?.moves === false) faults.push(faultOf("PAYEE_BLOCKED", result.reason, payee));
  }
  return { faults, triedPayees: payees };
}

/** Which of vault and treasury it is; the token itself where both, or neither, can move alone. */
async function blame({ vault, treasury }: TransferParties, reason: string, trial: TransferTrial): Promise<MoneyFault> {
  const [own, vaults] = [await trial(treasury, treasury), await trial(vault, vault)];
  if (own?.moves === true && vaults?.moves !== true) return faultOf("VAULT_BLOCKED", reason, vault);
  if (vaults?.moves === true && own?.moves !== true) return faultOf("TREASURY_BLOCKED", reason, treasury);
  return faultOf("TOKEN_STOPPED", reason, vault);
}

function faultOf(code: MoneyFaultCode, reason: string, who: Uint8Array): MoneyFault {
  const account = toHex(who);
  const says = `The token says: ${reason}.`;
  const asks = "Ask the token's issuer; everything goes on by itself when it moves again.";
  switch (code) {
    case "VAULT_BLOCKED":
      return { code, subject: "", message: `The token refuses transfers of the vault ${account}. ${says}`, next: asks };
    case "TREASURY_BLOCKED":
      return {
        ...{ code, subject: "", next: asks },
        message: `The token refuses transfers of the treasury ${account}: no card is funded. ${says}`,
      };
    case "GUARANTEE_BLOCKED":
      return {
        ...{ code, subject: "", next: asks },
        message: `The token refuses transfers of the guarantee's account ${account}: nothing is compensated. ${says}`,
      };
    case "PAYEE_BLOCKED":
      return {
        ...{ code, subject: account },
        message: `The token refuses to pay the payee ${account}. ${says}`,
        next: "Tell the merchant to ask the token's issuer; what it earned stays in the vault until then.",
      };
    default:
      return {
        ...{ code, subject: "", next: asks },
        message: `The token moves for nobody: nothing is funded and nothing is paid out. Settling goes on. ${says}`,
      };
  }
}

/** Trials on a node, in its newest block. A refusal counts when it comes twice. Rejects with RpcError. */
export function createTransferTrial(
  rpc: Pick<ChainRpc, "call">,
  { token, tokenBalance }: Pick<VaultContract, "token" | "tokenBalance">,
): TransferTrial {
  const once = async (from: Uint8Array, to: Uint8Array): Promise<TrialResult> => {
    try {
      const answer = await rpc.call({ from, to: token, data: transferCall({ to, baseUnits: 1n }) }, "latest");
      // A token that answers nothing has moved; one that answers false has not.
      const moves = answer.length === 0 || answer.some((byte) => byte !== 0);
      return moves ? { moves } : { moves, reason: "transfer answers false" };
    } catch (error) {
      if (!isRpcError(error, "REVERTED")) throw error;
      return { moves: false, reason: error.reason ?? "no reason given" };
    }
  };
  return async (from, to) => {
    if ((await tokenBalance(from, "latest")) === 0n) return null;
    const result = await once(from, to);
    return result?.moves === false ? await once(from, to) : result;
  };
}
