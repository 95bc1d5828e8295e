import type { VaultChain } from "../chain/calls/vault-chain.ts";
import { TransactionReader } from "../chain/outcomes/transaction-facts.ts";
import { findingOf, soughtVoucher } from "../chain/outcomes/voucher-end.ts";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";

/**
 * What the chain did with a voucher: `paid` it, `released` its counter, has not used it, or used
 * its counter for something that this terminal does not know.
 */
export type VoucherOutcome = "unused" | "paid" | "released" | "unclear";

/** What is asked about a voucher. */
export interface OutcomeParts {
  readonly journal: Pick<Journal, "chainCalls">;
  readonly chain: Pick<VaultChain, "node" | "views">;
  readonly served: ServedDomain;
}

/**
 * States of settlement in which the payee has its money; the second is paid by the issuer's own
 * transfer (spec §6.1).
 */
const paidStates: ReadonlySet<string> = new Set(["final", "compensated", "refunded"]);

/**
 * What is known while the node is away: what a final block showed before, or what settlement says
 * of an end. It chooses only which way a refund begins; before anything is sent, the chain is asked.
 */
export function isKnownPaid({ outcome, reported, settlementState }: VoucherRecord): boolean {
  if (outcome !== null) return outcome.kind !== "released";
  return reported === "final" && paidStates.has(settlementState ?? "");
}

/**
 * Asks the chain what became of a voucher. A used counter counts as this voucher's payment or
 * release only where a transaction shows it: after a fork the counter may have paid another one
 * (spec §5.9). Which transactions are read, settlement and this terminal's own calls say.
 */
export async function outcomeOf(
  { journal, chain, served }: OutcomeParts,
  voucher: VoucherRecord,
): Promise<VoucherOutcome> {
  if (voucher.outcome !== null) return voucher.outcome.kind === "released" ? "released" : "paid";
  const sought = soughtVoucher(voucher);
  const reader = new TransactionReader({ rpc: chain.node, served, payee: sought.message.payee });
  const own = journal.chainCalls.hashesOfTap(voucher.tapId);
  const isUsed = await chain.views.isUsed(sought.card, voucher.counter, "latest");
  // The issuer may pay what the vault never pays, and then its counter must not be given up.
  const maybeCompensated = ["compensating", "compensated"].includes(voucher.settlementState ?? "");
  if (!isUsed && !maybeCompensated) return "unused";
  for (const tx of [voucher.claimTx, voucher.tx, ...own]) {
    if (tx === null) continue;
    const finding = findingOf(sought, (await reader.read(tx)).facts);
    if (finding?.kind === "end") return finding.outcome.kind === "released" ? "released" : "paid";
  }
  return "unclear";
}
