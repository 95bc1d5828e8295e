import { Failure } from "../failures.ts";
import { isGivenUp, type Journal, type StepData } from "../journal/journal.ts";
import type { PinLetters } from "../keys/pin-letters.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import type { StepName } from "../steps/step-names.ts";

/** What a reference is given up with. */
export interface GiveUpOptions {
  readonly journal: Journal;
  readonly settlement: SettlementClient;
  /** Null where cards get no PIN. */
  readonly letters: Pick<PinLetters, "forget"> | null;
  /** Whether this station claims the references of its cards. */
  readonly claims: boolean;
  readonly reason: string;
}

/** Steps that a card has to do again under another reference: its letter is a reference's, and the chain has seen nothing. */
const FORGOTTEN: readonly StepName[] = ["pin", "register", "fund", "final"];

/**
 * Gives a reference up before its card has money: its deposit, where that is not signed, and its place in the register. The
 * card goes to `to`, or is kept for whichever reference it is put on the reader for next. Throws Failure USAGE, CARD_HAS_MONEY
 * and what settlement answers.
 */
export async function giveUp(
  reference: string,
  to: string | null,
  { journal, settlement, letters, claims, reason }: GiveUpOptions,
): Promise<{ readonly card: string | null }> {
  const run = journal.run(reference);
  if (run === null) throw new Failure("USAGE", `The journal has no reference ${reference}.`);
  if (run.done) throw new Failure("CARD_HAS_MONEY");
  if (to !== null && (journal.run(to)?.cardName ?? null) !== null)
    throw new Failure("USAGE", `${to} was begun with a card of its own.`);
  const made = journal.step(reference, "generate-key")?.data["card"];
  const card = typeof made === "string" ? made : null;
  await giveUpDeposit(journal.step(reference, "fund")?.data ?? {}, settlement, reason);
  if (card !== null && journal.step(reference, "register") !== null)
    await settlement.renameCard(card, { reference: to ?? `given up ${card}`, reason });
  if (claims) await settlement.releaseReference(reference);
  // The journal goes last: whoever was stopped in between runs it again, and finds the reference there.
  letters?.forget(reference);
  if (run.cardName === null) journal.forget(reference);
  else handOver(journal, reference, to ?? journal.nameForGivenUp(reference));
  return { card };
}

/** A card that was given up before goes to the reference for which it is on the reader now. */
export function takeOver(journal: Journal, from: string, reference: string): void {
  if (!isGivenUp(from)) throw new Failure("CARD_OF_OTHER_REFERENCE", `It is ${from}'s.`);
  handOver(journal, from, reference);
}

function handOver(journal: Journal, from: string, to: string): void {
  const again: Record<string, StepData> = {};
  // The register knows the card already, by another reference.
  if (journal.step(from, "register") !== null) again["register"] = { isRenamed: 1 };
  const attempt = journal.step(from, "fund")?.data["attempt"];
  if (attempt !== undefined) again["fund"] = { attempt };
  journal.giveTo(from, to, { forget: FORGOTTEN, again });
}

async function giveUpDeposit({ funding }: StepData, settlement: SettlementClient, reason: string): Promise<void> {
  if (typeof funding !== "string") return;
  const { state } = await settlement.funding(funding);
  if (state === "failed") return;
  if (state !== "planned") throw new Failure("CARD_HAS_MONEY");
  await settlement.abandonFunding(funding, reason);
}
