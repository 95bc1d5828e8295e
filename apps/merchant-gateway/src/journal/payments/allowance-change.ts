import { cardStates, decodeSelectAnswer, type SelectAnswer } from "@tallystick/protocol";
import type { AllowanceUpdateRecord } from "./allowance-update-store.ts";

/** What a newer allowance changed, as SELECT showed it before and after (spec §5.10). */
export interface AllowanceChange {
  /** Units by which the card can spend more; 0 where it is not more. */
  readonly added: bigint;
  /** A limit of the card is lower now. */
  readonly lowered: boolean;
  /** The card refuses to pay now. */
  readonly suspended: boolean;
}

/** What an update changed for its cardholder; null where the card shows what it showed before. */
export function changeOf({ before, after }: Pick<AllowanceUpdateRecord, "before" | "after">): AllowanceChange | null {
  const [was, is] = [decodeSelectAnswer(before), decodeSelectAnswer(after)];
  if (is.allowanceBody.seq === was.allowanceBody.seq) return null;
  const more = is.allowanceBody.maxSpent - was.allowanceBody.maxSpent;
  const suspended = is.state === cardStates.suspended && was.state !== cardStates.suspended;
  return { added: more > 0n ? more : 0n, lowered: !suspended && isLower(was, is), suspended };
}

const limits = ["maxSpent", "perTap", "pinAbove", "noPinSum", "noPinCount", "maxCounter", "notAfter"] as const;

function isLower({ allowanceBody: was }: SelectAnswer, { allowanceBody: is }: SelectAnswer): boolean {
  return limits.some((limit) => is[limit] < was[limit]) || (was.categories & ~is.categories) !== 0n;
}
