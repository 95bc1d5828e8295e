import type { CardVisit } from "../card/card-visit.ts";
import { blamingBytesOn, Failure } from "../failures.ts";
import { checkReference, checkSettlement } from "../settlement/check-settlement.ts";
import { payTestPayee } from "../steps/finishing/final-tap.ts";
import { readBackObjects, readBackSelect } from "../steps/finishing/read-back.ts";
import { secureCard } from "../steps/finishing/secured.ts";
import { uploadVoucher } from "../steps/finishing/upload.ts";
import { writeAllowance } from "../steps/finishing/write-allowance.ts";
import { assertLimits, fetchAllowance } from "../steps/funding/allowance.ts";
import { certifyTerminal } from "../steps/funding/certificate.ts";
import { awaitFinality } from "../steps/funding/final.ts";
import { requestDeposit } from "../steps/funding/fund.ts";
import { registerCard } from "../steps/funding/register.ts";
import { textOf, type StepRunner } from "../steps/step-runner.ts";
import { ensureCertificate } from "../terminal/certificate.ts";
import { makeIdentity } from "./make-identity.ts";
import { visitOwnCard } from "./own-card.ts";
import { particularsOf, settleParticulars } from "./particulars.ts";
import { certificateOptions, identityOf, stepsOf, type PersonalizeOptions } from "./personalize-options.ts";

export interface Personalized {
  /** The card's address, 0x and lower case. */
  readonly card: string;
  /** The reference was finished in an earlier run; nothing was written. */
  readonly wasDone: boolean;
}

/**
 * Makes a blank card into money, or goes on where an earlier run of this reference stopped. Every step is journalled
 * before it is sent. Throws Failure.
 */
export async function personalize(options: PersonalizeOptions): Promise<Personalized> {
  const { journal, reference, signal } = options;
  const run = journal.run(reference);
  if (run !== null) settleParticulars(run, particularsOf(options), options);
  const steps = stepsOf(options);
  assertLimits(steps, options.config);
  if (run?.done === true) {
    // A finished reference is finished with its own card only.
    await visitOwnCard(options, (card) => card.insideApplet(async () => undefined));
    return { card: addressOf(steps), wasDone: true };
  }
  if (signal.aborted) throw new Failure("INTERRUPTED");
  // What settlement serves is compared before a card takes a domain that it keeps permanently.
  await blamingBytesOn("SETTLEMENT_ANSWER", async () => {
    await checkSettlement(options.settlement, options.config);
    const made = journal.step(reference, "generate-key")?.data["card"];
    await checkReference(options.settlement, { reference, card: typeof made === "string" ? made : null });
  });
  await visitOwnCard(options, (card) => makeIdentity(card, steps, options));
  await blamingBytesOn("SETTLEMENT_ANSWER", () => openAndFund(steps, options));
  await visitOwnCard(options, (card) => finishCard(card, steps, options));
  await blamingBytesOn("SETTLEMENT_ANSWER", () => uploadVoucher(steps, certificateOptions(options)));
  journal.finish(reference);
  return { card: addressOf(steps), wasDone: false };
}

/** What happens while the card may lie anywhere: settlement and the chain. */
async function openAndFund(steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  await registerCard(steps, options);
  await requestDeposit(steps, options);
  await awaitFinality(steps, options);
  await certifyTerminal(steps, certificateOptions(options));
  await fetchAllowance(steps, options);
}

/** The allowance, everything read back, and the first payment. */
async function finishCard(card: CardVisit, steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  const { config, environment } = options;
  await card.insideApplet(async ({ session }) => {
    await writeAllowance(session.transmit, steps);
    await readBackObjects(session.transmit, steps, { ...identityOf(options), hasPin: options.letters !== null });
  });
  const select = await readBackSelect(card, steps, config);
  const certificate = () => ensureCertificate(certificateOptions(options));
  await payTestPayee(card.channel, steps, { config, environment, select, certificate });
  if (!config.stock.secured || steps.isDone("secured")) return;
  await card.insideSecurityDomain(({ session }, domainAid) => secureCard({ session, domainAid }, steps));
}

function addressOf(steps: StepRunner): string {
  return textOf(steps.dataOf("generate-key"), "card");
}
