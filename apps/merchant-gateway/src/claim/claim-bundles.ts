import type { FeePolicy } from "@tallystick/evm";
import { type Address, fromHex, toHex, type VoucherBundle } from "@tallystick/protocol";
import { withdrawCall } from "@tallystick/vault";
import { owedTo, type VaultChain } from "../chain/calls/vault-chain.ts";
import { assertChain } from "../chain/chain-node.ts";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import { cardAddress } from "../keys/card-address.ts";
import { MAX_CLAIMED_VOUCHERS } from "../limits.ts";
import type { ClaimEvent, ClaimReport } from "./claim.ts";
import { paidAmong, settleCallOf } from "./settle-bundles.ts";
import { callAndWait, type Patience, untilMined } from "./wait-for-call.ts";

export interface BundleClaimParts {
  /** Keeps what is sent, beside the file of the bundles. */
  readonly journal: Pick<Journal, "write" | "chainCalls">;
  readonly served: ServedDomain;
  readonly chain: VaultChain;
  readonly fees: FeePolicy;
  readonly patience: Patience;
}

/**
 * Brings another terminal's vouchers to the vault, and pays out to each payee what it earned: the
 * vault pays nobody else (spec §5.8). They were judged before. May be run any number of times; what
 * is paid is not paid twice. Throws ChainError.
 */
export async function claimBundles(
  parts: BundleClaimParts,
  bundles: readonly VoucherBundle[],
  report: (event: ClaimEvent) => void,
): Promise<ClaimReport> {
  const { journal, served, chain } = parts;
  await assertChain(chain.node, served);
  for (const call of journal.chainCalls.ofClaims(served.domainBytes, chain.signer.address))
    await untilMined(parts, call);
  const waiting: VoucherBundle[] = [];
  for (const bundle of bundles) {
    const { counter } = bundle.message;
    if (!(await chain.views.isUsed(cardAddress(bundle.cardKey), counter, "latest"))) waiting.push(bundle);
  }
  let settled = 0;
  for (let at = 0; at < waiting.length; at += MAX_CLAIMED_VOUCHERS) {
    const part = waiting.slice(at, at + MAX_CLAIMED_VOUCHERS);
    const tx = await callAndWait(parts, "settle", settleCallOf(part));
    const paid = paidAmong(part, await chain.views.settledBy(fromHex(tx)));
    settled += paid.size;
    const units = [...paid].reduce((sum, { message }) => sum + message.amount, 0n);
    report({ event: "settled", tx, paid: paid.size, skipped: part.length - paid.size, units });
  }
  let withdrawn = 0n;
  for (const payee of payeesOf(bundles)) {
    const owed = await owedTo(chain, payee);
    if (owed === 0n) continue;
    report({ event: "withdrawn", tx: await callAndWait(parts, "withdraw", withdrawCall(payee)), units: owed });
    withdrawn += owed;
  }
  const usedBefore = bundles.length - waiting.length;
  return { settled, usedBefore, skipped: waiting.length - settled, released: 0, withdrawn };
}

function payeesOf(bundles: readonly VoucherBundle[]): Iterable<Address> {
  return new Map(bundles.map(({ message: { payee } }) => [toHex(payee), payee])).values();
}
