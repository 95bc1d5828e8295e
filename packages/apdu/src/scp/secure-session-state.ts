import { ApduError } from "../iso7816/apdu-error.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";
import type { InitializeUpdateAnswer } from "./initialize-update.ts";
import { parseResponse } from "../iso7816/response-apdu.ts";
import { isWarning, SW_SUCCESS } from "../iso7816/status-word.ts";
import type { SecureSession } from "./secure-session.ts";

/** What secures the bytes of a session; wrap and unwrap are called strictly in turn. */
export interface SessionCodec {
  wrap(command: Uint8Array): Uint8Array;
  unwrap(response: Uint8Array): Uint8Array;
  destroy(): void;
}

interface SessionParts {
  readonly protocol: SecureSession["protocol"];
  readonly securityLevel: number;
  readonly answer: InitializeUpdateAnswer;
  readonly codec: SessionCodec;
  /** Owned by the session from here on. */
  readonly dek: Uint8Array;
  readonly encryptSensitive: (dek: Uint8Array, data: Uint8Array) => Uint8Array;
  /** A refused command closes the session too. */
  readonly endsWithRefusal?: boolean;
}

/**
 * Ties codec and channel together: commands go one after another, and any failure closes the
 * session permanently.
 */
export function createSecureSession(channel: CardChannel, parts: SessionParts): SecureSession {
  let open = true;
  let last: Promise<unknown> = Promise.resolve();
  const close = () => {
    open = false;
    parts.codec.destroy();
    parts.dek.fill(0);
  };
  const assertOpen = () => {
    if (!open) throw new ApduError("CHANNEL_CLOSED", "The secure channel is closed; open a new one.");
  };
  const transmitOne = async (command: Uint8Array) => {
    assertOpen();
    try {
      const response = parts.codec.unwrap(await channel(parts.codec.wrap(command)));
      const { sw } = parseResponse(response);
      if (parts.endsWithRefusal === true && sw !== SW_SUCCESS && !isWarning(sw)) close();
      return response;
    } catch (error) {
      // Counter and chaining value are out of step now, and an attacker may be at work: no second
      // chance.
      close();
      throw error;
    }
  };
  return {
    protocol: parts.protocol,
    securityLevel: parts.securityLevel,
    keyVersion: parts.answer.keyVersion,
    diversificationData: parts.answer.diversificationData,
    get isOpen() {
      return open;
    },
    transmit: (command) => {
      const result = last.then(() => transmitOne(command));
      last = result.catch(() => undefined);
      return result;
    },
    encryptSensitive: (data) => {
      assertOpen();
      return parts.encryptSensitive(parts.dek, data);
    },
    close,
  };
}
