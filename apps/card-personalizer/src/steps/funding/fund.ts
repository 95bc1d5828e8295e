import { formatAmount } from "@tallystick/money";
import { Failure } from "../../failures.ts";
import { MAX_FUNDING_ATTEMPTS } from "../../limits.ts";
import { depositKey, type FundingOptions } from "../funding-options.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** Step "vault" of spec §4.8: asks for the card's first deposit, which the caller's key makes one (spec §6.10). */
export async function requestDeposit(steps: StepRunner, options: FundingOptions): Promise<void> {
  const { settlement, config, fund } = options;
  const card = textOf(steps.dataOf("generate-key"), "card");
  await steps.run("fund", {
    work: async () => {
      const amount = formatAmount(fund, config.asset);
      for (let attempt = 1; attempt <= MAX_FUNDING_ATTEMPTS; attempt++) {
        const funding = await settlement.fund(card, { amount, key: depositKey(attempt) });
        // A deposit that failed stays failed; what is wanted now is another one.
        if (funding.state !== "failed") return { funding: funding.id, attempt };
      }
      throw new Failure("FUNDING_REFUSED", `${MAX_FUNDING_ATTEMPTS} deposits failed.`);
    },
  });
}
