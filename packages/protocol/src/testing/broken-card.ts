import fc from "fast-check";
import * as protocol from "../index.ts";
import * as guarantee from "../guarantee/index.ts";
import { body, counting, domain, now, payee, testSigner } from "./fixture.ts";

/** Clones, terminals that help them and an issuer, in small numbers so that bounds are met. */
const DAY = 86_400;
const U = 7 * DAY;
const S = 7 * DAY;
const SKEW = protocol.CLOCK_SKEW_SECONDS;
const TERMINALS = 3;

/** L: when the first list shows the card revoked. */
export const revokedAt = now;

interface TerminalPlan {
  readonly perCardSum: bigint;
  readonly softwareSum: bigint;
  readonly notBefore: number;
  /** Null while the issuer has not withdrawn it. */
  readonly withdrawnAt: number | null;
}

interface MessagePlan {
  readonly terminal: number;
  readonly counter: number;
  readonly amount: bigint;
  readonly spent: bigint;
  readonly time: number;
  readonly seq: 1 | 2;
  readonly arrivesAfter: number;
  /** The terminal says that it gave nothing: with the upload, after what was paid of it, or never. */
  readonly reversed: "with it" | "later" | "never";
}

export interface BrokenCardPlan {
  readonly maxSpent: readonly [bigint, bigint];
  readonly software: boolean;
  readonly terminals: readonly TerminalPlan[];
  readonly messages: readonly MessagePlan[];
  readonly issuer: guarantee.IssuerGuarantee;
}

const units = (min: number, max: number) => fc.bigInt({ min: BigInt(min), max: BigInt(max) });
const near = (...values: number[]) => fc.constantFrom(...values.flatMap((value) => [value - 1, value, value + 1]));

/** The first value three times of four, so that one twist of a run does not hide the others. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** Sets of vouchers that clones of one card signed, and terminals that took them. */
export const brokenCards: fc.Arbitrary<BrokenCardPlan> = fc.record({
  maxSpent: fc.tuple(units(10, 60), units(10, 60)),
  software: mostly(false, true),
  terminals: fc.array(
    fc.record({
      perCardSum: units(5, 80),
      softwareSum: units(20, 80),
      notBefore: mostly(0, revokedAt + S + SKEW, revokedAt + S + SKEW + 1),
      withdrawnAt: mostly<number | null>(null, now, now + DAY),
    }),
    { minLength: 1, maxLength: TERMINALS },
  ),
  messages: fc.array(
    fc.record({
      terminal: fc.nat(TERMINALS - 1),
      counter: fc.integer({ min: 1, max: 3 }),
      amount: units(1, 40),
      spent: units(1, 62),
      time: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(now, now + DAY) }, near(revokedAt + S + SKEW)),
      seq: fc.constantFrom(1 as const, 2 as const),
      arrivesAfter: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 60) }, near(U + SKEW)),
      reversed: mostly<MessagePlan["reversed"]>("never", "later", "with it"),
    }),
    { minLength: 1, maxLength: 9 },
  ),
  issuer: fc.record({
    bears: mostly(true, false),
    perCard: units(20, 240),
    perPayeePerDay: units(20, 240),
  }),
});

/** A message with all that was decided about it. */
export interface Decided {
  readonly plan: MessagePlan;
  readonly terminal: TerminalPlan;
  readonly bundle: protocol.VoucherBundle;
  readonly arrival: number;
  readonly state: "open" | "compensated" | "withheld";
  /** The terminal had signed that it gave nothing before it was decided. */
  readonly reversedBefore: boolean;
}

const card = testSigner("broken card");
const allowing: protocol.SignatureChecks = {
  ...protocol.createSignatureChecks([]),
  allowanceFault: () => null,
  parityOf: () => 0,
};

const payeeOf = (terminal: number): protocol.Address =>
  terminal === 0 ? payee : protocol.toAddress(counting(0xc1, 20));
