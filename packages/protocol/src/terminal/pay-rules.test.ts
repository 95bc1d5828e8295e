import { describe, expect, it } from "@jest/globals";
import { certificateRequired } from "../objects/allowance.ts";
import { excessOf } from "./caps.ts";
import { refusalByStatusWord, type ReasonCode } from "./reasons.ts";
import { payRules as rules, ruledAllowance, type AllowanceRules } from "../testing/pay-rules.ts";
import { body } from "../testing/fixture.ts";

// The rules of a payment at their bounds (spec §4.5), asked of the code that names a card which
// broke one: a terminal and whoever verifies a voucher must draw every line where the card draws
// it. PayRuleTest and packages/software-card ask the two cards.

/** The reason that names a card which paid nevertheless, by the refusal that it owed. */
const EXCESSES: Readonly<Record<string, ReasonCode | null>> = {
  "9000": null,
  "9E02": "OVER_VALIDITY",
  "9E03": "OVER_CATEGORY",
  "9E04": "OVER_PER_TAP",
  "9E07": "OVER_NO_PIN",
  "9E05": "OVER_COUNTER",
  "9E06": "OVER_MAX_SPENT",
};
/**
 * A missing certificate is between the card and its issuer: a terminal knows by the flag that it
 * has to show one.
 */
const CERTIFICATE_NEEDED = "9E0C";

const allowanceOf = (changes: Partial<AllowanceRules>) => ruledAllowance(body, changes);

describe("a payment that its card should have refused", () => {
  it.each(rules.cases)("$name: $sw", ({ allowance = {}, before = [], request: changes = {}, sw }) => {
    const asked = { ...rules.request, ...changes };
    const amount = BigInt(asked.amount);
    const noPinUsed = before.reduce((sum, paid) => sum + BigInt(paid), 0n);
    const excess = excessOf(
      allowanceOf(allowance),
      { ...asked, amount, counter: before.length + 1, spent: noPinUsed + amount, cvm: 0 },
      { noPinUsed, noPinTaps: before.length },
    );
    if (sw === CERTIFICATE_NEEDED) expect(certificateRequired(allowanceOf(allowance))).toBe(true);
    else expect(excess).toBe(EXCESSES[sw]);
  });

  it("is asked for every refusal of that step", () => {
    const asked = new Set(rules.cases.map(({ sw }) => sw));
    expect(asked).toEqual(new Set([...Object.keys(EXCESSES), CERTIFICATE_NEEDED]));
    for (const sw of asked) if (sw !== "9000") expect(refusalByStatusWord.has(Number.parseInt(sw, 16))).toBe(true);
  });
});
