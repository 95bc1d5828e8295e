import { cashierSentence, decodeSelectAnswer, isReasonCode, type ReasonCode } from "@tallystick/protocol";
import type { ReaderErrorCode } from "@tallystick/apdu";
import { readerMessage } from "../reader/reader-message.ts";
import { cardAddress } from "../keys/card-address.ts";
import type { AllowanceChange } from "../journal/payments/allowance-change.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";

/** Why a tap was not paid: the protocol's reasons, the reader's, and the terminal's own. */
export type TapCode =
  | ReasonCode
  | ReaderErrorCode
  | "JOURNAL_FORGOTTEN"
  | "CERTIFICATE_MISSING"
  | "SALE_CANCELLED"
  | "TAP_EXPIRED"
  | "TAP_CANCELLED"
  | "CARD_LEFT"
  | "SALE_REPEATED"
  | "PIN_SESSION_UNTRUSTED";

/** What the cashier sees (spec §5.2). */
export type TapOutcomeName = "accepted" | "refused" | "unresolved";

/** One tap as the terminal's page and every client see it; amounts in units. */
export interface TapView {
  readonly id: string;
  readonly saleId: string;
  readonly outcome: TapOutcomeName;
  /** Null when accepted. */
  readonly code: string | null;
  readonly message: string;
  readonly domainBytes: Uint8Array;
  readonly amount: bigint;
  readonly voucherId: Uint8Array | null;
  readonly counter: number | null;
  /** Address, derived from the card's key. */
  readonly card: Uint8Array | null;
  readonly sw: string | null;
  readonly apdus: number;
  readonly spentBefore: bigint | null;
  readonly spentAfter: bigint | null;
  /** What the card can still spend, as it showed; null where it was not asked to pay. */
  readonly left: bigint | null;
  /** The most that its allowance lets it pay at once; null likewise. */
  readonly cardPerTap: bigint | null;
  /** Seconds. */
  readonly time: number;
  /** The sale goes on: the same card may be held to the reader again. */
  readonly saleOpen: boolean;
  /** What a newer allowance changed at this tap; null where the card was given none. */
  readonly update: AllowanceChange | null;
}

/**
 * The answer to one request for a tap: its own outcome, and earlier taps of that card that were
 * resolved on the way.
 */
export interface TapResult extends TapView {
  readonly resolved: readonly TapView[];
}

const ownMessages: { readonly [code in Exclude<TapCode, ReasonCode | ReaderErrorCode>]: string } = {
  JOURNAL_FORGOTTEN:
    "Settlement holds payments of this terminal that its journal has lost. Do not sell with it: call your support, who decides how it goes on.",
  CERTIFICATE_MISSING:
    "This terminal has no certificate of the issuer yet. Register the merchant, then enter the certificate.",
  TAP_EXPIRED: "Nobody found out in time whether this card paid. It counts as not paid.",
  PIN_SESSION_UNTRUSTED:
    "The card did not prove that the PIN reaches it alone, so it was not sent. Do not accept this card.",
  TAP_CANCELLED: "This payment was reversed: nothing was given for it. The issuer gives its value back to the card.",
  CARD_LEFT:
    "The card of the last sale is still on the reader. Nothing was paid. Take it away, then hold the next card there.",
  SALE_REPEATED:
    "This card paid the same amount a moment ago. Nothing was paid now. If it is another sale, take the payment once more.",
  SALE_CANCELLED: "The wait for a card has ended. Nothing was paid.",
};

/** The message for the cashier: what happened, and what to do next. */
export function tapMessage(code: string): string {
  if (isReasonCode(code)) return cashierSentence(code);
  if (code in ownMessages) return ownMessages[code as keyof typeof ownMessages];
  // Every other code is a reader's.
  return readerMessage(code as ReaderErrorCode);
}

const outcomeByState: { readonly [state in TapRecord["state"]]: TapOutcomeName } = {
  intent: "unresolved",
  unresolved: "unresolved",
  accepted: "accepted",
  refused: "refused",
  expired: "refused",
  reversed: "refused",
};

/** A tap as the journal has it. */
export function viewOf(tap: TapRecord, update: AllowanceChange | null = null): TapView {
  const outcome = outcomeByState[tap.state];
  const code = outcome === "accepted" ? null : (tap.code ?? "TAP_UNRESOLVED");
  return {
    id: tap.id,
    saleId: tap.saleId,
    outcome,
    code,
    message: code === null ? "Paid." : tapMessage(code),
    domainBytes: tap.domainBytes,
    amount: tap.amount,
    voucherId: tap.voucherId,
    counter: tap.intent?.counter ?? null,
    card: cardOf(tap.cardKey),
    sw: tap.sw,
    apdus: tap.apdus,
    spentBefore: tap.spentBefore,
    spentAfter: tap.spentAfter,
    ...allowed(tap),
    time: tap.intent?.requestTime ?? tap.createdAt,
    saleOpen: tap.saleOpen,
    update,
  };
}

/** What the allowance that a card showed before PAY leaves it. */
function allowed({ intent, spentAfter }: TapRecord): Pick<TapView, "left" | "cardPerTap"> {
  if (intent === null) return { left: null, cardPerTap: null };
  const { allowanceBody, spent } = decodeSelectAnswer(intent.selectAnswer);
  const left = allowanceBody.maxSpent - (spentAfter ?? spent);
  return { left: left > 0n ? left : 0n, cardPerTap: allowanceBody.perTap };
}

function cardOf(cardKey: Uint8Array | null): Uint8Array | null {
  if (cardKey === null) return null;
  try {
    return cardAddress(cardKey);
  } catch {
    // A lying card may show 33 bytes that are no point; it has no address.
    return null;
  }
}
