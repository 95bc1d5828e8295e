import {
  addressOfKey,
  decodeVoucherBundle,
  encodeVoucherMessage,
  equalBytes,
  messageHash,
  signatureParity,
  toHex,
  type VoucherBundle,
  withParity,
} from "@tallystick/protocol";
import { encodeSettlePayload, type SettleGroup } from "@tallystick/vault";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { VoucherRecord } from "../journal/voucher-store.ts";
import { MAX_CLAIMED_VOUCHERS } from "../limits.ts";
import { ClaimError, type VaultPort } from "./vault-port.ts";

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

const nothing = new Uint8Array(32);

/**
 * Brings the shop's own vouchers to the vault and pays out what it earned, with nothing but an RPC and a paying key (spec §1.1,
 * §5.5). Where the paying key is the payee's, cancelled vouchers are released too, so that their value goes back to their cards.
 * May be run any number of times; throws ClaimError.
 */
export async function claim(
  parts: {
    readonly journal: Journal;
    readonly config: Pick<GatewayConfig, "payee">;
    readonly served: ServedDomain;
    readonly vault: VaultPort;
    readonly now: number;
  },
  tell: (event: ClaimEvent) => void,
): Promise<ClaimReport> {
  const { journal, config, served, vault } = parts;
  const chainId = await vault.chainId();
  if (chainId !== served.domain.chainId) {
    throw new ClaimError(
      "WRONG_CHAIN",
      `This node is of chain ${chainId}; the vouchers are of chain ${served.domain.chainId}. Give the right --rpc.`,
    );
  }
  const waiting: Claimed[] = [];
  let usedBefore = 0;
  for (const record of journal.vouchers.notFinal(served.domainBytes)) {
    const used = await vault.isUsed(addressOfKey(record.cardKey), record.counter);
    if (used) usedBefore += 1;
    else waiting.push({ record, bundle: decodeVoucherBundle(record.entry) });
  }
  const { settled, skipped } = await settleAll(
    parts,
    waiting.filter(({ record }) => !record.cancelled),
    tell,
  );
  const mine = equalBytes(vault.payer, config.payee);
  const released = mine
    ? await releaseAll(
        parts,
        waiting.filter(({ record }) => record.cancelled),
        tell,
      )
    : 0;
  const owed = await vault.owed(config.payee);
  if (owed > 0n) tell({ event: "withdrawn", tx: await vault.withdraw(config.payee), units: owed });
  return { settled, usedBefore, skipped, released, withdrawn: owed };
}

async function settleAll(
  { journal, config, vault, now }: Parameters<typeof claim>[0],
  waiting: readonly Claimed[],
  tell: (event: ClaimEvent) => void,
): Promise<{ readonly settled: number; readonly skipped: number }> {
  let settled = 0;
  let skipped = 0;
  for (let at = 0; at < waiting.length; at += MAX_CLAIMED_VOUCHERS) {
    const part = inVaultOrder(waiting.slice(at, at + MAX_CLAIMED_VOUCHERS));
    const groups = groupsOf(part, config);
    const { tx, paid } = await vault.settle(
      encodeSettlePayload({ batchRoot: nothing, ledgerRoot: nothing, groups }),
      part.length,
    );
    const done = part.filter((_, index) => paid[index] === true);
    journal.write(() => {
      for (const { record } of done)
        journal.vouchers.follow(record.id, { state: "claimed", batch: null, tx, final: false }, now);
    });
    settled += done.length;
    skipped += part.length - done.length;
    tell({
      event: "settled",
      tx,
      paid: done.length,
      skipped: part.length - done.length,
      units: done.reduce((sum, { record }) => sum + record.amount, 0n),
    });
  }
  return { settled, skipped };
}

async function releaseAll(
  { vault, journal, now }: Parameters<typeof claim>[0],
  cancelled: readonly Claimed[],
  tell: (event: ClaimEvent) => void,
): Promise<number> {
  for (const { record, bundle } of cancelled) {
    const { signature, parity } = forVault(bundle);
    const carried = withParity(signature, parity);
    const tx = await vault.release(encodeVoucherMessage(bundle.message), {
      r: carried.slice(0, 32),
      vs: carried.slice(32),
    });
    journal.write(() => {
      journal.vouchers.follow(record.id, { state: "released", batch: null, tx, final: false }, now);
    });
    tell({ event: "released", tx, voucherId: toHex(record.id) });
  }
  return cancelled.length;
}

/** Cards together, counters upwards: the cheapest order, and the one of the result bitmap. */
function inVaultOrder(part: readonly Claimed[]): readonly Claimed[] {
  return [...part].sort(
    (left, right) =>
      Buffer.compare(left.record.cardKey, right.record.cardKey) || left.record.counter - right.record.counter,
  );
}

function groupsOf(part: readonly Claimed[], config: Pick<GatewayConfig, "payee">): readonly SettleGroup[] {
  const byCard = new Map<string, Claimed[]>();
  for (const each of part) {
    const name = toHex(each.record.cardKey);
    byCard.set(name, [...(byCard.get(name) ?? []), each]);
  }
  return [...byCard.values()].map((vouchers) => ({
    payee: config.payee,
    card: addressOfKey(vouchers[0]?.record.cardKey ?? nothing),
    vouchers: vouchers.map(({ bundle }) => ({
      counter: bundle.message.counter,
      amount: bundle.message.amount,
      context: bundle.message.context,
      ...forVault(bundle),
    })),
  }));
}

function forVault({ signature, message, cardKey }: VoucherBundle): {
  readonly signature: Uint8Array;
  readonly parity: 0 | 1;
} {
  return { signature, parity: signatureParity(signature, messageHash(message), cardKey) };
}
