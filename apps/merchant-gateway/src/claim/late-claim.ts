import { setTimeout as sleep } from "node:timers/promises";
import { type OpenVaultChain, openVaultChain, useVault } from "../chain/calls/vault-chain.ts";
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
 * configured node and key. Throws ChainError.
 */
export async function claimWhatIsLate(parts: LateClaimParts): Promise<readonly ClaimReport[]> {
  const { config, journal, clock, openChain = openVaultChain } = parts;
  const reports: ClaimReport[] = [];
  for (const served of config.domains) {
    const due = claimIsDue(parts, served);
    if (config.claim === null || !(due || journal.chainCalls.hasClaims(served.domainBytes))) continue;
    const { fees } = config.claim;
    const patience = { now: () => clock.now(), waitSeconds: CLAIM_WAIT_SECONDS, sleep };
    await useVault(openChain(served, config.claim), async (chain) => {
      const claimParts = { journal, config, served, chain, fees, patience };
      // What an earlier claim has sent is followed until it is final, also where nothing new is
      // due.
      if (due) reports.push(await claim(claimParts, () => undefined));
      else await finishOpenClaims(claimParts);
    });
  }
  return reports;
}
