import type { LoggedChange, WebhookType } from "../journal/merchant/webhook-store.ts";
import { storedState } from "../journal/payments/stored-states.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";

/** What is known of the tap that an entry of the log is about. */
export interface ChangedTap {
  readonly tap: Pick<TapRecord, "state">;
  readonly isReversed: boolean;
}

/** The tap that an entry of the log is about. */
export function tapIdOf({ kind, subject }: Pick<LoggedChange, "kind" | "subject">): string {
  return kind === "refund" ? subject.slice(0, subject.indexOf("/")) : subject;
}

/**
 * What an entry of the log means for its sale, where that matters to a merchant (spec §5.11); null where it changes
 * nothing that was not told. What gives back a payment that was reversed is its reversal, and told as that.
 */
export function saleChangeOf(change: LoggedChange, { tap, isReversed }: ChangedTap): WebhookType | null {
  const { kind, state, code, isRepeated, wasEnded } = change;
  if (isRepeated) return null;
  if (kind === "refund") return state === "refunded" && !isReversed ? "sale.refunded" : null;
  // An open tap that is reversed has an entry of its own.
  if (kind === "reversal") return tap.state === "accepted" ? "sale.reversed" : null;
  switch (state) {
    case "accepted":
      return "sale.paid";
    case "unresolved":
      return "sale.unresolved";
    case "refused":
    case "expired":
      return "sale.refused";
    case storedState("reversed"):
      // What the card refused is reversed by the terminal itself, and was told as refused.
      if (code === "TAP_CANCELLED") return "sale.reversed";
      return wasEnded ? null : "sale.refused";
    default:
      return null;
  }
}
