import type { CardChannel } from "@tallystick/apdu";
import {
  type Address,
  addressOfKey,
  type AllowanceBody,
  cardTag,
  compressKey,
  createSigner,
  digestOf,
  type Domain,
  encodeAllowance,
  encodeAllowanceBody,
  type OpenPinSession,
  type PayRequest,
  toAddress,
  uncompressKey,
} from "@tallystick/protocol";
import {
  type CommandResult,
  generateKey,
  select,
  startPinSession,
  storeAddressCommand,
  storeData,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
  storePinCommand,
  updateAllowance,
} from "@tallystick/card";
import { openSoftwareCard, type SoftwareCard, type SoftwareCardStore } from "../index.ts";

export const domain: Domain = { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(0x11)) };
export const issuer = createSigner(digestOf(new TextEncoder().encode("issuer of the software card's tests")));
export const PIN = Uint8Array.of(1, 2, 3, 4);
export const WRONG_PIN = Uint8Array.of(4, 3, 2, 1);
export const PUK = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** Random bytes that are the same in every run. */
export function predictable(seed = 0): (length: number) => Uint8Array {
  let count = 0;
  return (length) => digestOf(Uint8Array.of(seed, count++)).slice(0, length);
}

/** What a store throws that cannot save. */
export class StoreError extends Error {
  readonly code = "STORE_FULL";
}

export class MemoryStore implements SoftwareCardStore {
  image: Uint8Array | null = null;
  saves = 0;
  failing = false;

  async load(): Promise<Uint8Array | null> {
    return await Promise.resolve(this.image);
  }

  async save(image: Uint8Array): Promise<void> {
    await Promise.resolve();
    if (this.failing) throw new StoreError("The store has no space left.");
    this.image = image.slice();
    this.saves += 1;
  }
}

export const body: AllowanceBody = {
  issuerKeyId: 1,
  seq: 1,
  maxSpent: 10_000n,
  softSpent: 10_000n,
  maxCounter: 1_000,
  perTap: 500n,
  pinAbove: 100n,
  noPinSum: 300n,
  noPinCount: 9,
  notBefore: 1_000,
  notAfter: 2_000,
  cardIndex: 0,
  categories: 2n ** 64n - 1n,
  flags: 4,
};

/** What a command answered, or an error with its sentence. */
export async function must<T>(work: Promise<CommandResult<T>>): Promise<T> {
  const result = await work;
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

/**
 * Gives a card its domain, the issuer's key, a key of its own, address, owner and PIN, in the order
 * of spec §4.8; answers its uncompressed key.
 */
export async function storeParticulars(
  transmit: CardChannel,
  { owner, seal }: { readonly owner: Address; readonly seal: Parameters<typeof storePinCommand>[0] },
): Promise<Uint8Array> {
  await must(storeData(transmit, storeDomainCommand(domain)));
  await must(storeData(transmit, storeIssuerKeyCommand({ keyId: 1, publicKey: uncompressKey(issuer.publicKey) })));
  const publicKey = await must(generateKey(transmit));
  await must(storeData(transmit, storeAddressCommand(addressOfKey(publicKey))));
  await must(storeData(transmit, storeOwnerCommand(owner)));
  await must(storeData(transmit, storePinCommand(seal, { pin: PIN, puk: PUK })));
  return publicKey;
}

export async function personalized(
  store: MemoryStore,
  { contactless = false, seed = 0 }: { readonly contactless?: boolean; readonly seed?: number } = {},
): Promise<{ card: SoftwareCard; cardKey: Uint8Array }> {
  const card = await openSoftwareCard({ store, random: predictable(seed), contactless });
  const inside = card.personalize;
  await select(card.transmit);
  const owner = toAddress(new Uint8Array(20).fill(0x99));
  const publicKey = await storeParticulars(inside, { owner, seal: card.encryptSensitive });
  const address = addressOfKey(publicKey);
  const signature = await issuer.sign(digestOf(encodeAllowance({ domain, card: address, body })));
  await must(updateAllowance(inside, { body: encodeAllowanceBody(body), signature }));
  return { card, cardKey: compressKey(publicKey) };
}

export function request(cardKey: Uint8Array, counter: number, amount: bigint): PayRequest {
  return {
    cardTag: cardTag(domain, cardKey),
    counter,
    payee: toAddress(new Uint8Array(20).fill(0xaa)),
    amount,
    time: 1_500,
    challenge: new Uint8Array(16).fill(counter),
    terminalId: new Uint8Array(8).fill(7),
    category: 3,
  };
}

/** A PIN session whose other end is proved to be the card. */
export async function pinSession(card: SoftwareCard, cardKey: Uint8Array): Promise<OpenPinSession> {
  const terminal = {
    domain,
    cardKey,
    challenge: new Uint8Array(16).fill(1),
    ephemeralSecret: new Uint8Array(32).fill(2),
  };
  const opened = await startPinSession(card.transmit, terminal);
  if (!opened.ok) throw new Error(opened.message);
  return opened.value;
}
