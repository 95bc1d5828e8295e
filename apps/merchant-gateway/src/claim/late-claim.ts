import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import { voidsOfOwn } from "../chain-watch/own-voids.ts";
import type { VoucherRecord } from "../journal/voucher-store.ts";
import type { Gateway } from "../gateway.ts";
import { claim, type ClaimReport } from "./claim.ts";
import { readPayingKey } from "./paying-key.ts";
import type { VaultPort } from "./vault-port.ts";

/** Opens the way to a vault with the configured node and key; tests bring their own. */
export type OpenVault = (
  served: ServedDomain,
  access: NonNullable<GatewayConfig["claim"]>,
) => Promise<VaultPort & { close(): void }>;

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

/** Claims in every domain where it is due; answers what it came to. Does nothing without a configured node and key. */
export async function claimWhatIsLate(
  gateway: Pick<Gateway, "journal" | "config" | "clock">,
  openVault: OpenVault = openEthersVault,
): Promise<readonly ClaimReport[]> {
  const { config, journal, clock } = gateway;
  const reports: ClaimReport[] = [];
  for (const served of config.domains) {
    if (config.claim === null || !claimIsDue(gateway, served)) continue;
    const vault = await openVault(served, config.claim);
    try {
      reports.push(await claim({ journal, config, served, vault, now: clock.now() }, () => undefined));
    } finally {
      vault.close();
    }
  }
  return reports;
}

async function openEthersVault(served: ServedDomain, access: NonNullable<GatewayConfig["claim"]>) {
  const payingKey = readPayingKey(access.keyFile);
  const { createEthersVault } = await import("./ethers-vault.ts");
  return createEthersVault({ rpc: access.rpc, vault: served.domain.vault, payingKey });
}
