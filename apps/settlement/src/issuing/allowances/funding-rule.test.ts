import { describe, expect, it } from "@jest/globals";
import type { CardSlot } from "@tallystick/vault";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { counterBound, fundingBound } from "./funding-rule.ts";

const slot = (part: Partial<CardSlot>): CardSlot => ({
  owner: null,
  balance: 0n,
  paid: 0n,
  flagged: false,
  pending: 0n,
  readyAt: 0n,
  ...part,
});

describe("fundingBound (spec §6.3)", () => {
  it("counts a deposit only when it is final", () => {
    const view = { finalized: slot({}), latest: slot({ balance: 50n }), finalizedTime: 100n };
    expect(fundingBound(view)).toBe(0n);
    expect(fundingBound({ ...view, finalized: slot({ balance: 50n }) })).toBe(50n);
  });

  it("does not move when a payment is settled: balance falls as paid grows", () => {
    const before = slot({ balance: 50n });
    const after = slot({ balance: 30n, paid: 20n });
    expect(fundingBound({ finalized: before, latest: after, finalizedTime: 100n })).toBe(50n);
  });

  it("takes a withdrawal into account as soon as the latest block shows it", () => {
    const latest = slot({ balance: 50n, pending: 20n, readyAt: 1_000n });
    expect(fundingBound({ finalized: slot({ balance: 50n }), latest, finalizedTime: 100n })).toBe(30n);
  });

  it("keeps a withdrawal counted until a finalized block is past its expiry", () => {
    const pending = slot({ balance: 50n, pending: 20n, readyAt: 1_000n });
    const expiry = 1_000n + LIMITS.withdrawalOpenSeconds;
    expect(fundingBound({ finalized: pending, latest: pending, finalizedTime: expiry })).toBe(30n);
    expect(fundingBound({ finalized: pending, latest: pending, finalizedTime: expiry + 1n })).toBe(50n);
  });

  it("keeps counting a withdrawal that only the latest block has cancelled", () => {
    const pending = slot({ balance: 50n, pending: 20n, readyAt: 1_000n });
    expect(fundingBound({ finalized: pending, latest: slot({ balance: 50n }), finalizedTime: 100n })).toBe(30n);
  });

  it("takes the lower view when the latest block has paid a withdrawal out", () => {
    const finalized = slot({ balance: 50n, pending: 20n, readyAt: 10n });
    expect(fundingBound({ finalized, latest: slot({ balance: 30n }), finalizedTime: 100n })).toBe(10n);
  });

  it("is never below zero", () => {
    const pending = slot({ balance: 5n, pending: 20n, readyAt: 1_000n });
    expect(fundingBound({ finalized: pending, latest: pending, finalizedTime: 100n })).toBe(0n);
  });
});

describe("counterBound", () => {
  it("leads by 1024 and stops at the last counter", () => {
    expect(counterBound(0n, 1024)).toBe(1_024n);
    expect(counterBound(0xffff_ffffn - 1_000n, 1024)).toBe(0xffff_ffffn);
  });
});
