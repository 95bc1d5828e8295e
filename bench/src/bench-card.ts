import {
  bytesFromHex,
  type CardChannel,
  exchangeOk,
  type SecureSession,
  storeDataGroupCommand,
} from "@tallystick/apdu";
import { installAndOpen, openTestSession } from "@tallystick/card/testing";

const HOST_CHALLENGE = bytesFromHex("06F85B77251BF794");

/** DGI of the voucher domain and GENERATE KEY (docs/spec/4-card.md). */
const DGI_DOMAIN = 0x7f02;
const GENERATE_KEY = { cla: 0x80, ins: 0x46, p1: 0x00, p2: 0x00, le: 256 };
const VOUCHER_DOMAIN = Uint8Array.from({ length: 28 }, (_, index) => (index === 7 || index === 27 ? 1 : 0));

/** Opens a channel with what is selected on a fresh card. The challenge is always the same: only the card's must be new. */
export async function openFactoryChannel(channel: CardChannel, securityLevel: number): Promise<SecureSession> {
  return await openTestSession(channel, HOST_CHALLENGE, { securityLevel });
}

/** Installs the applet on a fresh card and gives it a domain and a key, so that it can prove its state. */
export async function prepareApplet(channel: CardChannel): Promise<void> {
  const applet = await installAndOpen(channel, { draw: () => HOST_CHALLENGE });
  await exchangeOk(applet.transmit, "STORE DATA", storeDataGroupCommand(DGI_DOMAIN, VOUCHER_DOMAIN));
  await exchangeOk(applet.transmit, "GENERATE KEY", GENERATE_KEY);
  applet.close();
}
