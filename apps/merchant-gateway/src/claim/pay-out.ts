import { withdrawCall } from "@tallystick/vault";
import { beginCall, checkCall } from "../chain/calls/chain-call.ts";
import { ChainError } from "../chain/chain-error.ts";
import { assertChain } from "../chain/chain-node.ts";
import { type OpenVaultChain, openVaultChain, owedTo, useVault, type VaultChain } from "../chain/calls/vault-chain.ts";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";

/** What came of asking for the payee's money. */
export type PayOut =
  /** A transaction is on its way; in a block as soon as the chain takes it. */
  | { readonly kind: "sent"; readonly tx: string; readonly units: bigint | null }
  /** The vault owes the payee nothing. */
  | { readonly kind: "nothing" }
  /** This terminal has no key that pays for a transaction: whoever has one sends this. */
  | { readonly kind: "call"; readonly to: Uint8Array; readonly data: Uint8Array };

export interface PayOutParts {
  readonly journal: Pick<Journal, "write" | "chainCalls">;
  readonly config: Pick<GatewayConfig, "payee" | "claim">;
  readonly clock: Pick<TerminalClock, "now">;
  /** The same key may be about to give money back, so a payout waits for its turn. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** JSON-RPC when left out. */
  readonly openChain?: OpenVaultChain;
}

/** Pays out what the vault owes this terminal's payee. */
export class PayOuts {
  private readonly parts: PayOutParts;

  constructor(parts: PayOutParts) {
    this.parts = parts;
  }

  /** Throws ChainError REVERTED where the vault refuses, and those of the way to the chain. */
  async pay(served: ServedDomain): Promise<PayOut> {
    return await this.parts.inTurn(() => payOut(this.parts, served));
  }
}

/**
 * To the payee and to nobody else (spec §7.4). A payout of before that is not known to have ended is sent
 * again in place of a second one.
 */
async function payOut(parts: PayOutParts, served: ServedDomain): Promise<PayOut> {
  const { config, openChain = openVaultChain } = parts;
  const { vault: to } = served.domain;
  const data = withdrawCall(config.payee);
  if (config.claim === null) return { kind: "call", to, data };
  const { fees } = config.claim;
  return await useVault(openChain(served, config.claim), async (chain) => {
    await assertChain(chain.node, served);
    const now = parts.clock.now();
    const call = { journal: parts.journal, chain, fees, now };
    const tx = await underWay(call, served);
    if (tx !== null) return { kind: "sent", tx, units: null };
    const units = await owedTo(chain, config.payee);
    if (units === 0n) return { kind: "nothing" };
    const { domainBytes } = served;
    const begun = await beginCall(call, { domainBytes, refund: null, purpose: "withdraw", call: { to, data } });
    if (begun.kind === "refused") throw new ChainError("REVERTED", `The vault refused the payout: ${begun.refusal}.`);
    if (begun.tx === null) throw new ChainError("FEES_TOO_HIGH", "The chain asks more than this terminal may offer.");
    return { kind: "sent", tx: begun.tx, units };
  });
}

/** The newest transaction of a payout that has not ended; one that is in a final block is at its end now. */
async function underWay(
  parts: {
    readonly journal: PayOutParts["journal"];
    readonly chain: VaultChain;
    readonly fees: NonNullable<GatewayConfig["claim"]>["fees"];
    readonly now: number;
  },
  { domainBytes }: ServedDomain,
): Promise<string | null> {
  const { journal, chain, now } = parts;
  let waiting: string | null = null;
  for (const call of journal.chainCalls.ofClaims(domainBytes, chain.signer.address)) {
    if (call.purpose !== "withdraw") continue;
    const status = await checkCall(parts, call);
    if (status.kind === "waiting") waiting = status.tx;
    else if (status.kind === "lost" || status.final)
      journal.write(() => {
        journal.chainCalls.end(call, endOf(status), now);
      });
  }
  return waiting;
}

function endOf(status: { readonly kind: "lost" } | { readonly kind: "mined"; readonly succeeded: boolean }) {
  if (status.kind === "lost") return "lost";
  return status.succeeded ? "done" : "failed";
}