const terminalIdOf = (terminal: number): Uint8Array => counting(0xa0 + terminal, 8);

/** A message as a clone signs it: whoever holds the card's key signs whatever is asked. */
function bundleOf(plan: BrokenCardPlan, message: MessagePlan, index: number): protocol.VoucherBundle {
  const context: protocol.VoucherContext = {
    ...{ challenge: counting(index, 16), terminalId: terminalIdOf(message.terminal), time: message.time },
    ...{ spent: message.counter === 1 ? message.amount : message.spent, allowanceSeq: message.seq, category: 12 },
    ...{ cvm: 0, flags: 0, link: new Uint8Array(32) },
  };
  return {
    cardKey: card.publicKey,
    message: {
      ...{ domain, payee: payeeOf(message.terminal), counter: message.counter, amount: message.amount },
      context: protocol.contextHash(context),
    },
    context,
    signature: counting(0, 64),
    allowanceBody: {
      ...{ ...body, seq: message.seq, maxSpent: plan.maxSpent[message.seq - 1] ?? 0n, notBefore: 0 },
      ...{ notAfter: protocol.MAX_U32, perTap: 30n, flags: plan.software ? 4 : 0 },
    },
    allowanceSignature: counting(0, 64),
  };
}

/**
 * Lets an issuer decide about every message, in the order in which they come and again afterwards,
 * as if the vault could never pay any of them: the worst for the issuer.
 */
export function letIssuerPay(plan: BrokenCardPlan, rules?: guarantee.GuaranteeRules): readonly Decided[] {
  const messages = plan.messages.map((message) => ({ ...message, terminal: message.terminal % plan.terminals.length }));
  const decided: Decided[] = messages.map((message, index) => ({
    plan: message,
    terminal: plan.terminals[message.terminal] as TerminalPlan,
    bundle: bundleOf(plan, message, index),
    arrival: message.time + message.arrivesAfter,
    state: "open",
    reversedBefore: message.reversed === "with it",
  }));
  const order = decided.map((_, index) => index).sort((a, b) => arrivalOf(decided, a) - arrivalOf(decided, b));
  for (const index of [...order, ...order]) {
    const one = decided[index] as Decided;
    if (one.state !== "open") continue;
    const others = decided.filter((_, other) => other !== index);
    // What has not come yet is not known.
    const known = others.filter(({ arrival }) => arrival <= one.arrival);
    const verdict = guarantee.judgeGuarantee(caseOf(plan, one, known), rules);
    const state = verdict.state === "guaranteed" ? "compensated" : verdict.state === "withheld" ? "withheld" : "open";
    decided[index] = { ...one, state };
  }
  return decided;
}

function arrivalOf(decided: readonly Decided[], index: number): number {
  return decided[index]?.arrival ?? 0;
}

function caseOf(plan: BrokenCardPlan, one: Decided, others: readonly Decided[]): guarantee.GuaranteeCase {
  const { terminal, bundle, arrival: at } = one;
  const arrival = { at, uploadWindowSeconds: U };
  const here = others.filter((other) => other.plan.terminal === one.plan.terminal);
  const borneHere = sumOf(here.filter(({ state }) => state !== "open"));
  const paid = others.filter(({ state }) => state === "compensated");
  return {
    ...{ amount: one.plan.amount, time: one.plan.time, assuranceClass: plan.software ? 2 : 0, arrival },
    verdict: protocol.judgeVoucher(bundle, {
      ...{ checks: allowing, domain, arrival },
      terminal: {
        certificate: {
          ...{ payee: payeeOf(one.plan.terminal), category: 12, terminalId: terminalIdOf(one.plan.terminal) },
          ...{ notBefore: terminal.notBefore, notAfter: protocol.MAX_U32, perTap: 100n },
          softwareSum: terminal.softwareSum,
        },
        ...(terminal.withdrawnAt === null ? {} : { withdrawnAt: terminal.withdrawnAt }),
        softwareBefore: 0n,
      },
    }),
    reversed: one.reversedBefore,
    rivals: here
      .filter((other) => other.plan.counter === one.plan.counter)
      .map((other) => ({ reversed: other.plan.reversed !== "never", borne: other.state !== "open" })),
    ...{ revokedAt, listAgeSeconds: S },
    certificate: {
      ...{ perCardSum: terminal.perCardSum, softwareSum: terminal.softwareSum },
      withdrawnAt: terminal.withdrawnAt,
    },
    largestMaxSpent: largestMaxSpent(plan),
    before: {
      ...{ cardAtTerminal: borneHere, softwareAtTerminal: borneHere, card: sumOf(paid) },
      payeeToday: sumOf(paid.filter((other) => (other.plan.terminal === 0) === (one.plan.terminal === 0))),
    },
    issuer: plan.issuer,
  };
}

