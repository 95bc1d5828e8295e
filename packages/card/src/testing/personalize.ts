import {
  C_DECRYPTION,
  C_MAC,
  type CardChannel,
  createKeySet,
  exchangeOk,
  installCommand,
  type KeySet,
  openScp03,
  R_MAC,
  type SecureSession,
  selectCommand,
  selectDefaultCommand,
} from "@tallystick/apdu";
import {
  type Address,
  addressOfKey,
  type AllowanceBody,
  digestOf,
  type Domain,
  encodeAllowance,
  encodeAllowanceBody,
  instanceAid,
  PACKAGE_AID,
  type Signer,
  toAddress,
  uncompressKey,
} from "@tallystick/protocol";
import { generateKey } from "../commands/generate-key.ts";
import { open } from "../commands/open.ts";
import {
  storeAddressCommand,
  storeData,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
  storePinCommand,
} from "../commands/store-data.ts";
import { updateAllowance } from "../commands/update-allowance.ts";
import type { CommandResult } from "../exchange/command-result.ts";

/** What a test gives a card. */
export interface Particulars {
  readonly domain: Domain;
  readonly issuer: Signer;
  readonly body: AllowanceBody;
  /** An address of no meaning when left out. */
  readonly owner?: Address;
  /** No PIN when left out. */
  readonly pin?: Uint8Array;
}

/** The PUK of every test card that has a PIN. */
export const TEST_PUK = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** The version of the key that cards leave the factory with; a test card keeps it. */
export const FACTORY_VERSION = 0xff;

/** The key that everybody knows (GlobalPlatform's test key 40…4F). */
export function factoryKeys(): KeySet {
  const key = Uint8Array.from({ length: 16 }, (_, index) => 0x40 + index);
  return createKeySet({ version: FACTORY_VERSION, enc: key, mac: key, dek: key });
}

/** Opens a session with what is selected, at the level that personalization needs unless another is named. */
export async function openTestSession(
  channel: CardChannel,
  hostChallenge: Uint8Array,
  {
    keys = factoryKeys(),
    securityLevel = C_MAC | C_DECRYPTION | R_MAC,
  }: { keys?: KeySet; securityLevel?: number } = {},
): Promise<SecureSession> {
  return await openScp03(channel, { keys, hostChallenge, securityLevel });
}

/** Installs an instance of the applet on a blank card, and opens a session with it. */
export async function installAndOpen(
  channel: CardChannel,
  { draw, instance = 1 }: { readonly draw: (length: number) => Uint8Array; readonly instance?: number },
): Promise<SecureSession> {
  const aid = instanceAid(instance);
  await exchangeOk(channel, "SELECT", selectDefaultCommand());
  const domainSession = await openTestSession(channel, draw(8));
  const install = installCommand({ packageAid: PACKAGE_AID, moduleAid: instanceAid(1), instanceAid: aid });
  await exchangeOk(domainSession.transmit, "INSTALL", install);
  domainSession.close();
  await exchangeOk(channel, "SELECT", selectCommand(aid));
  return await openTestSession(channel, draw(8));
}

/** The value of a command, or an error with the card's sentence. */
export async function must<T>(work: Promise<CommandResult<T>>): Promise<T> {
  const result = await work;
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

/**
 * Gives a card its domain, the issuer's key, a key of its own, address, owner and PIN, in the order of spec §4.8; answers
 * its uncompressed key.
 */
export async function storeParticulars(
  transmit: CardChannel,
  { domain, issuer, body, owner = toAddress(new Uint8Array(20).fill(0x77)), pin }: Particulars,
  seal: Parameters<typeof storePinCommand>[0],
): Promise<Uint8Array> {
  const issuerKey = { keyId: body.issuerKeyId, publicKey: uncompressKey(issuer.publicKey) };
  await must(storeData(transmit, storeDomainCommand(domain)));
  await must(storeData(transmit, storeIssuerKeyCommand(issuerKey)));
  const publicKey = await must(generateKey(transmit));
  await must(storeData(transmit, storeAddressCommand(addressOfKey(publicKey))));
  await must(storeData(transmit, storeOwnerCommand(owner)));
  if (pin !== undefined) await must(storeData(transmit, storePinCommand(seal, { pin, puk: TEST_PUK })));
  return publicKey;
}

/** Gives a card an allowance that the issuer signed; the first one needs the session of the personalization. */
export async function giveAllowance(
  channel: CardChannel,
  publicKey: Uint8Array,
  { domain, issuer, body }: Particulars,
): Promise<void> {
  const allowance = encodeAllowance({ domain, card: addressOfKey(publicKey), body });
  const signature = await issuer.sign(digestOf(allowance));
  await must(updateAllowance(channel, { body: encodeAllowanceBody(body), signature }));
}

/**
 * Makes a blank card with the applet one that can pay, as a personalizer does (spec §4.8) but without a vault behind it;
 * answers its uncompressed key.
 */
export async function personalizeTestCard(
  channel: CardChannel,
  particulars: Particulars,
  options: { readonly draw: (length: number) => Uint8Array; readonly instance?: number },
): Promise<Uint8Array> {
  const session = await installAndOpen(channel, options);
  const seal = (data: Uint8Array): Uint8Array => session.encryptSensitive(data);
  const publicKey = await storeParticulars(session.transmit, particulars, seal);
  await must(open(session.transmit));
  await giveAllowance(session.transmit, publicKey, particulars);
  session.close();
  return publicKey;
}
