import { setTimeout as sleep } from "node:timers/promises";
import type { ChainRpc } from "@tallystick/evm";
import { type OpenVaultChain, openVaultChain, useVault } from "../chain/calls/vault-chain.ts";
import { type OpenNode, openNode, useChain } from "../chain/chain-node.ts";
import { voidsOfOwn } from "../chain/watch/own-voids.ts";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { CLAIM_WAIT_SECONDS } from "../limits.ts";
import { claim, type ClaimReport } from "./claim.ts";
import { finishOpenClaims } from "./open-claims.ts";

/** What a late claim is made with. */
export interface LateClaimParts {
  readonly journal: Pick<Journal, "write" | "vouchers" | "outcomes" | "chainCalls" | "chainEvents">;
  readonly config: Pick<GatewayConfig, "payee" | "domains" | "windows" | "claim">;
  readonly clock: Pick<TerminalClock, "now">;
  /** JSON-RPC when left out. */
  readonly openChain?: OpenVaultChain;
  /** The way to a second node; JSON-RPC when left out. */
  readonly openWitness?: OpenNode;
}

/**
 * Whether the terminal holds a voucher that no final block shows at its end at U + C/2, or at U −
 * C/2 where no upload with it is known to have arrived: then it claims by itself (spec §5.5).
 * Settlement's word changes nothing about it.
 */
export function claimIsDue({ journal, config, clock }: LateClaimParts, served: ServedDomain): boolean {
  const { uploadWindowSeconds, chainMarginSeconds } = config.windows;
  // A settlement of a counter ends its void (spec §7.5), so what an owner says was lost is claimed
  // at once.
  if (voidsOfOwn(journal, served).some(isClaimable)) return true;
  const latest = clock.now() - uploadWindowSeconds;
  const half = Math.floor(chainMarginSeconds / 2);
  return journal.outcomes.isClaimDue(served.domainBytes, {
    withReceipt: latest - half,
    withoutReceipt: latest + half,
  });
}

/** What this terminal has claimed already waits for nothing but the chain. */
function isClaimable({ reversed, claimTx, rivalTx }: VoucherRecord): boolean {
  return !reversed && claimTx === null && rivalTx === null;
}

/**
 * Claims in every domain where it is due; answers what it came to. Does nothing without a
 * configured node and key. Where a second node is configured for reading, both must show an end
 * before it counts. Throws ChainError.
 */
export async function claimWhatIsLate(parts: LateClaimParts): Promise<readonly ClaimReport[]> {
  const { config, journal, clock, openChain = openVaultChain, openWitness = openNode } = parts;
  const reports: ClaimReport[] = [];
  for (const served of config.domains) {
    const due = claimIsDue(parts, served);
    if (config.claim === null || !(due || journal.chainCalls.hasClaims(served.domainBytes))) continue;
    const { fees, rpcUrl } = config.claim;
    const patience = { now: () => clock.now(), waitSeconds: CLAIM_WAIT_SECONDS, sleep };
    await useVault(openChain(served, config.claim), async (chain) => {
      const claimParts = { journal, config, served, chain, fees, patience };
      // What an earlier claim has sent is followed until it is final, also where nothing new is
      // due.
      if (!due) return await finishOpenClaims(claimParts);
      const make = async (witness?: ChainRpc): Promise<void> => {
        reports.push(await claim({ ...claimParts, ...(witness === undefined ? {} : { witness }) }, () => undefined));
      };
      const reading = served.chain?.rpcUrl ?? rpcUrl;
      await (reading === rpcUrl ? make() : useChain(openWitness(served, reading), make));
    });
  }
  return reports;
}
