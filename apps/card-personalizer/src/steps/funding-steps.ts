import { formatAmount } from "@tallystick/money";
import { equalBytes, fromHex, parseAddress, toHex } from "@tallystick/protocol";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import { MAX_FUNDING_ATTEMPTS, POLL_MS } from "../limits.ts";
import type { FundingAnswer, SettlementClient } from "../settlement/settlement-client.ts";
import type { Surroundings } from "../surroundings.ts";
import { numberOf, textOf, type StepRunner } from "./step-runner.ts";

export interface FundingOptions {
  readonly settlement: SettlementClient;
  readonly config: Config;
  readonly owner: Uint8Array;
  /** Units. */
  readonly fund: bigint;
  readonly reference: string;
  readonly surroundings: Surroundings;
}

/**
 * Compares the settlement with what is pinned here, before anything is written once and for ever on a card. Throws
 * Failure ISSUER_KEY_MISMATCH.
 */
export async function checkSettlement(
  settlement: SettlementClient,
  { domain, cardIssuerKey, issuerKeys }: Config,
): Promise<void> {
  const answer = await settlement.domain();
  const isSameDomain =
    answer.chainId === domain.chainId && answer.vault.toLowerCase() === toHex(domain.vault).toLowerCase();
  if (!isSameDomain) {
    throw new Failure("ISSUER_KEY_MISMATCH", `It serves chain ${answer.chainId} and vault ${answer.vault}.`);
  }
  const pinned = issuerKeys.find(({ id }) => id === cardIssuerKey.id);
  const isKnown = answer.issuerKeys.some(
    ({ id, publicKey }) => id === pinned?.id && equalBytes(fromHex(publicKey), pinned.publicKey),
  );
  if (!isKnown) throw new Failure("ISSUER_KEY_MISMATCH", `Key ${cardIssuerKey.id} is not among its keys.`);
}

/** Registers the card and asks for its deposit; both may be asked again with one effect. */
export async function registerAndFund(steps: StepRunner, options: FundingOptions): Promise<void> {
  const { settlement, config, owner, reference } = options;
  const identified = steps.dataOf("generate-key");
  const card = textOf(identified, "card");
  await steps.run("register", {
    work: async () => {
      const answer = await settlement.registerCard({
        cardKey: textOf(identified, "cardKey"),
        owner: toHex(owner),
        openingSignature: textOf(steps.dataOf("opening"), "openingSignature"),
        reference,
      });
      if (!equalBytes(parseAddress(answer.card), parseAddress(card))) {
        throw new Failure("SETTLEMENT_ANSWER", `It registered ${answer.card} instead of ${card}.`);
      }
      return { cardIndex: answer.cardIndex };
    },
  });
  await steps.run("fund", {
    work: async () => {
      const amount = formatAmount(options.fund, config.asset);
      for (let attempt = 1; attempt <= MAX_FUNDING_ATTEMPTS; attempt++) {
        const funding = await settlement.fund(card, { amount, key: `first-deposit-${attempt}` });
        // A deposit that failed stays failed; what is wanted now is another one.
        if (funding.state !== "failed") return { funding: funding.id, attempt };
      }
      throw new Failure("FUNDING_REFUSED", `${MAX_FUNDING_ATTEMPTS} deposits failed.`);
    },
  });
}

/** Waits until the card is open and its deposit final. Throws Failure NOT_FINAL or FUNDING_REFUSED. */
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
    attempt > MAX_FUNDING_ATTEMPTS ? null : await settlement.fund(card, { amount, key: `first-deposit-${attempt}` });
  if (next === null || next.state === "failed") throw new Failure("FUNDING_REFUSED");
  steps.amend("fund", { funding: next.id, attempt });
  return next;
}

/** Asks until the answer is yes, the run is stopped, or finality takes longer than is configured. */
export async function untilFinal(
  { surroundings, config }: Pick<FundingOptions, "surroundings" | "config">,
  ask: () => Promise<boolean>,
): Promise<void> {
  const deadlineMs = surroundings.now() + config.finalityTimeoutSeconds * 1_000;
  while (!(await ask())) {
    if (surroundings.now() >= deadlineMs) throw new Failure("NOT_FINAL");
    await surroundings.pause(POLL_MS);
  }
}
