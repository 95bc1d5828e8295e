import {
  bytesFromHex,
  type CardChannel,
  createKeySet,
  exchangeOk,
  installCommand,
  openScp03,
  type SecureSession,
  selectCommand,
  selectDefaultCommand,
  storeDataGroupCommand,
} from "@tallystick/apdu";
import { instanceAid, PACKAGE_AID } from "@tallystick/protocol";

/** The key of a card that nobody has personalized. */
const FACTORY_KEY = bytesFromHex("404142434445464748494A4B4C4D4E4F");
const HOST_CHALLENGE = bytesFromHex("06F85B77251BF794");
/** C-MAC, C-DECRYPTION and R-MAC: what the applet asks for. */
const PERSONALIZATION_LEVEL = 0x13;

/** DGI of the voucher domain and GENERATE KEY (docs/spec/4-card.md). */
const DGI_DOMAIN = 0x7f02;
const GENERATE_KEY = { cla: 0x80, ins: 0x46, p1: 0x00, p2: 0x00, le: 256 };
const VOUCHER_DOMAIN = Uint8Array.from({ length: 28 }, (_, index) => (index === 7 || index === 27 ? 1 : 0));

/** Opens a channel with what is selected on a fresh card. The challenge is always the same: only the card's must be new. */
export async function openFactoryChannel(channel: CardChannel, securityLevel: number): Promise<SecureSession> {
  const keys = createKeySet({ version: 0xff, enc: FACTORY_KEY, mac: FACTORY_KEY, dek: FACTORY_KEY });
  return await openScp03(channel, { keys, hostChallenge: HOST_CHALLENGE, securityLevel });
}

/** Installs the applet on a fresh card and gives it a domain and a key, so that it can prove its state. */
export async function prepareApplet(channel: CardChannel): Promise<void> {
  const aid = instanceAid(1);
  await exchangeOk(channel, "SELECT", selectDefaultCommand());
  const domain = await openFactoryChannel(channel, PERSONALIZATION_LEVEL);
  const install = installCommand({ packageAid: PACKAGE_AID, moduleAid: aid, instanceAid: aid });
  await exchangeOk(domain.transmit, "INSTALL", install);
  domain.close();
  await exchangeOk(channel, "SELECT", selectCommand(aid));
  const applet = await openFactoryChannel(channel, PERSONALIZATION_LEVEL);
  await exchangeOk(applet.transmit, "STORE DATA", storeDataGroupCommand(DGI_DOMAIN, VOUCHER_DOMAIN));
  await exchangeOk(applet.transmit, "GENERATE KEY", GENERATE_KEY);
  applet.close();
}
