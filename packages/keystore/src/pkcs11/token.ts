import type { Handle } from "pkcs11js";
import { systemTimer, type Timer, within } from "@tallystick/program";
import { KeystoreError } from "../keystore-error.ts";
import { HSM_CALL_MS, MAX_SLOTS } from "../limits.ts";
import { CK } from "./constants.ts";
import type { Pkcs11Library } from "./library.ts";
import { asKeystoreError, isCode, isLost, RETURN } from "./return-codes.ts";
import { Turns } from "./turns.ts";

/** Which token of a library, as PKCS#11 calls the place of keys in an HSM. */
export interface TokenName {
  readonly tokenLabel: string;
  /** Needed where two tokens have one label. */
  readonly serial?: string | undefined;
}

/** A session, and how often it was opened anew: what was found in an earlier one is looked for again. */
export interface OpenSession {
  readonly session: Handle;
  readonly generation: number;
}

export interface TokenOptions extends TokenName {
  readonly library: Pkcs11Library;
  /** Reads the PIN at every login; it is not kept. Throws KeystoreError or KeyFileError. */
  readonly readPin: () => string;
  /** By which a call is given up; the system's where it is left out. */
  readonly timer?: Timer;
}

/**
 * A token with one session, which is opened anew when it was lost. A PIN that was refused once is not
 * tried again in this process, and the last try that an HSM has left is never used.
 */
export class Token {
  readonly library: Pkcs11Library;
  readonly #options: TokenOptions;
  readonly #turns = new Turns();
  #open: OpenSession | null = null;
  #generation = 0;
  #refusal: KeystoreError | null = null;

  constructor(options: TokenOptions) {
    this.library = options.library;
    this.#options = options;
  }

  /** The label of the token, for sentences. */
  get label(): string {
    return this.#options.tokenLabel;
  }

  /** The serial of the token, which its maker or its library gave it. Throws KeystoreError. */
  serial(): string {
    const { library } = this;
    return this.now("Reading its serial", ({ session }) =>
      unfilled(library.C_GetTokenInfo(library.C_GetSessionInfo(session).slotID).serialNumber),
    );
  }

  /**
   * Works inside a session at once, blocking, as at a start. Throws KeystoreError; HSM_BUSY while another
   * call is under way, with which it would share the session.
   */
  now<T>(what: string, work: (open: OpenSession) => T): T {
    if (this.#turns.busy) throw new KeystoreError("HSM_BUSY", `${what}: token ${this.label} is at work.`);
    try {
      return work(this.#session());
    } catch (error) {
      this.#drop();
      if (!isLost(error)) throw asKeystoreError(error, what);
    }
    try {
      return work(this.#session());
    } catch (error) {
      this.#drop();
      throw this.#asGone(error, what);
    }
  }

  /**
   * Works inside a session when it is this call's turn. A session that was lost is opened anew, and the
   * work done again, once. Rejects with KeystoreError HSM_GONE where the HSM stays away or does not
   * answer; the next call tries again.
   */
  async use<T>(what: string, work: (open: OpenSession) => Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      try {
        return await this.#timed(what, work);
      } catch (error) {
        this.#drop();
        if (!isLost(error)) throw this.#asGone(error, what);
      }
      try {
        return await this.#timed(what, work);
      } catch (error) {
        this.#drop();
        throw this.#asGone(error, what);
      }
    });
  }

  async #timed<T>(what: string, work: (open: OpenSession) => Promise<T>): Promise<T> {
    const done = await within(HSM_CALL_MS, work(this.#session()), this.#options.timer ?? systemTimer);
    if (done !== null) return done.value;
    // What goes on in the old session is nobody's any more.
    this.#open = null;
    throw new KeystoreError("HSM_GONE", `${what}: token ${this.label} gives no answer.`);
  }

  #session(): OpenSession {
    this.#open ??= { session: this.#login(), generation: (this.#generation += 1) };
    return this.#open;
  }

  /** After any failure: what was begun in the session may be active still, and would refuse what follows. */
  #drop(): void {
    const old = this.#open;
    this.#open = null;
    if (old !== null) this.#close(old.session);
  }

