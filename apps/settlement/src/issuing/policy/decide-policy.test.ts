import { describe, expect, it } from "@jest/globals";
import type { AllowanceBody } from "@tallystick/protocol";
import { mayReset } from "../allowances/no-pin-resets.ts";
import { decidePolicy, type PolicySettings, type PolicyView } from "./decide-policy.ts";

const DAY = 86_400;
const NOW = 1_800_000_000;

const body: AllowanceBody = {
  ...{ issuerKeyId: 1, seq: 4, maxSpent: 100n, softSpent: 60n, maxCounter: 2_000, perTap: 50n, pinAbove: 40n },
  ...{ noPinSum: 100n, noPinCount: 5, notBefore: NOW - 100 * DAY, notAfter: NOW + 265 * DAY, cardIndex: 9 },
  ...{ categories: 7n, flags: 1 },
};
const view = (change: Partial<PolicyView> = {}, allowance: Partial<AllowanceBody> = {}): PolicyView => ({
  ...{ newest: { ...body, ...allowance }, boundAtIssue: 100n, bound: 100n, ruleSuspended: false },
  ...{ highestCounter: 1_000n, counterBound: 2_024n, firstStoredAt: NOW - 100 * DAY, lastByPolicyAt: null },
  ...{ lastReset: null, shownSeq: 4n, restoreJump: 0n, now: NOW, ...change },
});
const settings: PolicySettings = { step: 10n, everySeconds: DAY, noPinResetDays: null };
const decide = (
  change: Partial<PolicyView>,
  allowance: Partial<AllowanceBody> = {},
  set: Partial<PolicySettings> = {},
) => decidePolicy(view(change, allowance), { ...settings, ...set });
const none = { kind: "none" };

describe("an allowance by policy on ground of the bound (spec §6.10)", () => {
  it("comes with a rise of the step, and not one unit below it", () => {
    expect(decide({})).toEqual(none);
    expect(decide({ bound: 109n })).toEqual(none);
    expect(decide({ bound: 110n })).toMatchObject({
      kind: "issue",
      ground: "bound",
      terms: { maxSpent: 110n, softSpent: 70n, perTap: 50n, noPinCount: 5, notAfter: NOW + 265 * DAY, flags: 1 },
    });
    expect(decide({ bound: 101n }, {}, { step: 1n })).toMatchObject({ terms: { maxSpent: 101n } });
  });

  it("adds up rises that are each below the step", () => {
    expect(decide({ bound: 112n, boundAtIssue: 100n })).toMatchObject({ terms: { maxSpent: 112n } });
  });

  it("keeps a person's distance to the bound, and never exceeds it", () => {
    expect(decide({ boundAtIssue: 200n, bound: 220n })).toMatchObject({ terms: { maxSpent: 120n } });
    expect(decide({ boundAtIssue: 90n, bound: 110n })).toMatchObject({ terms: { maxSpent: 110n } });
    expect(decide({ boundAtIssue: null, bound: 150n })).toMatchObject({ terms: { maxSpent: 150n } });
  });

  it("gives all of it to a first allowance of 0", () => {
    const first = { maxSpent: 0n, softSpent: 0n };
    expect(decide({ bound: 0n, boundAtIssue: 0n }, first)).toEqual(none);
    expect(decide({ bound: 50n, boundAtIssue: 50n }, first)).toMatchObject({
      ground: "bound",
      terms: { maxSpent: 50n, softSpent: 50n },
    });
    // However little it is: no step keeps a new card from its first money.
    expect(decide({ bound: 9n, boundAtIssue: 0n }, first)).toMatchObject({ terms: { maxSpent: 9n } });
    expect(decide({ bound: 9n, boundAtIssue: 8n }, { maxSpent: 8n })).toEqual(none);
  });

  it("lowers what the funding rule suspends, and only that", () => {
    expect(decide({ bound: 40n })).toEqual(none);
    expect(decide({ bound: 40n, ruleSuspended: true })).toMatchObject({
      ground: "bound",
      terms: { maxSpent: 40n, softSpent: 0n },
    });
    expect(decide({ bound: 0n, ruleSuspended: true })).toMatchObject({ terms: { maxSpent: 0n, softSpent: 0n } });
  });

  it("never comes to a card that was suspended by perTap 0, whatever is deposited", () => {
    expect(decide({ bound: 1_000n }, { perTap: 0n })).toEqual(none);
  });

  it("comes at most once a day", () => {
    const last = NOW - DAY + 1;
    expect(decide({ bound: 200n, lastByPolicyAt: last })).toEqual({ kind: "wait", until: last + DAY });
    expect(decide({ bound: 200n, lastByPolicyAt: NOW - DAY })).toMatchObject({ kind: "issue" });
    expect(decide({ lastByPolicyAt: last })).toEqual(none);
  });
});

