import type { SecureSession } from "@tallystick/apdu";
import { getProgress, type Progress } from "@tallystick/card";
import { cardStates } from "@tallystick/protocol";
import type { CardVisit } from "../card/card-visit.ts";
import { readAppletVersion, readCplc } from "../card/chip-facts.ts";
import { lacksPackage } from "../card/inspect.ts";
import { expectOk } from "../card/expect.ts";
import { asFailure, Failure } from "../failures.ts";
import { writeAddress } from "../steps/identity/address.ts";
import { writeDomain } from "../steps/identity/domain.ts";
import { assertLimits } from "../steps/funding/allowance.ts";
import { makeKey } from "../steps/identity/generate-key.ts";
import { installApplet } from "../steps/identity/install.ts";
import { writeIssuerKey } from "../steps/identity/issuer-key.ts";
import { signOpening } from "../steps/identity/opening.ts";
import { loadPackage, requireRoom } from "../steps/identity/load.ts";
import { writeOwner } from "../steps/identity/owner.ts";
import { writePin } from "../steps/identity/pin.ts";
import { provePossession } from "../steps/identity/prove.ts";
import { replaceKeys } from "../steps/identity/replace-keys.ts";
import { textOf, type StepRunner } from "../steps/step-runner.ts";
import { takeOver } from "./give-up.ts";
import { claimCard, nameByKey } from "./own-card.ts";
import { particularsOf, settleParticulars } from "./particulars.ts";
import { identityOf, stepsOf, type PersonalizeOptions } from "./personalize-options.ts";

/**
 * From blank to a card that has signed its opening. What else is done inside the same channel of the applet is `further`:
 * opening one takes three commands. A card that has its identity is left to the caller.
 */
export async function makeIdentity(
  card: CardVisit,
  steps: StepRunner,
  options: PersonalizeOptions,
  further: (session: SecureSession) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  // Also when nothing is left to write here: the card must be the reference's own before money is spent on it.
  const hasPin = options.letters === null || steps.isDone("pin");
  if (steps.isDone("opening") && steps.isDone("prove") && hasPin) return await card.insideApplet(async () => undefined);
  await prepareSecurityDomain(card, steps, options);
  const identity = identityOf(options);
  await card.insideApplet(async ({ session, hasStockKeys }) => {
    if (hasStockKeys) throw new Failure("CARD_CONTRADICTS", "The card has the keys again that it came with.");
    await writeDomain(session.transmit, steps, identity);
    await writeIssuerKey(session.transmit, steps, identity);
    await makeKey(session.transmit, steps);
    nameByKey(options, textOf(steps.dataOf("generate-key"), "card"));
    await writeAddress(session.transmit, steps);
    await writeOwner(session.transmit, steps, identity);
    const { letters, reference } = options;
    if (letters !== null) await writePin(session, steps, { letters, reference });
    await noteApplet(session, options);
    await signOpening(session.transmit, steps, identity);
    await further(session);
  });
  // The applet is selected still; PROVE goes in clear.
  await provePossession(card.channel, steps, identity);
}

/**
 * The applet and the card's own keys, inside the security domain. Everything that can say no is asked first, then the
 * applet is installed, by which a chip that cannot run it is known, and then the keys are changed. What an earlier run left
 * half done shows in the key version that the card names and in whether the applet can be selected.
 */
async function prepareSecurityDomain(visit: CardVisit, steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  if (steps.isDone("replace-keys") && steps.isDone("install")) return;
  // The reference was tied to this card in an earlier run.
  const isBegun = (options.journal.run(options.reference)?.cardName ?? null) !== null;
  const [looked] = await Promise.allSettled([lookAtApplet(visit, isBegun)]);
  await visit.insideSecurityDomain(async (identified, domainAid) => {
    // Which card this is came first: a card of another reference is known by its name, not by what is on it.
    if (looked.status === "rejected") throw looked.reason;
    const { isInstalled, progress } = looked.value;
    const isSpare = !isBegun && takeSpare(options, identified.cardName);
    if (progress !== null && !isSpare) refuseUnknownApplet(progress);
    const { session, cardName, hasStockKeys, sharesKeys } = identified;
    const isToLoad = hasStockKeys && !isInstalled && (await lacksPackage(session));
    const loadFile = isToLoad ? await requireRoom(session, options.loadFile) : null;
    if (sharesKeys && !isBegun && !isSpare) options.warn(SHARED_KEYS);
    claimCard(options, cardName);
    await noteChip(session, options);
    try {
      if (loadFile !== null) await loadPackage({ session, domainAid }, steps, loadFile);
      await installApplet(session, steps, { instance: options.config.instance, isInstalled });
    } catch (error) {
      // Its keys are as they came, so the reference may go on with another card.
      if (asFailure(error).code === "CARD_NOT_SUITABLE") options.journal.releaseCard(options.reference);
      throw error;
    }
    await replaceKeys(identified, steps, options.keys);
  });
}

/**
 * A card that another reference gave up goes on with what was done for that one; yes where it is such a card. Throws
 * Failure REFERENCE_OTHER_PARTICULARS or LIMITS_DIFFER, and then leaves it as it was.
 */
function takeSpare(options: PersonalizeOptions, cardName: string): boolean {
  const { journal, reference, config } = options;
  const spare = journal.runOfCard(cardName, config.instance);
  if (spare === null) return false;
  settleParticulars(spare, particularsOf(options), options);
  assertLimits(stepsOf({ ...options, reference: spare.reference }), config);
  takeOver(journal, spare.reference, reference);
  return true;
}

const SHARED_KEYS =
  "The ten bytes that diversify this card's keys are all alike: it is named otherwise, as stock.cardName says, and all " +
  "cards of this stock get the same keys. Whoever opens one of them opens all.";

/** What the chip says of its making, once, for the report of its order. */
async function noteChip({ transmit }: SecureSession, { journal, reference }: PersonalizeOptions): Promise<void> {
  if (journal.run(reference)?.made.facts["cplc"] !== undefined) return;
  journal.note(reference, { cplc: await readCplc(transmit) });
}

async function noteApplet({ transmit }: SecureSession, { journal, reference }: PersonalizeOptions): Promise<void> {
  if (journal.run(reference)?.made.facts["applet"] !== undefined) return;
  journal.note(reference, { applet: await readAppletVersion(transmit) });
}

/** What is on a card before it is known which one it is; how far its applet is where this journal did not begin it. */
async function lookAtApplet(
  visit: CardVisit,
  isBegun: boolean,
): Promise<{ readonly isInstalled: boolean; readonly progress: Progress | null }> {
  const isInstalled = (await visit.selectApplet()) !== null;
  if (!isInstalled || isBegun) return { isInstalled, progress: null };
  return { isInstalled, progress: expectOk("GET DATA", await getProgress(visit.channel)) };
}

/** An applet that this journal did not begin may be a cardholder's card: only a blank one is taken. */
function refuseUnknownApplet({ domain, issuerKey, keyPair, allowance, state }: Progress): void {
  const isBlank = !domain && !issuerKey && !keyPair && !allowance && state === cardStates.installed;
  if (!isBlank) throw new Failure("CARD_UNKNOWN_STATE");
}
