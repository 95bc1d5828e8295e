import { setTimeout as sleep } from "node:timers/promises";
import { type OpenVaultChain, openVaultChain } from "../chain-calls/open-vault-chain.ts";
import { voidsOfOwn } from "../chain-watch/own-voids.ts";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { Gateway } from "../gateway.ts";
import type { VoucherRecord } from "../journal/voucher-record.ts";
import { CLAIM_WAIT_SECONDS } from "../limits.ts";
import { claim, type ClaimReport } from "./claim.ts";
import { finishOpenClaims } from "./open-claims.ts";

/** Whether a till holds a voucher that nobody has brought to its end by U + C/2: then it claims by itself (spec §5.5). */
export function claimIsDue(gateway: Pick<Gateway, "journal" | "config" | "clock">, served: ServedDomain): boolean {
  const { uploadWindowSeconds, chainMarginSeconds } = gateway.config.windows;
  const latest = gateway.clock.now() - uploadWindowSeconds - Math.floor(chainMarginSeconds / 2);
  const claimable = ({ cancelled, settlementState }: VoucherRecord): boolean =>
    !cancelled && settlementState !== "claimed";
  // A settlement of a counter ends its void (spec §7.5), so what an owner says was lost is claimed at once.
  if (voidsOfOwn(gateway.journal, served).some(claimable)) return true;
  return gateway.journal.vouchers.notFinal(served.domainBytes).some((voucher) => {
    // What this till has claimed already waits for nothing but the chain.
    return claimable(voucher) && voucher.requestTime <= latest;
  });
}

/** Claims in every domain where it is due; answers what it came to. Does nothing without a configured node and key. Throws ChainError. */
export async function claimWhatIsLate(
  gateway: Pick<Gateway, "journal" | "config" | "clock">,
  openChain: OpenVaultChain = openVaultChain,
): Promise<readonly ClaimReport[]> {
  const { config, journal, clock } = gateway;
  const reports: ClaimReport[] = [];
  for (const served of config.domains) {
    const due = claimIsDue(gateway, served);
    if (config.claim === null || !(due || journal.chainCalls.hasClaims(served.domainBytes))) continue;
    const { fees } = config.claim;
    const chain = await openChain(served, config.claim);
    const patience = { now: () => clock.now(), waitSeconds: CLAIM_WAIT_SECONDS, sleep };
    try {
      const parts = { journal, config, served, chain, fees, patience };
      // What an earlier claim has sent is followed until it is final, also where nothing new is due.
      if (due) reports.push(await claim(parts, () => undefined));
      else await finishOpenClaims(parts);
    } finally {
      chain.close();
    }
  }
  return reports;
}
