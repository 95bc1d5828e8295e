import { equalBytes, parseAddress, toHex } from "@tallystick/protocol";
import { Failure } from "../../failures.ts";
import type { FundingOptions } from "../funding-options.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** Registers the card at settlement by its key, its owner and its opening (spec §6.10); asked again it has one effect. */
export async function registerCard(steps: StepRunner, options: FundingOptions): Promise<void> {
  const { settlement, owner, reference } = options;
  const identified = steps.dataOf("generate-key");
  const card = textOf(identified, "card");
  await steps.run("register", {
    work: async ({ isRenamed }) => {
      if (isRenamed !== undefined)
        await settlement.renameCard(card, { reference, reason: "its first reference was given up" });
      const answer = await settlement.registerCard({
        cardKey: textOf(identified, "cardKey"),
        owner: toHex(owner),
        openingSignature: textOf(steps.dataOf("opening"), "openingSignature"),
        reference,
        ...masterKeyOf(steps),
      });
      if (!equalBytes(parseAddress(answer.card), parseAddress(card))) {
        throw new Failure("SETTLEMENT_ANSWER", `It registered ${answer.card} instead of ${card}.`);
      }
      return { cardIndex: answer.cardIndex };
    },
  });
}

/** The check value of the master key that the card's keys are of, which the register keeps. */
function masterKeyOf(steps: StepRunner): { readonly masterKey?: string } {
  const { keys } = steps.isDone("replace-keys") ? steps.dataOf("replace-keys") : { keys: null };
  return typeof keys === "string" ? { masterKey: keys } : {};
}
