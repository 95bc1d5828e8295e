import {
  type CardChannel,
  createKeySet,
  exchangeOk,
  installCommand,
  kdf3KeySet,
  type KeySet,
  openScp03,
  putKeyCommand,
  selectCommand,
  selectDefaultCommand,
  verifyPutKeyAnswer,
} from "@tallystick/apdu";
import {
  addressOfKey,
  compressKey,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  encodePayRequest,
  instanceAid,
  PACKAGE_AID,
  type PayAnswer,
  type PayRequest,
  toAddress,
} from "@tallystick/protocol";
import {
  type LoggedPayment,
  getLog,
  open,
  pay,
  prove,
  type ProveAnswer,
  select,
  updateAllowance,
} from "@tallystick/card";
import { body, domain, issuer, must, request, storeParticulars } from "./issued-card.ts";

// One card from its factory keys to its first payment, in the order of spec §4.8, with nothing
// drawn by chance on this side: the same card answers give the same commands, so a recording of it
// replays.

const FACTORY_VERSION = 0xff;
/** C-MAC, C-DECRYPTION, R-MAC. */
const SECURITY_LEVEL = 0x13;
const counting = (first: number, length: number) => Uint8Array.from({ length }, (_unused, index) => first + index);

/**
 * Development keys: the ones that every card leaves its factory with, and a master key that is
 * known to all who read this.
 */
export const FACTORY_KEY: Uint8Array = counting(0x40, 16);
export const MASTER_KEY: Uint8Array = counting(0xa0, 16);

/** What the card said of itself on the way. */
export interface IssuedAndPaid {
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  /** DER over `TLYO`. */
  readonly opening: Uint8Array;
  readonly proof: ProveAnswer;
  readonly request: PayRequest;
  readonly paid: PayAnswer;
  /** The same request once more. */
  readonly again: PayAnswer;
  readonly logged: LoggedPayment;
}

export const CHALLENGE: Uint8Array = counting(0x10, 16);

/** Replaces the factory keys by those of this card (kdf3) and installs the applet. */
async function prepare(channel: CardChannel): Promise<KeySet> {
  await exchangeOk(channel, "SELECT", selectDefaultCommand());
  const factory = createKeySet({ version: FACTORY_VERSION, enc: FACTORY_KEY, mac: FACTORY_KEY, dek: FACTORY_KEY });
  let own: KeySet | null = null;
  const session = await openScp03(channel, {
    keys: async (answer) => {
      own = kdf3KeySet(MASTER_KEY, { version: 0x01, diversificationData: answer.diversificationData });
      return await Promise.resolve(factory);
    },
    hostChallenge: counting(1, 8),
    securityLevel: SECURITY_LEVEL,
  });
  if (own === null) throw new Error("the card has not named itself");
  const confirmed = await exchangeOk(session.transmit, "PUT KEY", putKeyCommand(session, { keys: own }));
  verifyPutKeyAnswer(confirmed, own);
  const aids = { packageAid: PACKAGE_AID, moduleAid: instanceAid(1), instanceAid: instanceAid(1) };
  await exchangeOk(session.transmit, "INSTALL", installCommand(aids));
  session.close();
  return own;
}

/** Issues the card behind a channel and lets it pay 50 units. */
export async function issueAndPay(channel: CardChannel): Promise<IssuedAndPaid> {
  const keys = await prepare(channel);
  await exchangeOk(channel, "SELECT", selectCommand(instanceAid(1)));
  const session = await openScp03(channel, { keys, hostChallenge: counting(9, 8), securityLevel: SECURITY_LEVEL });
  const owner = toAddress(counting(0x81, 20));
  const publicKey = await storeParticulars(session.transmit, { owner, seal: (data) => session.encryptSensitive(data) });
  const cardKey = compressKey(publicKey);
  const opening = await must(open(session.transmit));
  const card = addressOfKey(publicKey);
  const signature = await issuer.sign(digestOf(encodeAllowance({ domain, card, body })));
  await must(updateAllowance(session.transmit, { body: encodeAllowanceBody(body), signature }));
  session.close();
  keys.destroy();

  await must(select(channel));
  const asked = request(cardKey, 1, 50n);
  const paid = await must(pay(channel, encodePayRequest(asked)));
  const again = await must(pay(channel, encodePayRequest(asked)));
  const proof = await must(prove(channel, CHALLENGE));
  const logged = await must(getLog(channel, 0, asked.payee));
  return { cardKey, opening, proof, request: asked, paid, again, logged };
}
