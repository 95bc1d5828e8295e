import { visitCard, type CardVisit, type VisitOptions } from "../card/card-visit.ts";
import { openIdentifiedSession } from "../card/identify.ts";
import { isUnkeyedName, keyName, UNKEYED, unkeyedName } from "../card/key-name.ts";
import { Failure } from "../failures.ts";
import { isGivenUp } from "../journal/journal.ts";
import { particularsOf } from "./particulars.ts";
import type { PersonalizeOptions } from "./personalize-options.ts";

/** Waits for the reference's own card and works with it. Every other card is refused before a key is used on it. */
export async function visitOwnCard<T>(options: PersonalizeOptions, work: (card: CardVisit) => Promise<T>): Promise<T> {
  const { config, reader, signal } = options;
  const visitOptions: VisitOptions = {
    reader,
    signal,
    instance: config.instance,
    cardWaitMs: config.cardWaitSeconds * 1_000,
    commandTimeoutMs: config.commandTimeoutSeconds * 1_000,
    stock: config.stock,
    openSession: (channel, chipName) =>
      openIdentifiedSession(channel, chipName, {
        keys: options.keys,
        stock: options.stock,
        journal: options.journal,
        allowDefaultKeys: options.allowDefaultKeys,
        retryKeys: options.retryKeys,
        nowMs: options.environment.now(),
        randomBytes: (length) => options.environment.randomBytes(length),
        checkCard: (cardName) => checkCard(options, cardName),
      }),
  };
  return await visitCard(visitOptions, work);
}

function checkCard({ journal, reference, config }: PersonalizeOptions, cardName: string): void {
  const other = journal.runOfCard(cardName, config.instance);
  const own = journal.run(reference)?.cardName ?? null;
  if (other !== null && other.reference !== reference && !(own === null && isGivenUp(other.reference))) {
    throw new Failure("CARD_OF_OTHER_REFERENCE", `It is ${other.reference}'s.`);
  }
  if (own === null || own === cardName) return;
  if (!isUnkeyedName(own)) throw new Failure("WRONG_CARD");
  if (cardName === UNKEYED) return;
  // The reference's card had no key when it was last seen: this one is it where the journal tells of that key, or of a
  // GENERATE KEY whose answer was lost.
  const made = journal.step(reference, "generate-key");
  const isOwn = made?.state === "begun" || keyName(String(made?.data["card"])) === cardName;
  if (!isOwn) throw new Failure("WRONG_CARD");
}

/** Gives a card that has just made its key the name that it has from then on, where cards of its stock are named so. */
export function nameByKey({ journal, reference }: PersonalizeOptions, address: string): void {
  const own = journal.run(reference)?.cardName ?? null;
  if (own !== null && isUnkeyedName(own)) journal.renameCard(reference, keyName(address));
}

/** Ties the reference to a card whose keys have been proved, before the first thing is written to it. */
export function claimCard(options: PersonalizeOptions, cardName: string): void {
  const { journal, reference, environment, config } = options;
  const { station = null, operator = null } = config;
  const begin = () => journal.begin(reference, particularsOf(options), environment.now(), { station, operator });
  const run = journal.run(reference) ?? begin();
  if (run.cardName !== null) return;
  journal.bindCard(reference, cardName === UNKEYED ? unkeyedName(reference) : cardName);
}
