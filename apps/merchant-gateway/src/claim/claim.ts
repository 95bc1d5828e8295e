import type { FeePolicy } from "@tallystick/evm";
import {
  decodeVoucherBundle,
  encodeVoucherMessage,
  equalBytes,
  messageHash,
  signatureParity,
  toHex,
  type VoucherBundle,
} from "@tallystick/protocol";
import {
  encodeSettlePayload,
  releaseCall,
  settleCall,
  type SettleGroup,
  type SettleVoucher,
  withdrawCall,
} from "@tallystick/vault";
import { cardAddress } from "../keys/card-address.ts";
import { assertChain } from "../chain/chain-node.ts";
import { owedTo, type VaultChain } from "../chain/calls/vault-chain.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { MAX_CLAIMED_VOUCHERS } from "../limits.ts";
import { finishOpenClaims, takeInSettled } from "./open-claims.ts";
import { callAndWait, type Patience } from "./wait-for-call.ts";

/** One thing that the claim did; amounts in units. */
export type ClaimEvent =
  | {
      readonly event: "settled";
      readonly tx: string;
      readonly paid: number;
      readonly skipped: number;
      readonly units: bigint;
    }
  | { readonly event: "released"; readonly tx: string; readonly voucherId: string }
  | { readonly event: "withdrawn"; readonly tx: string; readonly units: bigint };

/** What the claim came to. */
export interface ClaimReport {
  /** Vouchers that the vault paid in this run. */
  readonly settled: number;
  /** Vouchers whose counter the vault had used before: paid through settlement, or by an earlier claim. */
  readonly usedBefore: number;
  /** Vouchers that the vault did not pay, such as those of a card without balance; they stay and can be claimed again. */
  readonly skipped: number;
  readonly released: number;
  /** Units paid out to the payee's address. */
  readonly withdrawn: bigint;
}

/** A voucher with what the vault needs. */
interface Claimed {
  readonly record: VoucherRecord;
  readonly bundle: VoucherBundle;
}

/** A claim names no batch and no ledger. */
const noRoot = new Uint8Array(32);

export interface ClaimParts {
  readonly journal: Pick<Journal, "write" | "vouchers" | "chainCalls">;
  readonly config: Pick<GatewayConfig, "payee">;
  readonly served: ServedDomain;
  readonly chain: VaultChain;
  readonly fees: FeePolicy;
  readonly patience: Patience;
}

/**
 * Brings the merchant's own vouchers to the vault and pays out what it earned, with nothing but an RPC and a paying key (spec §1.1,
 * §5.5). Where the paying key is the payee's, reversed vouchers are released too, so that their value goes back to their cards.
 * May be run any number of times, and continues what an earlier run has sent; throws ChainError, CLAIM_WAITING where a transaction
 * did not come into a block in time.
 */
export async function claim(parts: ClaimParts, report: (event: ClaimEvent) => void): Promise<ClaimReport> {
  const { journal, config, served, chain } = parts;
  await assertChain(chain.node, served);
  await finishOpenClaims(parts);
  const waiting: Claimed[] = [];
  let usedBefore = 0;
  for (const record of journal.vouchers.notFinal(served.domainBytes)) {
    const used = await chain.views.isUsed(cardAddress(record.cardKey), record.counter, "latest");
    if (used) usedBefore += 1;
    else waiting.push({ record, bundle: decodeVoucherBundle(record.entry) });
  }
  const open = waiting.filter(({ record }) => !record.reversed);
  const reversed = waiting.filter(({ record }) => record.reversed);
  const { settled, skipped } = await settleAll(parts, open, report);
  const mine = equalBytes(chain.signer.address, config.payee);
  const released = mine ? await releaseAll(parts, reversed, report) : 0;
  const owed = await owedTo(chain, config.payee);
  if (owed > 0n) {
    const data = withdrawCall(config.payee);
    report({ event: "withdrawn", tx: await callAndWait(parts, "withdraw", data), units: owed });
  }
  return { settled, usedBefore, skipped, released, withdrawn: owed };
}

async function settleAll(
  parts: ClaimParts,
  waiting: readonly Claimed[],
  report: (event: ClaimEvent) => void,
): Promise<{ readonly settled: number; readonly skipped: number }> {
  let settled = 0;
  let skipped = 0;
  for (let at = 0; at < waiting.length; at += MAX_CLAIMED_VOUCHERS) {
    const part = waiting.slice(at, at + MAX_CLAIMED_VOUCHERS);
    const groups = groupsOf(inVaultOrder(part), parts.config);
    const payload = encodeSettlePayload({ batchRoot: noRoot, ledgerRoot: noRoot, groups });
    const tx = await callAndWait(parts, "settle", settleCall(payload));
    const done = await takeInSettled(parts, tx);
    settled += done.length;
    skipped += part.length - done.length;
    const units = done.reduce((sum, { amount }) => sum + amount, 0n);
    report({ event: "settled", tx, paid: done.length, skipped: part.length - done.length, units });
  }
  return { settled, skipped };
}

async function releaseAll(
  parts: ClaimParts,
  reversed: readonly Claimed[],
  report: (event: ClaimEvent) => void,
): Promise<number> {
  const { journal, patience } = parts;
  for (const { record, bundle } of reversed) {
    const call = releaseCall({ message: encodeVoucherMessage(bundle.message), ...forVault(bundle) });
    const tx = await callAndWait(parts, "release", call);
    journal.write(() => {
      journal.vouchers.follow(record.id, { state: "released", batch: null, tx, final: false }, patience.now());
    });
    report({ event: "released", tx, voucherId: toHex(record.id) });
  }
  return reversed.length;
}

/** Cards together, counters upwards: the cheapest order. */
function inVaultOrder(part: readonly Claimed[]): readonly Claimed[] {
  return [...part].sort(
    (left, right) =>
      Buffer.compare(left.record.cardKey, right.record.cardKey) || left.record.counter - right.record.counter,
  );
}

function groupsOf(part: readonly Claimed[], { payee }: Pick<GatewayConfig, "payee">): readonly SettleGroup[] {
  const byCard = new Map<string, SettleGroup & { readonly vouchers: SettleVoucher[] }>();
  for (const { record, bundle } of part) {
    const card = cardAddress(record.cardKey);
    const group = byCard.get(toHex(card)) ?? { payee, card, vouchers: [] };
    const { counter, amount, context } = bundle.message;
    group.vouchers.push({ counter, amount, context, ...forVault(bundle) });
    byCard.set(toHex(card), group);
  }
  return [...byCard.values()];
}

function forVault({ signature, message, cardKey }: VoucherBundle): {
  readonly signature: Uint8Array;
  readonly parity: 0 | 1;
} {
  return { signature, parity: signatureParity(signature, messageHash(message), cardKey) };
}
