import { formatAmount } from "@tallystick/money";
import { Failure } from "../../failures.ts";
import { MAX_FUNDING_ATTEMPTS } from "../../limits.ts";
import type { FundingAnswer } from "../../settlement/settlement-client.ts";
import { depositKey, untilFinal, type FundingOptions } from "../funding-options.ts";
import { numberOf, textOf, type StepRunner } from "../step-runner.ts";

/**
 * Step "vault" of spec §4.8: waits until the card is open and its deposit final. Throws Failure NOT_FINAL or
 * FUNDING_REFUSED.
 */
export async function awaitFinality(steps: StepRunner, options: FundingOptions): Promise<void> {
  const card = textOf(steps.dataOf("generate-key"), "card");
  await steps.run("final", {
    work: async () => {
      await untilFinal(options, async () => {
        const funding = await currentFunding(steps, options, card);
        if (funding.state !== "final") return false;
        return (await options.settlement.card(card)).state === "open";
      });
      return {};
    },
  });
}

/** The deposit as it stands; a failed one is an answer for a person, and the next run asks for another. */
async function currentFunding(
  steps: StepRunner,
  { settlement, config, fund }: FundingOptions,
  card: string,
): Promise<FundingAnswer> {
  const asked = steps.dataOf("fund");
  const funding = await settlement.funding(textOf(asked, "funding"));
  if (funding.state !== "failed") return funding;
  const attempt = numberOf(asked, "attempt") + 1;
  const amount = formatAmount(fund, config.asset);
  const next =
    attempt > MAX_FUNDING_ATTEMPTS ? null : await settlement.fund(card, { amount, key: depositKey(attempt) });
  if (next === null || next.state === "failed") throw new Failure("FUNDING_REFUSED");
  steps.amend("fund", { funding: next.id, attempt });
  return next;
}
