import type { CardUnderTest } from "./card-under-test.ts";
import type { Coverage } from "./coverage.ts";
import { type Dice, generateStep } from "./generate-step.ts";
import type { Issuer } from "./issuer.ts";
import { Player, type Prologue } from "./player.ts";
import type { Step } from "./step.ts";

export interface Sequence {
  readonly prologue: Prologue;
  readonly steps: readonly Step[];
}

/** Where two cards first answered differently. */
export interface Difference {
  /** −1 is the prologue. */
  readonly index: number;
  readonly answers: readonly [readonly string[], readonly string[]];
}

export function generateSequence(dice: Dice, length: number): Sequence {
  const prologue = dice.once(2)
    ? dice.pick(["blank", "half", "no-pin", "suspended", "suspended", "terminated", "terminated", "pair"] as const)
    : "whole";
  return { prologue, steps: Array.from({ length }, () => generateStep(dice)) };
}

/**
 * Plays one sequence on both cards, step by step; null when every answer was the same and every
 * check held. The answers of the second card are counted.
 */
export async function compareCards(
  cards: readonly [CardUnderTest, CardUnderTest],
  issuer: Issuer,
  sequence: Sequence,
  coverage: Coverage | null = null,
): Promise<Difference | null> {
  const players = [new Player(cards[0], issuer, null), new Player(cards[1], issuer, coverage)] as const;
  const beginnings = [await players[0].begin(sequence.prologue), await players[1].begin(sequence.prologue)] as const;
  if (differ(beginnings)) return { index: -1, answers: beginnings };
  for (const [index, step] of sequence.steps.entries()) {
    const answers = [await players[0].play(step), await players[1].play(step)] as const;
    if (differ(answers)) return { index, answers };
  }
  return null;
}

/** A check that failed on both cards is a difference too: both would be wrong. */
function differ([left, right]: readonly [readonly string[], readonly string[]]): boolean {
  return left.join("\n") !== right.join("\n") || [...left, ...right].some((answer) => answer.includes("false"));
}

/** Leaves steps out as long as the cards still differ; at most `tries` further runs. */
export async function shrink(
  sequence: Sequence,
  stillDiffers: (shorter: Sequence) => Promise<boolean>,
  tries: number,
): Promise<Sequence> {
  let smallest = sequence;
  let left = tries;
  for (let size = Math.ceil(smallest.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < smallest.steps.length && left > 0;) {
      const shorter = {
        ...smallest,
        steps: smallest.steps.filter((_step, index) => index < start || index >= start + size),
      };
      left -= 1;
      if (await stillDiffers(shorter)) smallest = shorter;
      else start += size;
    }
  }
  return smallest;
}
