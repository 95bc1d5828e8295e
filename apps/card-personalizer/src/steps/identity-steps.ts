import {
  generateKey,
  getDataObject,
  getProgress,
  open,
  prove,
  storeAddressCommand,
  storeData,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
} from "@tallystick/card";
import type { CardChannel } from "@tallystick/apdu";
import {
  addressOfKey,
  compressKey,
  digestOf,
  encodeOpening,
  encodeStateProof,
  fromHex,
  isProtocolError,
  normalizeCardSignature,
  parseAddress,
  toHex,
  type Address,
  type Domain,
} from "@tallystick/protocol";
import { expectOk } from "../card/expect.ts";
import { Failure } from "../failures.ts";
import { textOf, type StepRunner } from "./step-runner.ts";

export interface Identity {
  readonly domain: Domain;
  readonly issuerKey: { readonly id: number; readonly publicKey: Uint8Array };
  readonly owner: Address;
  /** 16 fresh random bytes. */
  readonly challenge: () => Uint8Array;
}

/** Domain and issuer key; written twice with the same value they answer 9000, so they are simply written again. */
export async function writeDomain(channel: CardChannel, steps: StepRunner, identity: Identity): Promise<void> {
  await steps.run("domain", {
    work: async () => {
      expectOk("STORE DATA domain", await storeData(channel, storeDomainCommand(identity.domain)));
      return {};
    },
  });
  await steps.run("issuer-key", {
    work: async () => {
      const { id, publicKey } = identity.issuerKey;
      const command = storeIssuerKeyCommand({ keyId: id, publicKey });
      expectOk("STORE DATA issuer key", await storeData(channel, command));
      return { issuerKeyId: id };
    },
  });
}

/** Makes the key pair once; a torn command is found out by asking the card how far it is. */
export async function makeKey(channel: CardChannel, steps: StepRunner): Promise<void> {
  await steps.run("generate-key", {
    work: async () => {
      const { keyPair } = expectOk("GET DATA progress", await getProgress(channel));
      if (!keyPair) expectOk("GENERATE KEY", await generateKey(channel));
      // Read under the channel's response MAC: nobody between card and line can have put another key here.
      const publicKey = expectOk("GET DATA public key", await getDataObject(channel, "publicKey"));
      return { cardKey: toHex(compressKey(publicKey)), card: toHex(addressOfKey(publicKey)) };
    },
  });
}

/** The card shows that it holds the key that was read. PROVE goes in clear: any terminal may ask for it (spec §4.2). */
export async function provePossession(channel: CardChannel, steps: StepRunner, identity: Identity): Promise<void> {
  const cardKey = fromHex(textOf(steps.dataOf("generate-key"), "cardKey"));
  await steps.run("prove", {
    work: async () => {
      const challenge = identity.challenge();
      const { signature, ...state } = expectOk("PROVE", await prove(channel, challenge));
      const proof = encodeStateProof({ domain: identity.domain, challenge, ...state });
      checkSignature("PROVE", { der: signature, digest: digestOf(proof), cardKey });
      return {};
    },
  });
}

/** Address and owner, and the card's signature under its opening. */
export async function writeIdentity(channel: CardChannel, steps: StepRunner, identity: Identity): Promise<void> {
  const identified = steps.dataOf("generate-key");
  await steps.run("address", {
    work: async () => {
      expectOk(
        "STORE DATA address",
        await storeData(channel, storeAddressCommand(parseAddress(textOf(identified, "card")))),
      );
      return {};
    },
  });
  await steps.run("owner", {
    work: async () => {
      expectOk("STORE DATA owner", await storeData(channel, storeOwnerCommand(identity.owner)));
      return {};
    },
  });
}

/** The card's word that this owner may open it in this vault. */
export async function signOpening(channel: CardChannel, steps: StepRunner, identity: Identity): Promise<void> {
  const cardKey = fromHex(textOf(steps.dataOf("generate-key"), "cardKey"));
  await steps.run("opening", {
    work: async () => {
      const der = expectOk("OPEN", await open(channel));
      const digest = digestOf(encodeOpening({ domain: identity.domain, owner: identity.owner }));
      return { openingSignature: toHex(checkSignature("OPEN", { der, digest, cardKey })) };
    },
  });
}

/** The card's signature as r ‖ s; throws Failure CARD_CONTRADICTS where it is not this card's over these bytes. */
function checkSignature(
  command: string,
  { der, digest, cardKey }: { der: Uint8Array; digest: Uint8Array; cardKey: Uint8Array },
): Uint8Array {
  try {
    return normalizeCardSignature(der, digest, cardKey).signature;
  } catch (error) {
    if (isProtocolError(error))
      throw new Failure("CARD_CONTRADICTS", `${command} is not signed by the card's own key.`);
    throw error;
  }
}
