import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import {
  type Domain,
  type OpenPinSession,
  openPinSession,
  type PinSession,
  verifyPinSession,
} from "@tallystick/protocol";
import { CardError, exactLength } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/**
 * The card's answer to PIN SESSION (spec §4.2): its fresh key, and its DER signature over `TLYE`.
 */
export interface PinSessionAnswer {
  /** Uncompressed, 65 bytes. */
  readonly ephemeralKey: Uint8Array;
  readonly signature: Uint8Array;
}

const KEY_BYTES = 65;

/** PIN SESSION with 16 random bytes of the terminal. */
export function pinSessionCommand(challenge: Uint8Array): CommandApdu {
  exactLength(challenge, 16, "PIN SESSION challenge");
  return { cla: CLA_TALLYSTICK, ins: INS.pinSession, p1: 0, p2: 0, data: challenge, le: 256 };
}

/** Reads the answer to PIN SESSION. */
export function readPinSessionAnswer(data: Uint8Array): PinSessionAnswer {
  if (data.length <= KEY_BYTES) {
    const actual = `${data.length} bytes`;
    throw new CardError("ANSWER_LENGTH", { command: "PIN SESSION", expected: `more than ${KEY_BYTES} bytes`, actual });
  }
  return { ephemeralKey: data.slice(0, KEY_BYTES), signature: data.slice(KEY_BYTES) };
}

/** What a terminal brings to a PIN session. Both random values are used once. */
export interface PinTerminal {
  readonly domain: Domain;
  /** The card's key as SELECT showed it, 33 bytes. */
  readonly cardKey: Uint8Array;
  /** 16 random bytes. */
  readonly challenge: Uint8Array;
  /** 32 random bytes. */
  readonly ephemeralSecret: Uint8Array;
}

/**
 * Opens a session for one PIN command and proves that its other end is this card. Ask the
 * cardholder for the PIN only after it has resolved: before that somebody between card and terminal
 * could read it (spec §4.9). Throws ProtocolError where the card's signature does not hold.
 */
export async function startPinSession(
  channel: CardChannel,
  terminal: PinTerminal,
): Promise<CommandResult<OpenPinSession>> {
  const answer = await runCommand(channel, pinSessionCommand(terminal.challenge), readPinSessionAnswer);
  if (!answer.ok) return answer;
  const { ephemeralKey, signature } = answer.value;
  const session: PinSession = { domain: terminal.domain, challenge: terminal.challenge, ephemeralKey };
  verifyPinSession(session, signature, terminal.cardKey);
  return { ok: true, value: openPinSession(session, terminal.ephemeralSecret) };
}
