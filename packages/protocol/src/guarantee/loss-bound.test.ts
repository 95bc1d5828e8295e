import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import * as guarantee from "./index.ts";
import { brokenCards, issuerPromises, letIssuerPay } from "../testing/broken-card.ts";

const SEED = 20_261_128;

/** The promises that a run breaks. */
function broken(rules?: guarantee.GuaranteeRules) {
  return fc.property(brokenCards, (plan) => {
    const borne = letIssuerPay(plan, rules).filter(({ state }) => state !== "open");
    const failed = Object.entries(issuerPromises).filter(([, holds]) => !holds(plan, borne));
    expect(failed.map(([promise]) => promise)).toEqual([]);
  });
}

function without(ground: string): guarantee.GuaranteeRules {
  const { notGuaranteed, withheld } = guarantee.guaranteeRules;
  return {
    notGuaranteed: notGuaranteed.filter((rule) => rule.ground !== ground),
    withheld: withheld.filter((rule) => rule.ground !== ground),
  };
}

const grounds = [...guarantee.guaranteeRules.notGuaranteed, ...guarantee.guaranteeRules.withheld].map(
  ({ ground }) => ground,
);

describe("what an issuer bears for one broken card", () => {
  it("keeps every promise, whatever its clones sign and whichever terminals help them", () => {
    fc.assert(broken(), { seed: SEED, numRuns: 2_000 });
  });

  it("is not kept at nothing: some runs bear something, and some withhold", () => {
    const states = fc
      .sample(brokenCards, { seed: SEED, numRuns: 200 })
      .flatMap((plan) => letIssuerPay(plan).map(({ state }) => state));
    expect(new Set(states)).toEqual(new Set(["open", "compensated", "withheld"]));
  });

  // Each rule carries weight: without it, some promise is broken.
  it.each(grounds)("breaks a promise without the rule %s", (ground) => {
    const details = fc.check(broken(without(ground)), { seed: SEED, numRuns: 5_000, endOnFailure: true });
    expect(details).toMatchObject({ failed: true, errorInstance: expect.anything() });
  });
});
