import type { CardChannel } from "../iso7816/card-channel.ts";

/**
 * An open secure channel with a security domain or an application that uses its domain's channel.
 */
export interface SecureSession {
  readonly protocol: "SCP02" | "SCP03";
  readonly securityLevel: number;
  /** Version of the key set that the card used. */
  readonly keyVersion: number;
  /** The 10 bytes by which the card's keys are diversified; they name the card. */
  readonly diversificationData: Uint8Array;
  /**
   * Plain command in, plain response out. A failure closes the session; a refusal by status word
   * does not.
   */
  readonly transmit: CardChannel;
  readonly isOpen: boolean;
  /**
   * Enciphers secret data (a key, a PIN) under the DEK, as PUT KEY and STORE DATA want it; whole
   * blocks only.
   */
  encryptSensitive(data: Uint8Array): Uint8Array;
  /** Overwrites the session's keys with zeros. May be called twice. */
  close(): void;
}
