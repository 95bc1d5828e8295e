import type {
  AllowanceStep,
  CertificateStep,
  Channel,
  Forgery,
  PayStep,
  PinStep,
  ReadLogStep,
  Step,
  StoredValue,
} from "./step.ts";

/**
 * A small generator of its own (xorshift), so that a seed printed today gives the same sequences
 * tomorrow.
 */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed === 0 ? 0x9e3779b9 : seed | 0;
  }

  /** 0 … bound − 1. */
  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** True once in `n`. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }
}

const WEIGHTS: readonly (readonly [number, (dice: Dice) => Step])[] = [
  [3, () => ({ kind: "select", short: false })],
  [3, () => ({ kind: "select", short: true })],
  [1, () => ({ kind: "select-other" })],
  [3, () => ({ kind: "switch" })],
  [1, () => ({ kind: "power" })],
  [2, (dice) => ({ kind: "torn-pay", pay: paySteps(dice), when: dice.pick(["before", "after"] as const) })],
  [40, (dice) => ({ kind: "pay", pay: paySteps(dice) })],
  [10, replayStep],
  [4, (dice) => ({ kind: "prove", length: dice.once(5) ? dice.below(40) : 16 })],
  [
    8,
    (dice) => ({
      kind: "get-log",
      age: dice.once(8) ? dice.pick([16, 17, 255]) : dice.once(2) ? 0 : dice.below(16),
      payee: dice.pick([null, 1, 2]),
      channel: channelOfBoth(dice),
    }),
  ],
  [2, (dice) => ({ kind: "get-challenge", length: dice.once(6) ? 1 + dice.below(20) : 0 })],
  [8, (dice) => ({ kind: "read-log", read: readLogStep(dice) })],
  [8, (dice) => ({ kind: "allowance", allowance: allowanceStep(dice) })],
  [6, (dice) => ({ kind: "certificate", certificate: certificateStep(dice) })],
  [3, () => ({ kind: "beacon-get" })],
  [4, (dice) => ({ kind: "beacon-put", seq: dice.pick([0, 1, 1, 2, 3, 4]), forge: forgery(dice) })],
  [10, (dice) => ({ kind: "pin", pin: pinStep(dice) })],
  [
    5,
    (dice) => ({
      kind: "store",
      tag: dice.pick([0x7f01, 0x7f02, 0x7f03, 0x7f04, 0x7f05, 0x7f06, 0x7f07]),
      value: dice.once(40)
        ? "end"
        : dice.pick<StoredValue>(["own", "own", "own", "other", "zeros", "short", "no-point"]),
      cut: dice.once(6) ? dice.below(4) : 0,
      channel: channelOfTheIssuer(dice),
    }),
  ],
  [
    6,
    (dice) => ({
      kind: "get-data",
      tag: dice.once(5) ? 0xdf08 + dice.below(4) : 0xdf01 + dice.below(7),
      channel: channelOfBoth(dice),
    }),
  ],
  [3, (dice) => ({ kind: "open", channel: channelOfTheIssuer(dice) })],
  [3, (dice) => ({ kind: "generate-key", channel: channelOfTheIssuer(dice) })],
  [
    5,
    (dice) => ({
      kind: "raw",
      header: [
        dice.pick([0x80, 0x80, 0x80, 0x84, 0x90, 0xb0, 0xe0]),
        // Without 50 and 82, which belong to the secure channel and not to the applet.
        2 * dice.below(0x28),
        dice.pick([0, 0, 1, 0x88]),
        dice.pick([0, 0, 0, 7]),
      ],
      length: dice.pick([0, 1, 16, 20, 67, 126, 200]),
    }),
  ],
];

const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0);

/** One step: mostly what an honest terminal sends, often at a bound, sometimes malformed. */
export function generateStep(dice: Dice): Step {
  let rest = dice.below(TOTAL);
  for (const [weight, make] of WEIGHTS) {
    if (rest < weight) return make(dice);
    rest -= weight;
  }
  throw new Error("the weights do not add up");
}

