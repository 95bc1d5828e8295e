import {
  type CardChannel,
  type CardConnection,
  encodeCommand,
  isReaderError,
  parseResponse,
  withGetResponse,
  withLengthRetry,
} from "@tallystick/apdu";
import {
  type CardRefusal,
  getBeacon,
  getLog,
  payCommand,
  type PinTerminal,
  presentCertificateCommand,
  prove,
  type ProveAnswer,
  putBeacon,
  selectInstanceCommand,
  type SignedCertificate,
  startPinSession,
  updateAllowanceCommand,
  verifyPin,
} from "@tallystick/card";
import {
  type Beacon,
  type CardRecord,
  decodeSelectAnswer,
  isBlankSelectAnswer,
  isProtocolError,
  type PayRequest,
  type ReasonCode,
  reasonOfStatusWord,
  type SelectAnswer,
} from "@tallystick/protocol";
import { SW_NOT_FOUND, SW_NOT_SELECTABLE, SW_OK, statusWordText } from "./status-words.ts";

/** What SELECT of one instance brought. */
export type SelectOutcome =
  | { readonly kind: "card"; readonly select: SelectAnswer; readonly bytes: Uint8Array }
  /**
   * A card, but not one that can pay. `absent` is true where there is no such instance, and no
   * further one.
   */
  | { readonly kind: "refused"; readonly code: ReasonCode; readonly sw: string; readonly absent: boolean };

/** What PAY brought: an answer, or nothing that can be relied on. */
export type PayOutcome =
  | { readonly kind: "answer"; readonly sw: number; readonly data: Uint8Array }
  /** No complete answer: open whether the card paid. */
  | { readonly kind: "torn"; readonly cause: string };

/** What a terminal shows a PIN with; whoever made the digits overwrites them. */
export interface PinUse {
  readonly terminal: PinTerminal;
  /** One digit in each byte, 0–9. */
  readonly pin: Uint8Array;
  readonly request: PayRequest;
}

/** The commands of a tap to a card that is on the reader (spec §4.4, §4.5). */
export interface TapCard {
  /** Commands sent since the card was connected, or since the last reset of the count. */
  readonly apdus: number;
  /**
   * Rejects with a ReaderError where the card has gone: nothing was asked of it, so nothing is
   * open.
   */
  select(instance: number): Promise<SelectOutcome>;
  /**
   * PRESENT CERTIFICATE (spec §4.14), for cards that pay only merchants that show them one. Rejects
   * like select.
   */
  presentCertificate(signed: SignedCertificate): Promise<{ readonly code: ReasonCode; readonly sw: string } | null>;
  /**
   * Shows the card the cardholder's PIN for exactly one request (spec §4.9), in a session that
   * nobody between can read. Rejects like select.
   */
  verifyPin(
    use: PinUse,
  ): Promise<{ readonly code: ReasonCode | "PIN_SESSION_UNTRUSTED"; readonly sw: string | null } | null>;
  /**
   * BEACON get (spec §4.15): what the card carries; null where it carries none. Rejects for a card
   * that is gone or answers nonsense.
   */
  getBeacon(): Promise<Beacon | null>;
  /** BEACON put; whether the card took it. Rejects like getBeacon. */
  putBeacon(beacon: Beacon): Promise<boolean>;
  /**
   * UPDATE ALLOWANCE (spec §4.11), body 62 and signature 64: the status word, or null where no whole
   * answer came and the card may have taken it. Never rejects.
   */
  updateAllowance(allowance: { readonly body: Uint8Array; readonly signature: Uint8Array }): Promise<number | null>;
  /** PROVE (spec §4.2); null where the card refuses or has gone. Never rejects. */
  prove(challenge: Uint8Array): Promise<ProveAnswer | null>;
  /** GET LOG (spec §4.13): the payment of this age, 0 is the newest; null where there is none. Rejects like select. */
  logged(age: number): Promise<CardRecord | null>;
  /** Never rejects: whatever goes wrong after PAY was sent is a torn tap. */
  pay(request: Uint8Array): Promise<PayOutcome>;
}

/** Sends a tap's commands over a connection. */
export function createTapCard(connection: Pick<CardConnection, "transmit">): TapCard {
  let apdus = 0;
  const counted = async (command: Uint8Array): Promise<Uint8Array> => {
    apdus += 1;
    return await connection.transmit(command);
  };
  const transmit = withLengthRetry(withGetResponse(counted));
  return {
    get apdus() {
      return apdus;
    },
    select: async (instance) => {
      const { data, sw } = parseResponse(await transmit(encodeCommand(selectInstanceCommand(instance))));
      return readSelect(data, sw);
    },
    presentCertificate: async (signed) => {
      const { sw } = parseResponse(await transmit(encodeCommand(presentCertificateCommand(signed))));
      return sw === SW_OK ? null : { code: reasonOfStatusWord(sw), sw: statusWordText(sw) };
    },
    verifyPin: async (use) => await sendPin(transmit, use),
    getBeacon: async () => {
      const carried = await getBeacon(transmit);
      if (carried.ok) return carried.value;
      if (carried.sw === SW_NOT_FOUND) return null;
      throw new RangeError(`this card has no beacon: ${statusWordText(carried.sw)}`);
    },
    putBeacon: async (beacon) => (await putBeacon(transmit, beacon)).ok,
    updateAllowance: async (allowance) => {
      try {
        return parseResponse(await transmit(encodeCommand(updateAllowanceCommand(allowance)))).sw;
      } catch {
        return null;
      }
    },
    prove: async (challenge) => {
      try {
        const proved = await prove(transmit, challenge);
        return proved.ok ? proved.value : null;
      } catch {
        return null;
      }
    },
    logged: async (age) => {
      const logged = await getLog(transmit, age);
      return logged.ok ? logged.value.record : null;
    },
    pay: async (request) => {
      try {
        const { data, sw } = parseResponse(await transmit(encodeCommand(payCommand(request))));
        return { kind: "answer", sw, data };
      } catch (error) {
        return { kind: "torn", cause: isReaderError(error) ? error.code : "TORN" };
      }
    },
  };
}

async function sendPin(transmit: CardChannel, use: PinUse): ReturnType<TapCard["verifyPin"]> {
  const refused = ({ reason, sw }: CardRefusal) => ({ code: reason, sw: statusWordText(sw) });
  try {
    const session = await startPinSession(transmit, use.terminal);
    if (!session.ok) return refused(session);
    const verified = await verifyPin(transmit, session.value, { pin: use.pin, request: use.request });
    return verified.ok ? null : refused(verified);
  } catch (error) {
    // The card's signature over its fresh key is wrong: somebody may stand between card and
    // terminal.
    if (isProtocolError(error)) return { code: "PIN_SESSION_UNTRUSTED", sw: null };
    throw error;
  }
}

function readSelect(data: Uint8Array, sw: number): SelectOutcome {
  const text = statusWordText(sw);
  if (sw !== SW_OK) return { kind: "refused", code: "CARD_NOT_TALLYSTICK", sw: text, absent: sw !== SW_NOT_SELECTABLE };
  if (isBlankSelectAnswer(data)) return { kind: "refused", code: "CARD_NOT_PERSONALIZED", sw: text, absent: false };
  try {
    return { kind: "card", select: decodeSelectAnswer(data), bytes: data };
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    const foreign = error.code === "UNKNOWN_TAG" || error.code === "WRONG_LENGTH" || error.code === "SURPLUS_BYTES";
    return {
      kind: "refused",
      code: foreign ? "CARD_NOT_TALLYSTICK" : "CARD_ANSWER_MALFORMED",
      sw: text,
      absent: false,
    };
  }
}
