import { formatAmount } from "@tallystick/money";
import { depositKey, type FundingOptions } from "../funding-options.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/**
 * Step "vault" of spec §4.8: asks for the card's first deposit, which the caller's key makes one (spec
 * §6.10). Whether it succeeds is the next step's: one that failed is remembered with its number.
 */
export async function requestDeposit(steps: StepRunner, options: FundingOptions): Promise<void> {
  const { settlement, config, fund } = options;
  const card = textOf(steps.dataOf("generate-key"), "card");
  await steps.run("fund", {
    work: async () => {
      const amount = formatAmount(fund, config.asset);
      const funding = await settlement.fund(card, { amount, key: depositKey(1) });
      return { funding: funding.id, attempt: 1 };
    },
  });
}
