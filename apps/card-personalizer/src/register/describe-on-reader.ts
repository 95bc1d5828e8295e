import { formatTotal, type Asset } from "@tallystick/money";
import { cardStateName, NO_COUNT_LIMIT, type SelectAnswer } from "@tallystick/protocol";

/** What a card on the reader says of itself without a key. */
export interface CardOnReader {
  readonly answer: Pick<SelectAnswer, "state" | "allowanceBody" | "counter" | "spent" | "noPinUsed" | "noPinTaps">;
  /** Null where it does not say whether it has one. */
  readonly hasPin: boolean | null;
}

/** That for a person, a sentence a line. */
export function describeOnReader({ answer, hasPin }: CardOnReader, asset: Asset): readonly string[] {
  const { state, allowanceBody: allowed, counter, spent, noPinUsed, noPinTaps } = answer;
  const text = (units: bigint): string => formatTotal(units, asset);
  const left = allowed.maxSpent > spent ? allowed.maxSpent - spent : 0n;
  const count = allowed.noPinCount === NO_COUNT_LIMIT ? "" : ` of ${allowed.noPinCount}`;
  return [
    `The card itself is ${cardStateName(state)} and holds allowance number ${allowed.seq}: it has spent ${text(spent)} in ${counter} payments, and can spend at most ${text(left)} more.`,
    `Without PIN it has paid ${text(noPinUsed)} of ${text(allowed.noPinSum)}, in ${noPinTaps}${count} payments.`,
    ...(hasPin === null
      ? []
      : // There is no other way to ask for them (spec §4.9).
        [hasPin ? "It has a PIN; how many tries that has left it says after a wrong one." : "It has no PIN."]),
  ];
}
