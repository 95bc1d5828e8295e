import { getProgress } from "@tallystick/card";
import { cardStates } from "@tallystick/protocol";
import type { CardVisit } from "../card/card-visit.ts";
import { readAppletVersion, readCplc } from "../card/chip-facts.ts";
import { inspectCard } from "../card/inspect.ts";
import { expectOk } from "../card/expect.ts";
import { asFailure, Failure } from "../failures.ts";
import { writeAddress } from "../steps/identity/address.ts";
import { writeDomain } from "../steps/identity/domain.ts";
import { assertLimits } from "../steps/funding/allowance.ts";
import { makeKey } from "../steps/identity/generate-key.ts";
import { installApplet } from "../steps/identity/install.ts";
import { writeIssuerKey } from "../steps/identity/issuer-key.ts";
import { signOpening } from "../steps/identity/opening.ts";
import { writeOwner } from "../steps/identity/owner.ts";
import { writePin } from "../steps/identity/pin.ts";
import { provePossession } from "../steps/identity/prove.ts";
import { replaceKeys } from "../steps/identity/replace-keys.ts";
import type { StepRunner } from "../steps/step-runner.ts";
import { takeOver } from "./give-up.ts";
import { claimCard } from "./own-card.ts";
import { particularsOf, settleParticulars } from "./particulars.ts";
import { identityOf, stepsOf, type PersonalizeOptions } from "./personalize-options.ts";

/** From blank to a card that has signed its opening. */
export async function makeIdentity(card: CardVisit, steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  // Also when nothing is left to write here: the card must be the reference's own before money is spent on it.
  const hasPin = options.letters === null || steps.isDone("pin");
  if (steps.isDone("opening") && hasPin) return await card.insideApplet(async () => undefined);
  await prepareSecurityDomain(card, steps, options);
  const identity = identityOf(options);
  await card.insideApplet(async ({ session, hasStockKeys }) => {
    if (hasStockKeys) throw new Failure("CARD_CONTRADICTS", "The card has the keys again that it came with.");
    await writeDomain(session.transmit, steps, identity);
    await writeIssuerKey(session.transmit, steps, identity);
    await makeKey(session.transmit, steps);
  });
  await card.selectApplet();
  await provePossession(card.channel, steps, identity);
  await card.insideApplet(async ({ session }) => {
    await writeAddress(session.transmit, steps);
    await writeOwner(session.transmit, steps, identity);
    const { letters, reference } = options;
    if (letters !== null) await writePin(session, steps, { letters, reference });
    else options.journal.note(reference, { applet: await readAppletVersion(session.transmit) });
    await signOpening(session.transmit, steps, identity);
  });
}

/**
 * The applet and the card's own keys, inside the security domain. Everything that can say no is asked first, then the
 * applet is installed, by which a chip that cannot run it is known, and then the keys are changed. What an earlier run left
 * half done shows in the key version that the card names and in whether the applet can be selected.
 */
async function prepareSecurityDomain(visit: CardVisit, steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  if (steps.isDone("replace-keys") && steps.isDone("install")) return;
  // The reference was tied to this card in an earlier run.
  const wasBegun = (options.journal.run(options.reference)?.cardName ?? null) !== null;
  // Which card this is comes first: a card of another reference is known by its name, not by what is on it.
  const isBegun =
    wasBegun || (await visit.insideSecurityDomain(({ cardName }) => Promise.resolve(takeSpare(options, cardName))));
  if (steps.isDone("replace-keys") && steps.isDone("install")) return;
  const installed = await visit.selectApplet();
  if (installed !== null && !isBegun) await refuseUnknownApplet(visit);
  await visit.insideSecurityDomain(async (identified) => {
    const { session, cardName, hasStockKeys, sharesKeys } = identified;
    if (hasStockKeys && installed === null) await inspectCard(session);
    if (sharesKeys && !isBegun) options.warn(SHARED_KEYS);
    claimCard(options, cardName);
    const { journal, reference } = options;
    if (journal.run(reference)?.made.facts["cplc"] === undefined)
      journal.note(reference, { cplc: await readCplc(session.transmit) });
    const { instance } = options.config;
    await installApplet(session, steps, { instance, isInstalled: installed !== null }).catch((error: unknown) => {
      // Nothing was changed on it, so the reference may go on with another card.
      if (asFailure(error).code === "CARD_NOT_SUITABLE") options.journal.releaseCard(options.reference);
      throw error;
    });
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
  "The ten bytes that diversify this card's keys are all alike: it is named by its chip's serial number, and all cards " +
  "of this stock get the same keys. Whoever opens one of them opens all.";

/** An applet that this journal did not begin may be a cardholder's card: only a blank one is taken. */
async function refuseUnknownApplet(visit: CardVisit): Promise<void> {
  const progress = expectOk("GET DATA", await getProgress(visit.channel));
  const { domain, issuerKey, keyPair, allowance, state } = progress;
  const isBlank = !domain && !issuerKey && !keyPair && !allowance && state === cardStates.installed;
  if (!isBlank) throw new Failure("CARD_UNKNOWN_STATE");
}
