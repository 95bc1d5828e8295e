import type { CardImage } from "./card-image.ts";

/** Random bytes from a source that nobody can foresee. */
export type RandomBytes = (length: number) => Uint8Array;

/** A certificate that was presented: what PAY compares (spec §4.14). */
export interface PresentedCertificate {
  readonly payee: Uint8Array;
  readonly category: number;
  readonly terminalId: Uint8Array;
  readonly notBefore: bigint;
  readonly notAfter: bigint;
}

/** What a deselection clears (spec §4.3). */
export interface Volatile {
  certificate: PresentedCertificate | null;
  /** A PIN was verified since SELECT: opens GET LOG. */
  pinShown: boolean;
  /** SHA-256 of the request that the verified PIN is for. */
  pinBoundTo: Uint8Array | null;
  pinSession: { readonly challenge: Uint8Array; readonly secret: Uint8Array; readonly publicKey: Uint8Array } | null;
}

export const forgetful = (): Volatile => ({ certificate: null, pinShown: false, pinBoundTo: null, pinSession: null });

/**
 * One command as the software card carries it out. `image` is a copy: it counts only once it was
 * stored.
 */
export interface CardContext {
  readonly image: CardImage;
  readonly volatile: Volatile;
  /** The command came inside the personalization channel. */
  readonly secure: boolean;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  readonly random: RandomBytes;
  readonly contactless: boolean;
  /** The key that protects a PIN on its way to the card, 16 bytes. */
  readonly dataKey: Uint8Array;
  /**
   * Makes what was written so far durable before the command goes on: a try of a PIN is lost before
   * it is compared.
   */
  readonly persist: () => Promise<void>;
}

/** Carries a command out: returns its data, or throws a Refusal. */
export type CardCommand = (context: CardContext) => Promise<Uint8Array> | Uint8Array;
