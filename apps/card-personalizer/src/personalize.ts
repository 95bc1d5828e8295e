import { formatAmount } from "@tallystick/money";
import { encodeDomain, toHex, type Address } from "@tallystick/protocol";
import type { Reader } from "@tallystick/apdu";
import { visitCard, type CardVisit, type VisitOptions } from "./card/card-visit.ts";
import { openIdentifiedSession } from "./card/identify.ts";
import type { Config } from "./config/load-config.ts";
import { blamingBytesOn, Failure } from "./failures.ts";
import type { Journal, Particulars, Run } from "./journal/journal.ts";
import type { CardKeys } from "./keys/card-keys.ts";
import type { PinLetters } from "./keys/pin-letters.ts";
import type { SettlementClient } from "./settlement/settlement-client.ts";
import { fetchAllowance, writeAllowance } from "./steps/allowance-steps.ts";
import { payTestPayee } from "./steps/final-tap.ts";
import { awaitFinality, checkSettlement, registerAndFund } from "./steps/funding-steps.ts";
import {
  makeKey,
  provePossession,
  signOpening,
  writeDomain,
  writeIdentity,
  type Identity,
} from "./steps/identity-steps.ts";
import { prepareSecurityDomain } from "./steps/key-steps.ts";
import { writePin } from "./steps/pin-step.ts";
import { readBackObjects, readBackSelect } from "./steps/read-back.ts";
import { StepRunner, textOf, type StepObserver } from "./steps/step-runner.ts";
import { ensureCertificate, type CertificateOptions, type TestTerminal } from "./steps/test-terminal.ts";
import { uploadVoucher } from "./steps/upload-steps.ts";
import type { Surroundings } from "./surroundings.ts";

/** Everything one personalization needs; the command line puts the real parts in, tests put others. */
export interface PersonalizeOptions {
  readonly reference: string;
  readonly owner: Address;
  /** Units. */
  readonly fund: bigint;
  readonly config: Config;
  readonly keys: CardKeys;
  /** Null: cards get no PIN. */
  readonly letters: PinLetters | null;
  readonly journal: Journal;
  readonly reader: Reader;
  readonly settlement: SettlementClient;
  readonly terminal: TestTerminal;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
  readonly allowDefaultKeys: boolean;
  readonly retryKeys: boolean;
  readonly observe: StepObserver;
}

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
  if (run !== null) assertParticulars(run, particularsOf(options), options.config.asset);
  if (run?.done === true) {
    await confirmCard(options);
    return { card: addressOf(stepsOf(options)), wasDone: true };
  }
  if (signal.aborted) throw new Failure("INTERRUPTED");
  // What the settlement serves is compared before a card takes a domain that it keeps for ever.
  await blamingBytesOn("SETTLEMENT_ANSWER", () => checkSettlement(options.settlement, options.config));
  const steps = stepsOf(options);
  await visit(options, (card) => makeIdentity(card, steps, options));
  await blamingBytesOn("SETTLEMENT_ANSWER", () => fundCard(steps, options));
  await visit(options, (card) => finishCard(card, steps, options));
  await blamingBytesOn("SETTLEMENT_ANSWER", () => uploadVoucher(steps, certificateOptions(options)));
  journal.finish(reference);
  return { card: addressOf(steps), wasDone: false };
}

/** From blank to a card that has signed its opening. */
async function makeIdentity(card: CardVisit, steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  const { config } = options;
  // Also when nothing is left to write here: the card must be the reference's own before money is spent on it.
  if (steps.isDone("opening")) return await card.insideApplet(async () => undefined);
  const isBegun = (options.journal.run(options.reference)?.cardName ?? null) !== null;
  await prepareSecurityDomain(card, steps, {
    ...{ keys: options.keys, instance: config.instance, isBegun },
    claim: (cardName) => claimCard(options, cardName),
  });
  const identity = identityOf(options);
  await card.insideApplet(async ({ session }) => {
    await writeDomain(session.transmit, steps, identity);
    await makeKey(session.transmit, steps);
  });
  await card.selectApplet();
  await provePossession(card.channel, steps, identity);
  await card.insideApplet(async ({ session }) => {
    await writeIdentity(session.transmit, steps, identity);
    const { letters, reference } = options;
    if (letters !== null) await writePin(session, steps, { letters, reference });
    await signOpening(session.transmit, steps, identity);
  });
}