  #close(session: Handle): void {
    try {
      this.library.C_CloseSession(session);
    } catch {
      // It is closed already, or the HSM has gone.
    }
  }

  #login(): Handle {
    if (this.#refusal !== null) throw this.#refusal;
    const slot = findSlot(this.library, this.#options);
    const session = this.library.C_OpenSession(slot, CK.SERIAL_SESSION | CK.RW_SESSION);
    try {
      this.#givePin(slot, session);
      return session;
    } catch (error) {
      this.#close(session);
      throw error;
    }
  }

  #givePin(slot: Handle, session: Handle): void {
    const { flags } = this.library.C_GetTokenInfo(slot);
    if ((flags & CK.USER_PIN_LOCKED) !== 0) throw this.#refuse("HSM_PIN_LOCKED", "is locked");
    if ((flags & CK.USER_PIN_FINAL_TRY) !== 0)
      throw this.#refuse("HSM_PIN_WRONG", "has one try of its PIN left, which is not used");
    try {
      this.library.C_Login(session, CK.USER, this.#options.readPin());
    } catch (error) {
      if (isCode(error, RETURN.userAlreadyLoggedIn)) return;
      if (isCode(error, RETURN.pinLocked)) throw this.#refuse("HSM_PIN_LOCKED", "is locked");
      const wrong = [RETURN.pinIncorrect, RETURN.pinInvalid, RETURN.pinLengthRange, RETURN.pinExpired];
      if (wrong.some((code) => isCode(error, code))) throw this.#refuse("HSM_PIN_WRONG", "refused the PIN");
      if (isCode(error, RETURN.userPinNotInitialized)) throw this.#refuse("HSM_PIN_MISSING", "has no PIN yet");
      throw error;
    }
  }

  /** Remembered: another try with the same PIN would only bring the lock nearer. */
  #refuse(code: "HSM_PIN_WRONG" | "HSM_PIN_LOCKED" | "HSM_PIN_MISSING", how: string): KeystoreError {
    this.#refusal = new KeystoreError(code, `Token ${this.label} ${how}.`);
    return this.#refusal;
  }

  #asGone(error: unknown, what: string): unknown {
    const away = error instanceof KeystoreError && error.code === "HSM_NOT_FOUND";
    if (away || isLost(error)) return new KeystoreError("HSM_GONE", `${what}: token ${this.label} is gone.`);
    return asKeystoreError(error, what);
  }
}

function findSlot(library: Pkcs11Library, { tokenLabel, serial }: TokenName): Handle {
  const seen: string[] = [];
  const fitting: Handle[] = [];
  for (const slot of library.C_GetSlotList(true).slice(0, MAX_SLOTS)) {
    const info = infoOf(library, slot);
    if (info === null) continue;
    const [label, number] = [unfilled(info.label), unfilled(info.serialNumber)];
    if ((info.flags & CK.TOKEN_INITIALIZED) !== 0) seen.push(`${label} (serial ${number})`);
    if (label === tokenLabel && (serial === undefined || serial === number)) fitting.push(slot);
  }
  const [first, second] = fitting;
  const others = seen.length === 0 ? "There is none." : `There are: ${seen.join(", ")}.`;
  const wanted = serial === undefined ? tokenLabel : `${tokenLabel} (serial ${serial})`;
  if (first === undefined) throw new KeystoreError("HSM_NOT_FOUND", `No token ${wanted} is there. ${others}`);
  if (second !== undefined) throw new KeystoreError("HSM_AMBIGUOUS", `Several tokens are called ${wanted}. ${others}`);
  return first;
}

/** A reader may lose its token between the list and the question. */
function infoOf(library: Pkcs11Library, slot: Handle): ReturnType<Pkcs11Library["C_GetTokenInfo"]> | null {
  try {
    return library.C_GetTokenInfo(slot);
  } catch (error) {
    if (isLost(error)) return null;
    throw error;
  }
}

/** Without the blanks, or by some libraries the zeros, that fill a field. */
function unfilled(text: string): string {
  return text.replace(/[\0 ]+$/, "");
}
