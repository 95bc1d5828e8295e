import { formatAmount, parseAmount } from "@tallystick/money";
import { Failure } from "../../failures.ts";
import type { CardAnswer, FundingAnswer } from "../../settlement/settlement-client.ts";
import { actionReason } from "../action-reason.ts";
import { depositKey, untilFinal, type Finality, type FundingOptions } from "../funding-options.ts";
import { numberOf, textOf, type StepRunner } from "../step-runner.ts";

/**
 * Step "vault" of spec §4.8: waits until the card is open and its deposit final, whoever asked for
 * it. A run tries one deposit: one that failed in an earlier run is followed by another, and one that
 * fails in this run is for a person to see. Throws Failure NOT_FINAL or FUNDING_REFUSED, with
 * settlement's reason.
 */
export async function awaitFinality(steps: StepRunner, options: FundingOptions): Promise<void> {
  const deposit = new FirstDeposit(steps, options);
  await steps.run("final", {
    work: async () => {
      await untilFinal(options, () => deposit.look());
      return {};
    },
  });
}

/** What a deposit that is on its way waits for, by its state. */
const WAITS_FOR: Readonly<Record<string, string>> = {
  planned: "the deposit to be sent",
  sent: "the deposit to be mined",
  mined: "the deposit's block to become final",
  final: "the card's opening to become final",
};

/** Whether the vault holds for the card what it is to get, or has paid it out for it already, finally. */
function holdsDeposit({ balanceFinal, paidFinal }: CardAnswer, { fund, config }: FundingOptions): boolean {
  const units = (text: string | undefined): bigint => (text === undefined ? 0n : parseAmount(text, config.asset));
  return units(balanceFinal) + units(paidFinal) >= fund;
}

/** The deposit that is waited for, in one run. */
export class FirstDeposit {
  readonly #steps: StepRunner;
  readonly #options: FundingOptions;
  readonly #card: string;
  /** It was asked for in this run, or is known not to have failed before. */
  #isTried = false;

  constructor(steps: StepRunner, options: FundingOptions) {
    this.#steps = steps;
    this.#options = options;
    this.#card = textOf(steps.dataOf("generate-key"), "card");
    this.#isTried = !steps.isDone("final") && steps.wasRun("fund");
  }

  /** Whether the card is open and holds its deposit, finally. Throws Failure FUNDING_REFUSED. */
  async look(): Promise<Finality> {
    const { settlement } = this.#options;
    const shown = await settlement.card(this.#card);
    if (shown.state === "open" && holdsDeposit(shown, this.#options)) return { is: true };
    const { state, reason } = await this.#current();
    // The deposit may have become final since the card was asked for.
    const isFinal = state === "final" && (await settlement.card(this.#card)).state === "open";
    return { is: isFinal, waitsFor: reason ?? WAITS_FOR[state] ?? null };
  }

  async #current(): Promise<FundingAnswer> {
    const { settlement, config, fund } = this.#options;
    const asked = this.#steps.dataOf("fund");
    const funding = await settlement.funding(textOf(asked, "funding"));
    if (funding.state !== "failed") return this.#tried(funding);
    if (this.#isTried) throw refused(funding);
    const attempt = numberOf(asked, "attempt") + 1;
    const key = depositKey(attempt);
    const reason = actionReason(this.#options, `first deposit, for the ${attempt}. time`);
    const next = await settlement.fund(this.#card, { amount: formatAmount(fund, config.asset), key, reason });
    this.#steps.amend("fund", { funding: next.id, attempt });
    if (next.state === "failed") throw refused(next);
    return this.#tried(next);
  }

  #tried(funding: FundingAnswer): FundingAnswer {
    this.#isTried = true;
    return funding;
  }
}

function refused({ reason }: FundingAnswer): Failure {
  return new Failure("FUNDING_REFUSED", reason === null || reason === undefined ? undefined : `It says: ${reason}.`);
}
