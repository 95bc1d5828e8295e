import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { certificateRequired } from "./allowance.ts";
import { excessOf } from "./caps.ts";
import { refusalByStatusWord, type ReasonCode } from "./reasons.ts";
import { body } from "./testing/scene.ts";

// The rules of a payment at their bounds (spec §4.5), asked of the code that names a card which broke one: a terminal and whoever
// verifies a voucher must draw every line where the card draws it. PayRuleTest and packages/card ask the two cards.

interface AllowanceRules {
  readonly maxSpent: string;
  readonly maxCounter: number;
  readonly perTap: string;
  readonly pinAbove: string;
  readonly noPinSum: string;
  readonly noPinCount: number;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly categories: string;
  readonly flags: number;
}

interface Request {
  readonly amount: string;
  readonly time: number;
  readonly category: number;
}

interface Rules {
  readonly allowance: AllowanceRules;
  readonly request: Request;
  readonly cases: readonly {
    readonly name: string;
    readonly allowance?: Partial<AllowanceRules>;
    readonly before?: readonly string[];
    readonly request?: Partial<Request>;
    readonly sw: string;
  }[];
}

const rules = JSON.parse(readFileSync(new URL("../../../docs/spec/pay-rules.json", import.meta.url), "utf8")) as Rules;

/** What a card that paid nevertheless is named for, by the refusal that it owed. */
const EXCESSES: Readonly<Record<string, ReasonCode | null>> = {
  "9000": null,
  "9E02": "OVER_VALIDITY",
  "9E03": "OVER_CATEGORY",
  "9E04": "OVER_PER_TAP",
  "9E07": "OVER_NO_PIN",
  "9E05": "OVER_COUNTER",
  "9E06": "OVER_MAX_SPENT",
};
/** A missing certificate is between the card and its issuer: a terminal knows by the flag that it has to show one. */
const CERTIFICATE_NEEDED = "9E0C";

function allowanceOf(changes: Partial<AllowanceRules>) {
  const { maxSpent, perTap, pinAbove, noPinSum, categories, ...numbers } = { ...rules.allowance, ...changes };
  return {
    ...body,
    ...numbers,
    maxSpent: BigInt(maxSpent),
    perTap: BigInt(perTap),
    pinAbove: BigInt(pinAbove),
    noPinSum: BigInt(noPinSum),
    categories: BigInt(categories),
  };
}

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
