import type { FeePolicy } from "@tallystick/evm";
import { decodeVoucherBundle, encodeVoucherMessage, equalBytes, toHex, type VoucherBundle } from "@tallystick/protocol";
import { releaseCall, withdrawCall } from "@tallystick/vault";
import { assertChain } from "../chain/chain-node.ts";
import { owedTo, type VaultChain } from "../chain/calls/vault-chain.ts";
import { lookUpNamed, nameOf } from "../chain/outcomes/look-up.ts";
import { searchEnds } from "../chain/outcomes/search.ts";
import { TransactionReader } from "../chain/outcomes/transaction-facts.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { cardAddress } from "../keys/card-address.ts";
import { MAX_SEARCHED_VOUCHERS } from "../limits.ts";
import { finishOpenClaims, takeInSettled } from "./open-claims.ts";
import { forVault, settleCallOf } from "./settle-bundles.ts";
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
  /**
   * Vouchers whose counter the vault had used before: paid through settlement, or by an earlier
   * claim.
   */
  readonly usedBefore: number;
  /**
   * Vouchers that the vault did not pay, such as those of a card without balance; they stay and can
   * be claimed again.
   */
  readonly skipped: number;
  readonly released: number;
  /** Units paid out to the payee's address. */
  readonly withdrawn: bigint;
}

/** A voucher that the vault has not used the counter of. */
interface Claimed {
  readonly record: VoucherRecord;
  readonly bundle: VoucherBundle;
}

export interface ClaimParts {
  readonly journal: Pick<Journal, "write" | "outcomes" | "chainCalls">;
  readonly config: Pick<GatewayConfig, "payee" | "windows">;
  readonly served: ServedDomain;
  readonly chain: VaultChain;
  readonly fees: FeePolicy;
  readonly patience: Patience;
}

/** What one claim has found and done so far. */
interface Progress {
  settled: number;
  usedBefore: number;
  skipped: number;
  released: number;
  /** Their counters are used, and no transaction is named that shows for what. */
  readonly unexplained: VoucherRecord[];
}

/**
 * Brings the merchant's own vouchers to the vault and pays out what it earned, with nothing but an
 * RPC and a paying key (spec §1.1, §5.5). It asks the chain about every voucher that is not final,
 * whatever settlement says of it, those of the last 2 W first (spec §5.8). Where the paying key is
 * the payee's, reversed vouchers are released too, so that their value goes back to their cards.
 * May be run any number of times, and continues what an earlier run has sent; throws ChainError,
 * CLAIM_WAITING where a transaction did not come into a block in time.
 */
export async function claim(parts: ClaimParts, report: (event: ClaimEvent) => void): Promise<ClaimReport> {
  const { journal, config, served, chain, patience } = parts;
  await assertChain(chain.node, served);
  await finishOpenClaims(parts);
  const reader = new TransactionReader({ rpc: chain.node, served, payee: config.payee });
  const progress: Progress = { settled: 0, usedBefore: 0, skipped: 0, released: 0, unexplained: [] };
  const since = Math.max(0, patience.now() - 2 * config.windows.vaultDelaySeconds);
  for (const page of journal.outcomes.notFinal(served.domainBytes, since))
    await claimPage(parts, { reader, page, progress }, report);
  await explain(parts, reader, progress.unexplained);
  const owed = await owedTo(chain, config.payee);
  if (owed > 0n) {
    const data = withdrawCall(config.payee);
    report({ event: "withdrawn", tx: await callAndWait(parts, "withdraw", data), units: owed });
  }
  const { unexplained: _, ...counts } = progress;
  return { ...counts, withdrawn: owed };
}

async function claimPage(
  parts: ClaimParts,
  {
    reader,
    page,
    progress,
  }: { readonly reader: TransactionReader; readonly page: readonly VoucherRecord[]; readonly progress: Progress },
  report: (event: ClaimEvent) => void,
): Promise<void> {
  const { journal, config, chain, patience, served } = parts;
  const final = await lookUpNamed({ journal, reader, now: patience.now() }, page);
  const waiting: Claimed[] = [];
  for (const record of page) {
    const isFinal = final.has(nameOf(record));
    const card = cardAddress(record.cardKey);
    if (!isFinal && !(await chain.views.isUsed(card, record.counter, "latest"))) {
      waiting.push({ record, bundle: decodeVoucherBundle(record.entry) });
      continue;
    }
    progress.usedBefore += 1;
    if (!isFinal && isToExplain(served, record) && progress.unexplained.length < MAX_SEARCHED_VOUCHERS)
      progress.unexplained.push(record);
  }
  await settleOpen(
    parts,
    waiting.filter(({ record }) => !record.reversed),
    progress,
    report,
  );
  if (!equalBytes(chain.signer.address, config.payee)) return;
  await releaseAll(
    parts,
    waiting.filter(({ record }) => record.reversed),
    report,
  );
  progress.released += waiting.filter(({ record }) => record.reversed).length;
}

/**
 * What this terminal has claimed waits for its block; behind a rival only the guarantee's account
 * can still pay.
 */
function isToExplain({ guaranteeAccount }: ServedDomain, { claimTx, rivalTx }: VoucherRecord): boolean {
  return claimTx === null && (rivalTx === null || guaranteeAccount !== null);
}

/** Searches the chain for what used the counters of these vouchers. */
async function explain(
  { journal, config, served, chain, patience }: ClaimParts,
  reader: TransactionReader,
  unexplained: readonly VoucherRecord[],
): Promise<void> {
  if (unexplained.length === 0) return;
  const place = { rpc: chain.node, served, payee: config.payee };
  const startBlock = served.chain?.startBlock ?? 0n;
  await searchEnds({ journal, place, reader, startBlock, now: patience.now() }, unexplained);
}

async function settleOpen(
  parts: ClaimParts,
  open: readonly Claimed[],
  progress: Progress,
  report: (event: ClaimEvent) => void,
): Promise<void> {
  if (open.length === 0) return;
  const tx = await callAndWait(parts, "settle", settleCallOf(open.map(({ bundle }) => bundle)));
  const done = await takeInSettled(parts, tx);
  const skipped = open.length - done.length;
  progress.settled += done.length;
  progress.skipped += skipped;
  const units = done.reduce((sum, { amount }) => sum + amount, 0n);
  report({ event: "settled", tx, paid: done.length, skipped, units });
}

async function releaseAll(
  parts: ClaimParts,
  reversed: readonly Claimed[],
  report: (event: ClaimEvent) => void,
): Promise<void> {
  const { journal, patience } = parts;
  for (const { record, bundle } of reversed) {
    const call = releaseCall({ message: encodeVoucherMessage(bundle.message), ...forVault(bundle) });
    const tx = await callAndWait(parts, "release", call);
    journal.write(() => {
      journal.outcomes.claimed(record.id, tx, patience.now());
    });
    report({ event: "released", tx, voucherId: toHex(record.id) });
  }
}
