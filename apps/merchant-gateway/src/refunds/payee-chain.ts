import { equalBytes } from "@tallystick/protocol";
import { type OpenVaultChain, openVaultChain, useVault, type VaultChain } from "../chain/calls/vault-chain.ts";
import { ChainError } from "../chain/chain-error.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import { TapError } from "../taps/tap-error.ts";
import { RefundError } from "./refund-error.ts";

/** The way to the chain of a payment with the payee's key. */
export class PayeeChain {
  private readonly config: Pick<GatewayConfig, "payee" | "domains" | "claim">;
  private readonly open: OpenVaultChain;

  constructor(config: Pick<GatewayConfig, "payee" | "domains" | "claim">, open: OpenVaultChain = openVaultChain) {
    this.config = config;
    this.open = open;
  }

  /** The domain of a payment. Throws TapError where it is not served any more. */
  servedOf({ domainBytes }: Pick<TapRecord, "domainBytes">): ServedDomain {
    const served = this.config.domains.find((each) => equalBytes(each.domainBytes, domainBytes));
    if (served === undefined) throw new TapError("TAP_UNKNOWN", "This payment's currency is not served any more.");
    return served;
  }

  /** Runs work with the payee's key. Throws RefundError where there is no such key, and ChainError where it cannot be read. */
  async use<T>(tap: TapRecord, work: (chain: VaultChain, served: ServedDomain) => Promise<T>): Promise<T> {
    const { claim, payee } = this.config;
    if (claim === null) {
      throw new RefundError(
        "CHAIN_NOT_CONFIGURED",
        'This payment has been sent, so it is given back on the chain: set "claim" {"rpcUrl", "keyFile"} with the payee\'s own key in the configuration, or stop the gateway and run its command "refund".',
      );
    }
    const served = this.servedOf(tap);
    return await useVault(this.open(served, claim), async (chain) => {
      assertPayee(chain, payee);
      return await work(chain, served);
    });
  }

  /** Whether the configured key is the payee's and can be read. */
  async isOpen(tap: TapRecord): Promise<boolean> {
    try {
      return await this.use(tap, () => Promise.resolve(true));
    } catch (error) {
      if (error instanceof RefundError || error instanceof ChainError || error instanceof TapError) return false;
      throw error;
    }
  }
}

/** Only the payee's own key may give a payment back (spec §7.4). Throws NOT_PAYEE_KEY. */
export function assertPayee({ signer }: Pick<VaultChain, "signer">, payee: Uint8Array): void {
  if (equalBytes(signer.address, payee)) return;
  throw new RefundError(
    "NOT_PAYEE_KEY",
    "The key is not the payee's: only the account that was paid can give a payment back. Name its key file.",
  );
}
