import { formatAmount } from "@tallystick/money";
import { actionReason } from "../action-reason.ts";
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
    // A card that another reference gave up keeps count: each deposit that was asked for has a key of its own.
    work: async ({ attempt: before }) => {
      const attempt = (typeof before === "number" ? before : 0) + 1;
      const amount = formatAmount(fund, config.asset);
      const reason = actionReason(options, "first deposit");
      const funding = await settlement.fund(card, { amount, key: depositKey(attempt), reason });
      return { funding: funding.id, attempt };
    },
  });
}