export function sumOf(decided: readonly Decided[]): bigint {
  return decided.reduce((sum, { plan }) => sum + plan.amount, 0n);
}

export function largestMaxSpent({ maxSpent: [one, two] }: BrokenCardPlan): bigint {
  return one > two ? one : two;
}

/** What the issuer promised itself (spec §1.4, §6.12), each as a sentence that a run breaks or keeps. */
export const issuerPromises = {
  "it bears at most the sum of min(perCardSum, maxSpent) of the terminals it had certified in time": (plan, borne) => {
    const bound = plan.terminals
      .filter(({ notBefore }) => notBefore <= revokedAt + S + SKEW)
      .reduce((sum, { perCardSum }) => sum + min(perCardSum, largestMaxSpent(plan)), 0n);
    return sumOf(borne) <= bound;
  },
  "it knows its loss U after the last time at which the card was taken": (_plan, borne) =>
    borne.every(({ arrival }) => arrival <= revokedAt + S + SKEW + U + SKEW),
  "it bears a counter once at a terminal, and nothing for which the terminal gave nothing": (_plan, borne) =>
    new Set(borne.map(({ plan: { terminal, counter } }) => `${terminal}/${counter}`)).size === borne.length &&
    borne.every(({ reversedBefore }) => !reversedBefore),
  "it bears payments alone that its own allowance and certificate let happen": (plan, borne) =>
    borne.every(
      ({ plan: { amount, counter, spent, seq, time }, terminal }) =>
        amount <= 30n &&
        (counter === 1 ? amount : spent) <= (plan.maxSpent[seq - 1] ?? 0n) &&
        (counter === 1 || spent >= amount + BigInt(counter - 1)) &&
        time >= terminal.notBefore,
    ),
  "it bears software cards within softwareSum": (plan, borne) =>
    !plan.software ||
    plan.terminals.every((terminal) => sumOf(borne.filter((one) => one.terminal === terminal)) <= terminal.softwareSum),
  "it pays by itself within its published limits alone": (plan, borne) => {
    const paid = borne.filter(({ state }) => state === "compensated");
    const toFirst = paid.filter(({ plan: { terminal } }) => terminal === 0);
    const toOther = paid.filter(({ plan: { terminal } }) => terminal !== 0);
    const { perCard, perPayeePerDay } = plan.issuer;
    return sumOf(paid) <= perCard && sumOf(toFirst) <= perPayeePerDay && sumOf(toOther) <= perPayeePerDay;
  },
  "it pays nothing by itself of what came after it withdrew the certificate": (_plan, borne) =>
    borne.every(
      ({ state, arrival, terminal: { withdrawnAt } }) =>
        state === "withheld" || withdrawnAt === null || arrival <= withdrawnAt,
    ),
  "it bears nothing where it says so": (plan, borne) => plan.issuer.bears || borne.length === 0,
} satisfies Record<string, (plan: BrokenCardPlan, borne: readonly Decided[]) => boolean>;

function min(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
