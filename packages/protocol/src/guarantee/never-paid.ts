import { equalBytes } from "../bytes/bytes.ts";
import type { Address } from "../parties/address.ts";

/** What used a counter, as a final block shows it. */
export type CounterUse =
  | { readonly by: "nobody" }
  /** The voucher id of the message in the payload that used it. */
  | { readonly by: "settled"; readonly voucherId: Uint8Array }
  | { readonly by: "released"; readonly payee: Address }
  /** The timestamp of the block of `executeVoid`, seconds. */
  | { readonly by: "voided"; readonly time: number };

/** A part of the vault's state, and the final block that shows it. */
export interface SeenAt<Part> {
  /** 32 bytes. */
  readonly blockHash: Uint8Array;
  readonly seen: Part;
}

/** What the vault shows of a voucher's counter and card. */
export interface FinalView {
  readonly counter: SeenAt<CounterUse>;
  readonly card: SeenAt<{ readonly flagged: boolean; /** Units. */ readonly balance: bigint }>;
}

/** A voucher, as far as the vault's state decides about it. */
export interface AwaitedVoucher {
  readonly id: Uint8Array;
  readonly payee: Address;
  readonly amount: bigint;
  /** Its earliest arrival, seconds (spec §6.12). */
  readonly arrivedAt: number;
}

/** Whether the vault can ever pay a voucher, and what shows it. */
export type NeverPaid =
  | {
      readonly never: true;
      readonly because: "COUNTER_SETTLED" | "COUNTER_RELEASED" | "COUNTER_VOIDED" | "CARD_BROKEN";
    }
  | {
      readonly never: false;
      readonly because: "BLOCKS_DIFFER" | "STILL_OPEN" | "PAID" | "GIVEN_UP" | "VOIDED_BEFORE_IT_CAME";
    };

/**
 * Whether one and the same final block shows that the vault can never pay a voucher (spec §6.1): only
 * then may the issuer. Its own release by its payee and a void that ran before it came are ends for
 * which the issuer bears nothing. Pure.
 */
export function neverPaid(voucher: AwaitedVoucher, { counter, card }: FinalView): NeverPaid {
  if (!equalBytes(counter.blockHash, card.blockHash)) return { never: false, because: "BLOCKS_DIFFER" };
  const use = counter.seen;
  const { flagged, balance } = card.seen;
  switch (use.by) {
    case "settled":
      return equalBytes(use.voucherId, voucher.id)
        ? { never: false, because: "PAID" }
        : { never: true, because: "COUNTER_SETTLED" };
    case "released":
      return equalBytes(use.payee, voucher.payee)
        ? { never: false, because: "GIVEN_UP" }
        : { never: true, because: "COUNTER_RELEASED" };
    case "voided":
      return flagged || voucher.arrivedAt < use.time
        ? { never: true, because: "COUNTER_VOIDED" }
        : { never: false, because: "VOIDED_BEFORE_IT_CAME" };
    case "nobody":
      return flagged && balance < voucher.amount
        ? { never: true, because: "CARD_BROKEN" }
        : { never: false, because: "STILL_OPEN" };
  }
}
