/**
 * Status words that the terminal acts on by itself (spec §4.6); every other one is a reason of the
 * protocol package.
 */
export const SW_OK = 0x9000;
/** P1 or P2 that the card does not know; it has looked at nothing else. */
export const SW_WRONG_PARAMETERS = 0x6a86;
/** The card has another payment with this counter, or the ring has passed it. */
export const SW_OUT_OF_TURN = 0x9e08;
export const SW_NOT_FOUND = 0x6a88;
/** There is no payment of this age for this payee (spec §4.13). */
export const SW_NO_RECORD = 0x6a83;
/** The instance exists but cannot be selected; a further one may be (spec §2.3). */
export const SW_NOT_SELECTABLE = 0x6999;

/** The status word as people write it. */
export function statusWordText(sw: number): string {
  return sw.toString(16).toUpperCase().padStart(4, "0");
}
