/** The states of an action that ended without effect, as answers and the console name them. */
const WITHOUT_EFFECT = new Set(["failed", "refused"]);

/** How much a payout paid, by the books; they have it once its transaction is final, and never where it had no effect. */
export function payoutText(amount: string | null, state: string): string {
  if (amount !== null) return amount;
  return WITHOUT_EFFECT.has(state) ? "nothing" : "not booked yet";
}