describe("an allowance by policy that is about to end", () => {
  it("is renewed within 90 days of its end for as long again, also after it", () => {
    expect(decide({}, { notAfter: NOW + 90 * DAY + 1 })).toEqual(none);
    for (const left of [90 * DAY, 0, -400 * DAY]) {
      const notBefore = NOW + left - 365 * DAY;
      expect(decide({}, { notBefore, notAfter: NOW + left })).toMatchObject({
        ground: "validity",
        terms: { notBefore: NOW - DAY, notAfter: NOW + 364 * DAY, maxSpent: 100n, softSpent: 60n, flags: 1 },
      });
    }
  });

  it("is not renewed by its date where it was made for 90 days or less", () => {
    expect(decide({}, { notBefore: NOW - 80 * DAY, notAfter: NOW + 10 * DAY })).toEqual(none);
    expect(decide({}, { notBefore: NOW - 80 * DAY - 1, notAfter: NOW + 10 * DAY })).toMatchObject({
      ground: "validity",
    });
  });

  it("never ends behind the last second that there is", () => {
    const [notBefore, notAfter] = [0, 0xffff_ffff];
    expect(decide({ now: 0xffff_fff0, firstStoredAt: 0 }, { notBefore, notAfter })).toMatchObject({
      terms: { notAfter: 0xffff_ffff },
    });
  });

  it("is renewed within 256 counters of its last, where more may be signed", () => {
    expect(decide({ highestCounter: 1_743n })).toEqual(none);
    expect(decide({ highestCounter: 1_744n })).toMatchObject({ ground: "counter" });
    expect(decide({ highestCounter: 1_744n, counterBound: 2_000n })).toEqual(none);
  });
});

describe("the no-PIN sums by policy", () => {
  const monthly = { noPinResetDays: 30 };
  const due = { firstStoredAt: NOW - 30 * DAY };

  it("start anew after the programme's days, and never where it names none", () => {
    expect(decide(due, {}, monthly)).toMatchObject({ ground: "no-pin", terms: { flags: 9, maxSpent: 100n } });
    expect(decide({ firstStoredAt: NOW - 30 * DAY + 1 }, {}, monthly)).toEqual(none);
    expect(decide(due)).toEqual(none);
  });

  it("start anew only once the card has shown the allowance that did it last", () => {
    const lastReset = { seq: 4n, storedAt: NOW - 60 * DAY };
    expect(decide({ lastReset, shownSeq: 3n }, {}, monthly)).toEqual(none);
    expect(decide({ lastReset, shownSeq: 4n }, {}, monthly)).toMatchObject({ ground: "no-pin" });
    expect(decide({ lastReset: { ...lastReset, storedAt: NOW - 30 * DAY + 1 } }, {}, monthly)).toEqual(none);
  });

  it("do not start anew by a deposit of dust, and the next allowance does not repeat the start", () => {
    const lastReset = { seq: 4n, storedAt: NOW - DAY };
    const deposited = { bound: 110n, lastReset };
    expect(decide(deposited, { flags: 9 }, monthly)).toMatchObject({ ground: "bound", terms: { flags: 1 } });
    expect(decide(deposited, { flags: 9 }, { ...monthly, step: 1n })).toMatchObject({ terms: { flags: 1 } });
  });

  it("cannot be kept away by deposits: what is due by time comes first, with the rest", () => {
    expect(decide({ ...due, bound: 110n }, {}, monthly)).toMatchObject({
      ground: "no-pin",
      terms: { flags: 9, maxSpent: 110n },
    });
  });

  it("wait after a restore for a seq from after the jump: nobody knows what was signed before", () => {
    expect(decide({ ...due, restoreJump: 65_536n, shownSeq: 65_536n }, {}, monthly)).toEqual(none);
    expect(decide({ ...due, restoreJump: 65_536n, shownSeq: 65_537n }, {}, monthly)).toMatchObject({
      ground: "no-pin",
    });
    expect(mayReset({ lastReset: null, shownSeq: 0n, restoreJump: 0n })).toBe(true);
  });
});
