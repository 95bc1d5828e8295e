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
  CardError,
  type CardRefusal,
  getBeacon,
  getLog,
  getVersion,
  payCommand,
  payShortCommand,
  type PinTerminal,
  presentCertificateCommand,
  prove,
  type ProveAnswer,
  putBeacon,
  type SignedCertificate,
  startPinSession,
  updateAllowanceCommand,
  verifyPin,
} from "@tallystick/card";
import {
  type Beacon,
  type CardRecord,
  isProtocolError,
  type PayRequest,
  type ReasonCode,
  reasonOfStatusWord,
} from "@tallystick/protocol";
import { type CardMemory, CardSelector, type SelectOutcome } from "./select-card.ts";
import { SW_NOT_FOUND, SW_OK, statusWordText } from "./status-words.ts";

/** The two forms of SELECT and PAY (spec §4.4, §4.5). */
export type CommandForm = "short" | "long";

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
   * SELECT in the form that is worth asking (spec §5.16), or in the long one. Rejects with a ReaderError
   * where the card has gone: nothing was asked of it, so nothing is open.
   */
  select(instance: number, form?: CommandForm): Promise<SelectOutcome>;
  /** What the card showed of its short forms since it was connected; null where it was not asked. */
  readonly shortForms: "has" | "lacks" | null;
  /** Whether the card says that it has the short forms (DF01, spec §4.7). Rejects like select. */
  saysShortForms(): Promise<boolean>;
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
  pay(request: Uint8Array, form?: CommandForm): Promise<PayOutcome>;
}

/**
 * Sends a tap's commands over a connection. With a memory of cards, SELECT is in the short form as long
 * as that serves.
 */
export function createTapCard(connection: Pick<CardConnection, "transmit">, memory: CardMemory | null = null): TapCard {
  let apdus = 0;
  const counted = async (command: Uint8Array): Promise<Uint8Array> => {
    apdus += 1;
    return await connection.transmit(command);
  };
  const transmit = withLengthRetry(withGetResponse(counted));
  const selector = new CardSelector(transmit, memory);
  return {
    get apdus() {
      return apdus;
    },
    select: async (instance, form = "short") => await selector.select(instance, form),
    get shortForms() {
      return selector.shortForms;
    },
    saysShortForms: async () => await saysShortForms(transmit),
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
    pay: async (request, form = "long") => {
      try {
        const command = form === "short" ? payShortCommand(request) : payCommand(request);
        const { data, sw } = parseResponse(await transmit(encodeCommand(command)));
        return { kind: "answer", sw, data };
      } catch (error) {
        return { kind: "torn", cause: isReaderError(error) ? error.code : "TORN" };
      }
    },
  };
}

async function saysShortForms(transmit: CardChannel): Promise<boolean> {
  try {
    const said = await getVersion(transmit);
    return said.ok && said.value.shortForms;
  } catch (error) {
    // What says nonsense of itself says nothing.
    if (error instanceof CardError) return false;
    throw error;
  }
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
