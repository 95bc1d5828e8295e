import { getDataObject, getProgress, prove, type DataObjectName, type Selected } from "@tallystick/card";
import { concatBytes } from "@tallystick/apdu";
import {
  addressOfKey,
  compressKey,
  digestOf,
  encodeAllowanceBody,
  encodeDomain,
  encodeStateProof,
  toAddress,
  toHex,
} from "@tallystick/protocol";
import type { CardVisit } from "../card/card-visit.ts";
import { expectOk, expectSame } from "../card/expect.ts";
import type { IdentifiedSession } from "../card/identify.ts";
import { blamingBytesOn, Failure } from "../failures.ts";
import type { StepData } from "../journal/journal.ts";
import { checkCardSignature } from "../steps/card-identity.ts";
import type { StepName } from "../steps/step-names.ts";
import { visitOwnCard } from "./own-card.ts";
import { particularsOf } from "./particulars.ts";
import type { PersonalizeOptions } from "./personalize-options.ts";

/** What adopting needs; a reference may be left out, where the register has one for the card. */
export type AdoptOptions = Omit<PersonalizeOptions, "reference" | "owner" | "observe"> & {
  readonly reference: string | null;
};

/** What a card shows of how far it was made. */
interface Found {
  readonly cardName: string;
  readonly card: string;
  readonly cardKey: string;
  readonly owner: Uint8Array | null;
  readonly steps: readonly (readonly [StepName, StepData])[];
}

/** A reference that the journal has again. */
export interface Adopted {
  readonly reference: string;
  readonly card: string;
  /** The register knew the card. */
  readonly wasRegistered: boolean;
}

/** The reference under which a card is looked at before its own is known; no order can have it. */
const NOBODY = " adopted ";

/**
 * Writes into this journal what the card on the reader and the register say of a card that another journal made, so that
 * `personalize` and `issue` go on with it. Nothing is written to the card. Throws Failure, also where the card holds nothing that
 * could be adopted.
 */
export async function adopt(options: AdoptOptions): Promise<Adopted> {
  const { journal, config, fund, environment, settlement, letters } = options;
  // Nobody's reference and nobody's owner: the card says both.
  const owner = toAddress(config.testPayee.payee);
  const parts = { ...options, reference: NOBODY, owner, observe: () => undefined };
  const found = await visitOwnCard(parts, (visit) => readCard(visit, options));
  if (journal.runOfCard(found.cardName, config.instance) !== null)
    throw new Failure("USAGE", "This journal has the card already.");
  const registered = await blamingBytesOn("SETTLEMENT_ANSWER", () => settlement.cards({ q: found.card }));
  const known = registered.cards.find(({ card }) => card === found.card) ?? null;
  const reference = known?.reference ?? options.reference;
  if (reference === null) throw new Failure("USAGE", "The register does not have this card: name its --reference.");
  if (options.reference !== null && options.reference !== reference)
    throw new Failure("REFERENCE_TAKEN", `The register has this card as ${reference}.`);
  if (journal.run(reference)?.cardName != null)
    throw new Failure("USAGE", `This journal has another card as ${reference}.`);
  const held = found.owner ?? config.owner;
  if (held === null) throw new Failure("USAGE", "The card has no owner yet: name one in the configuration.");
  const { station = null, operator = null } = config;
  const particulars = particularsOf({ config, owner: toAddress(held), fund });
  const isAllowed = found.steps.some(([name]) => name === "allowance");
  if (isAllowed && known === null)
    throw new Failure("CARD_CONTRADICTS", "It holds an allowance, and the register does not have it.");
  const steps = [...found.steps, ...(known === null ? [] : [["opening", {}] as const, ["register", {}] as const])];
  // A journal that had the card and not its steps would take it no more.
  journal.together(() => {
    if (journal.run(reference) === null)
      journal.begin(reference, particulars, environment.now(), { station, operator });
    else journal.correctParticulars(reference, particulars);
    journal.bindCard(reference, found.cardName);
    for (const [name, data] of steps) {
      journal.beginStep(reference, name, {}, environment.now());
      journal.finishStep(reference, name, data, environment.now());
    }
  });
  if (letters !== null && steps.some(([name]) => name === "pin") && !letters.has(reference))
    options.warn("The card has a PIN, and no letter of it is here: give it a new one before it is handed out.");
  return { reference, card: found.card, wasRegistered: known !== null };
}

