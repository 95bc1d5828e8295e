import { describe, expect, it } from "@jest/globals";
import { pairFault, selfFault, type CardObservation } from "./card-observation.ts";
import { counting } from "../testing/fixture.ts";

const zeros = new Uint8Array(32);
const third: CardObservation = {
  counter: 3,
  amount: 10n,
  spent: 100n,
  allowanceSeq: 7,
  link: counting(2, 32),
  messageHash: counting(3, 32),
};
const fourth: CardObservation = {
  counter: 4,
  amount: 5n,
  spent: 105n,
  allowanceSeq: 7,
  link: third.messageHash,
  messageHash: counting(4, 32),
};
const sixth: CardObservation = {
  counter: 6,
  amount: 5n,
  spent: 107n,
  allowanceSeq: 7,
  link: counting(5, 32),
  messageHash: counting(6, 32),
};

describe("a payment by itself (spec §3.2)", () => {
  const first: CardObservation = {
    counter: 1,
    amount: 10n,
    spent: 10n,
    allowanceSeq: 1,
    link: zeros,
    messageHash: counting(1, 32),
  };

  it.each([
    ["an honest first one", first, null],
    ["a first one that claims a past", { ...first, spent: 11n }, "SPENT_MISMATCH"],
    ["a first one that links to something", { ...first, link: counting(0, 32) }, "LINK_MISMATCH"],
    ["a later one with the least that can have been spent", { ...third, spent: 12n }, null],
    ["a later one that spent less than its number allows", { ...third, spent: 11n }, "SPENT_MISMATCH"],
  ])("%s", (_name, payment, fault) => {
    expect(selfFault(payment)).toBe(fault);
  });
});

describe("two payments of one card (spec §5.4, §7.6)", () => {
  const cases: readonly (readonly [string, CardObservation, CardObservation, string | null])[] = [
    ["neighbours that meet", third, fourth, null],
    ["the same voucher twice", third, third, null],
    ["one counter, two messages", third, { ...third, messageHash: counting(9, 32) }, "COUNTER_USED_TWICE"],
    ["neighbours whose link does not meet", third, { ...fourth, link: counting(9, 32) }, "SIGHTING_MISMATCH"],
    ["neighbours that spent one less", third, { ...fourth, spent: 104n }, "SIGHTING_MISMATCH"],
    ["neighbours that spent one more", third, { ...fourth, spent: 106n }, "SIGHTING_MISMATCH"],
    ["a gap of two with the least between", third, sixth, null],
    ["a gap of two with one less", third, { ...sixth, spent: 106n }, "SIGHTING_MISMATCH"],
    ["a gap of two with much between", third, { ...sixth, spent: 10_000n }, null],
    ["an allowance that became newer", third, { ...sixth, allowanceSeq: 8 }, null],
    ["an allowance that became older", third, { ...sixth, allowanceSeq: 6 }, "SIGHTING_MISMATCH"],
  ];
  it.each(cases)("%s", (_name, older, newer, fault) => {
    expect(pairFault(older, newer)).toBe(fault);
    expect(pairFault(newer, older)).toBe(fault);
  });
});
