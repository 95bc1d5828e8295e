import type { CardImage } from "./card-image.ts";
import { unsigned } from "./numbers.ts";

/**
 * The allowance as the card reads it (spec §3.3): raw numbers, because no other value of the body
 * is judged on card.
 */
export interface AllowanceRules {
  readonly seq: bigint;
  readonly maxSpent: bigint;
  readonly maxCounter: bigint;
  readonly perTap: bigint;
  readonly pinAbove: bigint;
  readonly noPinSum: bigint;
  readonly noPinCount: bigint;
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  readonly categories: bigint;
  readonly flags: bigint;
}

/** Reads the rules of a body of 62 bytes. */
export function rulesOfBody(body: Uint8Array): AllowanceRules {
  const field = (start: number, length: number) => unsigned(body.slice(start, start + length));
  return {
    seq: field(1, 4),
    maxSpent: field(5, 6),
    maxCounter: field(17, 4),
    perTap: field(21, 6),
    pinAbove: field(27, 6),
    noPinSum: field(33, 6),
    noPinCount: field(39, 1),
    notBefore: field(40, 4),
    notAfter: field(44, 4),
    categories: field(52, 8),
    flags: field(60, 2),
  };
}

/** The rules that hold now; zeros before the first allowance. */
export function currentRules(image: CardImage): AllowanceRules {
  return rulesOfBody(image.read("allowance").slice(0, 62));
}
