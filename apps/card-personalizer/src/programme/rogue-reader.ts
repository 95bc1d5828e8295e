import { formatTotal, parseAmount, type Asset } from "@tallystick/money";
import { NO_COUNT_LIMIT } from "@tallystick/protocol";
import type { Answers } from "./answers/load-answers.ts";

/** What somebody can take of one card by holding a reader to it, without its PIN. */
export interface RogueLoss {
  /** Units of one payment at most. */
  readonly perPayment: bigint;
  /** Units in all, until the card is shown its PIN or its sums start anew. */
  readonly total: bigint;
  /** Taps that it takes. */
  readonly payments: number;
}

/** The limits that bound it, in units. */
export interface RogueLimits {
  readonly perTap: bigint;
  readonly pinAbove: bigint;
  readonly noPinSum: bigint;
  readonly noPinCount: number;
}

/**
 * The bound of a loss without PIN (spec §4.5): one payment is at most perTap and pinAbove, all of them at most noPinSum, and
 * there are at most noPinCount of them. What is on the card bounds it too, and grows with each deposit.
 */
export function rogueLoss({ perTap, pinAbove, noPinSum, noPinCount }: RogueLimits): RogueLoss {
  const perPayment = lower(lower(perTap, pinAbove), noPinSum);
  if (perPayment === 0n) return { perPayment, total: 0n, payments: 0 };
  const byCount = noPinCount === NO_COUNT_LIMIT ? noPinSum : perPayment * BigInt(noPinCount);
  const total = lower(noPinSum, byCount);
  return { perPayment, total, payments: Number((total + perPayment - 1n) / perPayment) };
}

/** The same in sentences, for whoever chooses the limits. */
export function rogueSentences(
  { limits, fund, noPinResetDays, pins }: Pick<Answers, "limits" | "fund" | "noPinResetDays" | "pins">,
  asset: Asset,
): readonly string[] {
  const units = (text: string): bigint => parseAmount(text, asset);
  const { total, perPayment, payments } = rogueLoss({
    perTap: units(limits.perTap),
    pinAbove: units(limits.pinAbove),
    noPinSum: units(limits.noPinSum),
    noPinCount: limits.noPinCount,
  });
  const text = (amount: bigint): string => `${formatTotal(amount, asset)} ${asset.code}`;
  const ends = pins ? "until the PIN is entered" : "and then never again";
  const end = noPinResetDays === undefined ? ends : `until its sums start anew, at most once in ${noPinResetDays} days`;
  const [first, all] = [lower(units(fund), total), total];
  return [
    `Somebody who holds a reader to a card in a pocket can take at most ${text(all)} of it, and never more than is on it ` +
      `(${text(first)} after the first deposit): ${payments === 1 ? "one payment" : `${payments} payments`} of at most ` +
      `${text(perPayment)}, ${end}.`,
    "A relay to a reader elsewhere takes no more: the card bounds the sum and knows no distance.",
    "A stolen card loses the same until it is reported and terminals have fetched the list; one whose PIN is known, all " +
      "that is on it.",
  ];
}

function lower(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
