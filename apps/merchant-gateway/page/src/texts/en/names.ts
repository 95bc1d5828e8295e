import type { ReaderErrorCode } from "@tallystick/apdu";
import type { ReasonCode } from "@tallystick/protocol";
import type { faults } from "./faults.ts";
import type { words } from "./words.ts";

/** Names of the page's own sentences. */
export type WordName = keyof typeof words;

/** The page's own sentences in one language. */
export type Words = Readonly<Record<WordName, string>>;

/** What keeps the terminal from selling, what needs attention, and why a call was refused, in one language. */
export type Faults = Readonly<Record<keyof typeof faults, string>>;

/** Why a sale is not paid, beside the protocol's reasons and the reader's. */
type OwnReason =
  | ("JOURNAL_FORGOTTEN" | "CERTIFICATE_MISSING" | "SALE_CANCELLED" | "TAP_EXPIRED" | "TAP_CANCELLED")
  | ("CARD_LEFT" | "SALE_REPEATED" | "PIN_SESSION_UNTRUSTED");

/** Why a card did not pay, in one language. */
export type Reasons = Readonly<Record<ReasonCode | ReaderErrorCode | OwnReason, string>>;

/** Every sentence of one language; where a code has none, the terminal's own English one is shown. */
export interface Catalogue {
  readonly words: Words;
  readonly codes: Faults & Partial<Reasons>;
}
