import type { CardChannel } from "@tallystick/apdu";
import { type Address, digestOf, type Domain, encodeLogReading, type Signer } from "@tallystick/protocol";
import { getChallenge } from "./commands/get-challenge.ts";
import { getLog, type LoggedPayment } from "./commands/get-log.ts";
import { presentCertificate, type SignedCertificate } from "./commands/present-certificate.ts";
import type { CommandResult } from "./exchange/command-result.ts";

/** A certified terminal in front of one card. */
export interface LogTerminal {
  readonly certificate: SignedCertificate;
  /** The certificate's payee. */
  readonly payee: Address;
  /** Holds the terminal key that the certificate names. */
  readonly signer: Signer;
  /** The card's, by which its tag was recognised. */
  readonly domain: Domain;
  /** From SELECT, 8 bytes. */
  readonly cardTag: Uint8Array;
}

/**
 * Reads the first payment of a payee, in three steps (spec §4.13): presents the certificate, asks
 * for a challenge, signs it. Until the card is deselected or shown a certificate, `getLog` with the
 * payee alone then reads the others. 6982: the card does not take this terminal for the payee's.
 */
export async function openLog(
  channel: CardChannel,
  terminal: LogTerminal,
  age: number,
): Promise<CommandResult<LoggedPayment>> {
  const presented = await presentCertificate(channel, terminal.certificate);
  if (!presented.ok) return presented;
  const challenge = await getChallenge(channel);
  if (!challenge.ok) return challenge;
  const { domain, cardTag, payee, signer } = terminal;
  const reading = encodeLogReading({ domain, cardTag, challenge: challenge.value });
  return await getLog(channel, age, { payee, signature: await signer.sign(digestOf(reading)) });
}