/** What happens while the card may lie anywhere: the settlement and the chain. */
async function fundCard(steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  await registerAndFund(steps, options);
  await awaitFinality(steps, options);
  await steps.run("certificate", {
    work: async () => {
      await ensureCertificate(certificateOptions(options));
      return {};
    },
  });
  await fetchAllowance(steps, options);
}

/** The allowance, everything read back, and the first payment. */
async function finishCard(card: CardVisit, steps: StepRunner, options: PersonalizeOptions): Promise<void> {
  const { config, surroundings } = options;
  const identity = identityOf(options);
  await card.insideApplet(({ session }) => writeAllowance(session.transmit, steps));
  await steps.run("read-back", {
    work: async () => {
      await card.insideApplet((identified) =>
        readBackObjects(identified, steps, { ...identity, hasPin: options.letters !== null }),
      );
      await readBackSelect(card, steps, identity);
      return {};
    },
  });
  const select = await readBackSelect(card, steps, identity);
  await payTestPayee(card.channel, steps, { config, surroundings, select });
}

/** A finished reference is finished with its own card only. */
async function confirmCard(options: PersonalizeOptions): Promise<void> {
  await visit(options, (card) => card.insideApplet(async () => undefined));
}

async function visit<T>(options: PersonalizeOptions, work: (card: CardVisit) => Promise<T>): Promise<T> {
  const { config, reader, signal } = options;
  const visitOptions: VisitOptions = {
    reader,
    signal,
    instance: config.instance,
    cardWaitMs: config.cardWaitSeconds * 1_000,
    commandTimeoutMs: config.commandTimeoutSeconds * 1_000,
    openSession: (channel) =>
      openIdentifiedSession(channel, {
        keys: options.keys,
        journal: options.journal,
        allowDefaultKeys: options.allowDefaultKeys,
        retryKeys: options.retryKeys,
        nowMs: options.surroundings.now(),
        hostChallenge: options.surroundings.randomBytes(8),
        checkCard: (cardName) => checkCard(options, cardName),
      }),
  };
  return await visitCard(visitOptions, work);
}

/** Refuses every card but the reference's own, before a key is used on it. */
function checkCard({ journal, reference, config }: PersonalizeOptions, cardName: string): void {
  const other = journal.runOfCard(cardName, config.instance);
  if (other !== null && other.reference !== reference) {
    throw new Failure("CARD_OF_OTHER_REFERENCE", `It is ${other.reference}'s.`);
  }
  const own = journal.run(reference)?.cardName ?? null;
  if (own !== null && own !== cardName) throw new Failure("WRONG_CARD");
}

/** Ties the reference to a card whose keys have been proved, before the first thing is written to it. */
function claimCard(options: PersonalizeOptions, cardName: string): void {
  const { journal, reference, surroundings } = options;
  const run = journal.run(reference) ?? journal.begin(reference, particularsOf(options), surroundings.now());
  if (run.cardName === null) journal.bindCard(reference, cardName);
}

function particularsOf({ config, owner, fund }: Pick<PersonalizeOptions, "config" | "owner" | "fund">): Particulars {
  return {
    domain: toHex(encodeDomain(config.domain)),
    instance: config.instance,
    owner: toHex(owner),
    fund: fund.toString(),
  };
}

function assertParticulars(run: Run, wanted: Particulars, asset: Config["asset"]): void {
  const names: readonly (keyof Particulars)[] = ["domain", "instance", "owner", "fund"];
  const differing = names.find((name) => run.particulars[name] !== wanted[name]);
  if (differing === undefined) return;
  const begun = run.particulars[differing];
  const shown = differing === "fund" ? formatAmount(BigInt(begun), asset) : begun;
  throw new Failure("REFERENCE_OTHER_PARTICULARS", `It was begun with ${differing} ${shown}.`);
}

function stepsOf({ journal, reference, surroundings, signal, observe }: PersonalizeOptions): StepRunner {
  return new StepRunner({ journal, reference, surroundings, signal, observe });
}

function addressOf(steps: StepRunner): string {
  return textOf(steps.dataOf("generate-key"), "card");
}

function identityOf({ config, owner, surroundings }: PersonalizeOptions): Identity {
  return {
    domain: config.domain,
    issuerKey: config.cardIssuerKey,
    owner,
    challenge: () => surroundings.randomBytes(16),
  };
}

function certificateOptions(options: PersonalizeOptions): CertificateOptions {
  const { terminal, journal, settlement, config, surroundings } = options;
  return { terminal, journal, settlement, config, nowSeconds: Math.floor(surroundings.now() / 1_000) };
}
