import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { SaleRecord } from "../journal/sales/sale-store.ts";
import type { TapPhase } from "../taps/sale.ts";
import { tapMessage } from "../taps/tap-result.ts";

/** Where a sale stands (spec §5.11). The first four are told by the attempt that runs, the others by the journal. */
export type SaleState = TapPhase | "paid" | "refused" | "unresolved" | "reversed";

/** A sale as cashiers and programs see it. */
export interface SaleView {
  readonly sale: SaleRecord;
  readonly state: SaleState;
  /** Stable code; null where nothing is wrong. */
  readonly code: string | null;
  /** What happened and what to do next. */
  readonly message: string;
  /** Where its card is awaited, or was last. */
  readonly lane: string;
  /** The tap that the state is of; null where no card was asked. */
  readonly tap: TapRecord | null;
  /** The card is still in use after its payment was told (spec §3.5): it is to stay there. */
  readonly holding: boolean;
}

const phaseMessages: { readonly [phase in TapPhase]: string } = {
  waiting: "Hold the card to the reader.",
  "card-left": "Take the card of the last sale away, then hold the next one to the reader.",
  "card-seen": "Keep the card there.",
  paying: "Keep the card there.",
};

/**
 * Where a sale stands: by its attempt while one runs, else by its tap. `isReversed` says whether the
 * terminal has reversed a paid one.
 */
export function saleView(
  sale: SaleRecord,
  {
    phase,
    tap,
    isReversed,
    lane,
    holding,
  }: {
    readonly phase: TapPhase | null;
    readonly tap: TapRecord | null;
    readonly isReversed: boolean;
    readonly lane: string;
    readonly holding: boolean;
  },
): SaleView {
  const of = { sale, lane, tap };
  if (phase !== null) return { ...of, state: phase, code: null, message: phaseMessages[phase], holding: false };
  if (tap === null) return ended(of, "refused", "SALE_CANCELLED");
  if (tap.state === "accepted" && !isReversed) return { ...of, state: "paid", code: null, message: "Paid.", holding };
  const state = tap.state;
  if (state === "accepted" || (state === "reversed" && tap.code === "TAP_CANCELLED"))
    return ended(of, "reversed", "TAP_CANCELLED");
  const code = tap.code ?? "TAP_UNRESOLVED";
  return ended(of, state === "intent" || state === "unresolved" ? "unresolved" : "refused", code);
}

function ended(of: Pick<SaleView, "sale" | "lane" | "tap">, state: SaleState, code: string): SaleView {
  return { ...of, state, code, message: tapMessage(code), holding: false };
}
