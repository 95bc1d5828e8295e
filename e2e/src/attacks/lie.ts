import type { AllowanceBody } from "@tallystick/protocol";
import type { PayLie, SelectLie } from "./hostile-card.ts";

/** What the terminal does about a lie: it names it, or somebody bears it who is named here. */
export type LieOutcome = { readonly code: string } | { readonly bearer: string };

/** One lie of a hostile card, in one field. */
export interface Lie {
  /** A field of `selectFields` or `payFields`. */
  readonly field: string;
  /** What the card says, as it stands in the reference page. */
  readonly says: string;
  readonly select?: SelectLie;
  readonly pay?: PayLie;
  /** Where the allowance itself is another one than usual. */
  readonly body?: Partial<AllowanceBody>;
  /** The terminal has never met this card; by default it has taken one honest payment of it before. */
  readonly firstMeeting?: true;
  /** The card's signature is good and is kept as evidence, with a reversal. */
  readonly evidence?: true;
  readonly outcome: LieOutcome;
}

/** A lie that is named by this code before PAY, or after it without anything that the card signed for it. */
export function named(code: string): { readonly outcome: LieOutcome } {
  return { outcome: { code } };
}

/** A lie that is named by this code after the card signed: its voucher is kept, cancelled and sent. */
export function convicted(code: string): { readonly outcome: LieOutcome; readonly evidence: true } {
  return { outcome: { code }, evidence: true };
}

/** A lie that no terminal can see, and who bears what comes of it. */
export function borneBy(bearer: string): { readonly outcome: LieOutcome } {
  return { outcome: { bearer } };
}
