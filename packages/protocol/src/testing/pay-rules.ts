import { readFileSync } from "node:fs";
import type { AllowanceBody } from "../objects/allowance.ts";

// The rules of a payment at their bounds (spec §4.5), which the tests of every implementation read.

/** The fields of an allowance that bound a payment; sums are decimal strings of units. */
export interface AllowanceRules {
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

/** What a terminal asks for, as far as a rule needs it. */
export interface RuledRequest {
  readonly amount: string;
  readonly time: number;
  readonly category: number;
}

interface PayRules {
  readonly allowance: AllowanceRules;
  readonly request: RuledRequest;
  readonly cases: readonly {
    readonly name: string;
    readonly allowance?: Partial<AllowanceRules>;
    /** What the card has paid before. */
    readonly before?: readonly string[];
    readonly request?: Partial<RuledRequest>;
    readonly sw: string;
  }[];
}

/** As the file has them: `before` happens as often as `times` says, once where it does not. */
interface PayRuleFile extends PayRules {
  readonly cases: readonly (PayRules["cases"][number] & { readonly times?: number })[];
}

const file = JSON.parse(
  readFileSync(new URL("../../../../docs/spec/pay-rules.json", import.meta.url), "utf8"),
) as PayRuleFile;

/** The cases of docs/spec/pay-rules.json, each payment before the last one named. */
export const payRules: PayRules = {
  ...file,
  cases: file.cases.map(({ times = 1, ...one }) => ({
    ...one,
    before: Array.from({ length: times }, () => one.before ?? []).flat(),
  })),
};

/** `body` under the rules' allowance with these changes. */
export function ruledAllowance(body: AllowanceBody, changes: Partial<AllowanceRules>): AllowanceBody {
  const { maxSpent, perTap, pinAbove, noPinSum, categories, ...numbers } = { ...payRules.allowance, ...changes };
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