/** The way of a command that has both classes: mostly in clear. */
function channelOfBoth(dice: Dice): Channel {
  return dice.pick(["clear", "clear", "clear", "inside", "inside", "unopened"] as const);
}

/** The way of a command that has class 84 alone: mostly inside the channel. */
function channelOfTheIssuer(dice: Dice): Channel {
  return dice.pick(["inside", "inside", "unopened", "clear"] as const);
}

function paySteps(dice: Dice): PayStep {
  const odd = () => dice.once(14);
  const step = {
    ownTag: !odd(),
    turn: odd() ? dice.pick([-1, 0, 2, 16]) : 1,
    payee: odd() ? 0 : 1 + dice.below(2),
    amount: odd()
      ? dice.pick([0, 2 ** 48 - 1])
      : dice.once(3)
        ? { bound: dice.pick(["perTap", "pinAbove", "noPinSum", "maxSpent"] as const), add: dice.pick([-1, 0, 1]) }
        : 1 + dice.below(300),
    time: odd() ? dice.pick(["before", "after"] as const) : dice.pick(["first", "last", "middle"] as const),
    terminal: dice.below(2),
    category: odd() ? dice.pick([5, 63, 64, 128, 255]) : dice.pick([3, 3, 3, 4]),
    challenge: dice.below(2 ** 31),
  };
  return { ...step, short: step.challenge % 2 === 0 };
}

function replayStep(dice: Dice): Step {
  const back = dice.below(40);
  return { kind: "replay", back, flip: dice.once(4) ? dice.below(67) : null, short: back % 3 === 0 };
}

function forgery(dice: Dice): Forgery {
  return dice.once(4)
    ? dice.pick(["high-s", "flipped", "zero-r", "order-s", "other-key-id", "other-domain"] as const)
    : "none";
}

function allowanceStep(dice: Dice): AllowanceStep {
  return {
    seq: dice.once(5) ? dice.pick([-1, 0, 65_536]) : 1,
    perTap: dice.once(6) ? 0 : dice.pick([200, 500, 2 ** 47]),
    pinAbove: dice.pick([100, 400, 2 ** 47]),
    noPinSum: dice.pick([600, 3_000, 2 ** 47]),
    noPinCount: dice.pick([0, 3, 10, 255]),
    more: dice.pick([0, 1_000, 100_000]),
    counters: dice.pick([0, 4, 1_000]),
    categories: dice.once(8) ? dice.pick(["some", "none"] as const) : "all",
    flags: dice.once(8) ? dice.pick([1, 16, 0x8000]) : dice.pick([0, 0, 8, 4, 14, 1]),
    forge: forgery(dice),
    channel: channelOfBoth(dice),
  };
}

function certificateStep(dice: Dice): CertificateStep {
  return {
    payee: 1 + dice.below(2),
    category: dice.pick([3, 3, 4]),
    terminal: dice.below(2),
    valid: !dice.once(5),
    key: dice.once(6) ? dice.pick(["other", "no-point"] as const) : "own",
    forge: forgery(dice),
  };
}

function readLogStep(dice: Dice): ReadLogStep {
  const payee = 1 + dice.below(2);
  return {
    age: dice.once(8) ? dice.pick([16, 17, 255]) : dice.once(2) ? 0 : dice.below(16),
    payee,
    certificate: dice.once(5) ? null : { ...certificateStep(dice), ...(dice.once(5) ? {} : { payee }) },
    challenge: dice.once(6) ? dice.pick(["before", "none"] as const) : "fresh",
    forge: forgery(dice),
    again: dice.below(3),
  };
}

function pinStep(dice: Dice): PinStep {
  return {
    operation: dice.pick(["verify", "verify", "verify", "change", "unblock"] as const),
    session: !dice.once(8),
    right: !dice.once(3),
    newPin: dice.below(3),
    spoil: dice.once(6) ? dice.pick(["mac", "key", "binding"] as const) : "none",
    pay: paySteps(dice),
    payAfter: !dice.once(4),
  };
}
