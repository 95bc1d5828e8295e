import type { SecureSession } from "@tallystick/apdu";
import type { CardVisit } from "../card/card-visit.ts";
import type { Visits } from "../config/config-schema.ts";
import { blamingBytesOn, Failure } from "../failures.ts";
import { checkReference, checkSettlement } from "../settlement/check-settlement.ts";
import { isRefused } from "../settlement/settlement-client.ts";
import { payTestPayee } from "../steps/finishing/final-tap.ts";
import { readBackObjects, readBackSelect } from "../steps/finishing/read-back.ts";
import { secureCard } from "../steps/finishing/secured.ts";
import { uploadVoucher } from "../steps/finishing/upload.ts";
import { writeAllowance } from "../steps/finishing/write-allowance.ts";
import { assertLimits, assertTravels, fetchAllowance, visitsOfAllowance } from "../steps/funding/allowance.ts";
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
  /** One: the card has nothing to spend until its allowance has travelled to it. */
  readonly visits: Visits;
}

/**
 * Makes a blank card into money, or goes on where an earlier run of this reference stopped. Every step is journalled
 * before it is sent. Throws Failure.
 */
export async function personalize(options: PersonalizeOptions): Promise<Personalized> {
  const steps = stepsOf(options);
  const made = await firstVisit(steps, options);
  if (made.wasDone) return made;
  await blamingBytesOn("SETTLEMENT_ANSWER", () => awaitFinality(steps, options));
  if (made.visits === "two") await secondVisit(steps, options);
  options.journal.finish(options.reference);
  return made;
}

/**
 * The first time that the card is on the reader, until its deposit is asked for: all of the card where it is made in one
 * visit, its identity where it is made in two. A card that needs nothing more here is not asked for. Throws Failure.
 */
export async function firstVisit(steps: StepRunner, options: PersonalizeOptions): Promise<Personalized> {
  const { journal, reference, signal } = options;
  const run = journal.run(reference);
  if (run !== null) settleParticulars(run, particularsOf(options), options);
  assertLimits(steps, options.config);
  const visits = visitsOf(steps, options);
  if (run?.done === true) {
    // A finished reference is finished with its own card only.
    await visitOwnCard(options, (card) => card.insideApplet(async () => undefined));
    return { card: addressOf(steps), wasDone: true, visits };
  }
  if (visits === "one") assertTravels(options.config);
  if (signal.aborted) throw new Failure("INTERRUPTED");
  // What settlement serves is compared before a card takes a domain that it keeps permanently.
  await blamingBytesOn("SETTLEMENT_ANSWER", async () => {
    await checkSettlement(options.settlement, options.config);
    const made = journal.step(reference, "generate-key")?.data["card"];
    await checkReference(options.settlement, { reference, card: typeof made === "string" ? made : null });
    await claimReference(options);
  });
  if (isCardNeeded(steps, options)) {
    await visitOwnCard(options, async (card) => {
      if (visits === "two") return await makeIdentity(card, steps, options);
      await makeIdentity(card, steps, options, async (session) => {
        await blamingBytesOn("SETTLEMENT_ANSWER", () => openAndAllow(steps, { ...options, visits }));
        await writeAndReadBack(session, steps, options);
      });
      // A card that came with its identity.
      if (!steps.isDone("allowance"))
        await blamingBytesOn("SETTLEMENT_ANSWER", () => openAndAllow(steps, { ...options, visits }));
      await blamingBytesOn("SETTLEMENT_ANSWER", () => openAndAllow(steps, { ...options, visits }));
      await finishCard(card, steps, options);
    });
  }
  await blamingBytesOn("SETTLEMENT_ANSWER", async () => {
    if (visits === "one") return await uploadVoucher(steps, certificateOptions(options));
    await registerCard(steps, options);
    await requestDeposit(steps, options);
  });
  return { card: addressOf(steps), wasDone: false, visits: visitsOf(steps, options) };
}

/**
 * Makes the reference this station's, where the station has a name: no other makes a card of it then. Throws Failure
 * REFERENCE_CLAIMED.
 */
export async function claimReference({ settlement, reference, config, takesOver }: PersonalizeOptions): Promise<void> {
  if (config.station === undefined) return;
  const answer = await settlement.claimReference(reference, takesOver === true);
  if (isRefused(answer)) throw new Failure("REFERENCE_CLAIMED", answer.detail);
}

/** Whether the first visit has something left to do on the card itself. */
export function isCardNeeded(
  steps: StepRunner,
  options: Pick<PersonalizeOptions, "visits" | "config" | "letters">,
): boolean {
  if (visitsOf(steps, options) === "two") return true;
  if (options.letters !== null && !steps.isDone("pin")) return true;
  return !steps.isDone("final-tap") || (options.config.stock.secured && !steps.isDone("secured"));
}

/** The second time: the allowance over what is final, and everything after it. */
export async function secondVisit(steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  await blamingBytesOn("SETTLEMENT_ANSWER", async () => {
    await certifyTerminal(steps, certificateOptions(options));
    await fetchAllowance(steps, { ...options, visits: "two" });
  });
  await visitOwnCard(options, (card) => finishCard(card, steps, options));
  await blamingBytesOn("SETTLEMENT_ANSWER", () => uploadVoucher(steps, certificateOptions(options)));
}

/** In how many visits a card is made: what was begun in one is finished so; else what the caller wants. */
export function visitsOf(steps: StepRunner, options: Pick<PersonalizeOptions, "visits">): Visits {
  return visitsOfAllowance(steps) ?? options.visits;
}

/** Registered, its deposit on its way, and allowed to spend nothing yet: nothing here waits for the chain. */
async function openAndAllow(steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  await registerCard(steps, options);
  await requestDeposit(steps, options);
  await certifyTerminal(steps, certificateOptions(options));
  await fetchAllowance(steps, options);
}

/** The allowance, everything read back, and the first payment. */
async function finishCard(card: CardVisit, steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  const { config, environment } = options;
  if (!steps.isDone("write-allowance") || !steps.isDone("read-back"))
    await card.insideApplet(({ session }) => writeAndReadBack(session, steps, options));
  const select = await readBackSelect(card, steps, config);
  const certificate = () => ensureCertificate(certificateOptions(options));
  await payTestPayee(card.channel, steps, { config, environment, select, certificate });
  if (!config.stock.secured || steps.isDone("secured")) return;
  await card.insideSecurityDomain(({ session }, domainAid) => secureCard({ session, domainAid }, steps));
}

async function writeAndReadBack(session: SecureSession, steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  await writeAllowance(session.transmit, steps);
  await readBackObjects(session.transmit, steps, { ...identityOf(options), hasPin: options.letters !== null });
}

function addressOf(steps: StepRunner): string {
  return textOf(steps.dataOf("generate-key"), "card");
}