async function readCard(visit: CardVisit, options: AdoptOptions): Promise<Found> {
  const nothing = new Failure("USAGE", "The card holds nothing of a programme's yet: make it by personalize or issue.");
  if ((await visit.selectApplet()) === null) throw nothing;
  const found = await visit.insideApplet((identified) => readObjects(identified, options, nothing));
  const selected = await visit.selectApplet();
  return { ...found, steps: [...found.steps, ...(await readState(visit, selected, { ...options, ...found }))] };
}

/** Identity and particulars, under the response MAC of the card's own keys. */
async function readObjects(
  { session, cardName, hasStockKeys }: IdentifiedSession,
  { config, keys }: AdoptOptions,
  nothing: Failure,
): Promise<Found> {
  if (hasStockKeys) throw nothing;
  const progress = expectOk("GET DATA progress", await getProgress(session.transmit));
  if (!progress.keyPair || !progress.domain) throw nothing;
  const read = async (name: DataObjectName): Promise<Uint8Array> =>
    expectOk(`GET DATA ${name}`, await getDataObject(session.transmit, name));
  expectSame("domain", await read("domain"), encodeDomain(config.domain));
  const publicKey = await read("publicKey");
  const [card, cardKey] = [toHex(addressOfKey(publicKey)), toHex(compressKey(publicKey))];
  const steps: (readonly [StepName, StepData])[] = [
    ["install", { instance: config.instance }],
    ["replace-keys", { keys: keys.name }],
    ["domain", {}],
    ["generate-key", { card, cardKey }],
  ];
  const { id, publicKey: issuerKey } = config.cardIssuerKey;
  if (progress.issuerKey) {
    expectSame("issuerKey", await read("issuerKey"), concatBytes(Uint8Array.of(id), issuerKey));
    steps.push(["issuer-key", { issuerKeyId: id }]);
  }
  if (progress.address) {
    expectSame("address", await read("address"), addressOfKey(publicKey));
    steps.push(["address", {}]);
  }
  const owner = progress.owner ? await read("owner") : null;
  if (owner !== null) steps.push(["owner", {}]);
  if (progress.pin) steps.push(["pin", {}]);
  return { cardName, card, cardKey, owner, steps };
}

/** That the card holds its key, its newest allowance, and where it has paid, its proof of that. */
async function readState(
  visit: CardVisit,
  selected: Selected | null,
  { config, environment, cardKey }: AdoptOptions & Found,
): Promise<readonly (readonly [StepName, StepData])[]> {
  const challenge = environment.randomBytes(16);
  const { signature: der, ...state } = expectOk("PROVE", await prove(visit.channel, challenge));
  const proof = encodeStateProof({ domain: config.domain, challenge, ...state });
  const key = Uint8Array.from(Buffer.from(cardKey.slice(2), "hex"));
  const signature = checkCardSignature("PROVE", { der, digest: digestOf(proof), cardKey: key });
  const steps: (readonly [StepName, StepData])[] = [["prove", {}]];
  if (selected?.kind !== "personalized") return steps;
  const { allowanceBody, allowanceSignature, counter } = selected.answer;
  const signed = { body: toHex(encodeAllowanceBody(allowanceBody)), signature: toHex(allowanceSignature) };
  steps.push(["allowance", signed], ["write-allowance", {}]);
  // It has paid before: the proof tells settlement how far it is, and which vouchers are missing.
  const seen = { seen: "configuration", proof: toHex(proof), proofSignature: toHex(signature) };
  if (counter > 0) steps.push(["final-tap", seen]);
  return steps;
}
