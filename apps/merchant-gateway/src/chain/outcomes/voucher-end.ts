import { type Address, decodeVoucherBundle, equalBytes, toHex, type VoucherMessage } from "@tallystick/protocol";
import type { ChainOutcome, VoucherRecord } from "../../journal/payments/voucher-record.ts";
import { cardAddress } from "../../keys/card-address.ts";
import type { VaultFact } from "./vault-facts.ts";

/** A voucher by what the chain names it with. */
export interface SoughtVoucher {
  readonly record: VoucherRecord;
  readonly card: Address;
  readonly message: VoucherMessage;
}

/** What facts say of one voucher: its end, or the transaction that used its counter otherwise. */
export type VoucherFinding =
  | { readonly kind: "end"; readonly outcome: ChainOutcome }
  | { readonly kind: "rival"; readonly tx: string };

export function soughtVoucher(record: VoucherRecord): SoughtVoucher {
  return { record, card: cardAddress(record.cardKey), message: decodeVoucherBundle(record.entry).message };
}

/**
 * What became of a voucher by these facts; null where they do not concern it. Only this very
 * message counts as paid: after a fork its counter may have paid another one (spec §5.8).
 */
export function findingOf(sought: SoughtVoucher, facts: Iterable<VaultFact>): VoucherFinding | null {
  let rival: VoucherFinding | null = null;
  for (const fact of facts) {
    const finding = concerns(sought, fact);
    if (finding?.kind === "end") return finding;
    rival ??= finding;
  }
  return rival;
}

function concerns({ record, card, message }: SoughtVoucher, fact: VaultFact): VoucherFinding | null {
  const { tx, block } = fact;
  const end = (kind: ChainOutcome["kind"]): VoucherFinding => ({ kind: "end", outcome: { kind, tx, block } });
  const rival: VoucherFinding = { kind: "rival", tx };
  switch (fact.kind) {
    case "paid": {
      const { item } = fact;
      if (item.counter !== message.counter || !equalBytes(item.card, card)) return null;
      const same =
        item.amount === message.amount &&
        equalBytes(item.payee, message.payee) &&
        equalBytes(item.context, message.context);
      return same ? end("paid") : rival;
    }
    case "released":
      if (fact.counter !== message.counter || !equalBytes(fact.card, card)) return null;
      return fact.voucherId !== null && equalBytes(fact.voucherId, record.id) ? end("released") : rival;
    case "compensated":
      if (!equalBytes(fact.voucherId, record.id)) return null;
      return fact.units === message.amount && equalBytes(fact.payee, message.payee) ? end("compensated") : null;
  }
}

/** Names by which a fact and the vouchers that it concerns meet. */
export function namesOf(fact: VaultFact): readonly string[] {
  switch (fact.kind) {
    case "paid":
      return [counterName(fact.item.card, fact.item.counter)];
    case "released":
      return [counterName(fact.card, fact.counter)];
    case "compensated":
      return [toHex(fact.voucherId)];
  }
}

export function counterName(card: Uint8Array, counter: number): string {
  return `${toHex(card)}/${counter}`;
}
