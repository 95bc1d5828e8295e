import { aesCbcEncrypt, type CardChannel, encodeResponse, equalBytes, parseCommand } from "@tallystick/apdu";
import { instanceAid } from "@tallystick/protocol";
import { INS } from "@tallystick/card";
import { type CardCommand, type CardContext, forgetful, type RandomBytes, type Volatile } from "./card-context.ts";
import { CardImage } from "./card-image.ts";
import { beaconOnCard, presentCertificateOnCard, updateAllowanceOnCard } from "./commands/issuer-commands.ts";
import { payOnCard, SHORT_FORM } from "./commands/pay.ts";
import { getChallengeOnCard, getLogOnCard } from "./commands/payment-log.ts";
import { generateKeyOnCard, openOnCard, storeDataOnCard } from "./commands/personalization.ts";
import { pinCommandOnCard, pinSessionOnCard } from "./commands/pin.ts";
import { getDataOnCard, proveOnCard } from "./commands/read-commands.ts";
import { Refusal, require, SW } from "./refusal.ts";
import { selectAnswer, shortSelectAnswer } from "./commands/select.ts";

/**
 * Where a software card lives. A store that forgets what it confirmed makes the card sign two
 * vouchers of one number.
 */
export interface SoftwareCardStore {
  /** The bytes that were stored last, or null for a new card. */
  load(): Promise<Uint8Array | null>;
  /**
   * Resolves only when the bytes would survive a loss of power; never leaves half of old and half
   * of new.
   */
  save(image: Uint8Array): Promise<void>;
}

export interface SoftwareCardOptions {
  readonly store: SoftwareCardStore;
  readonly random: RandomBytes;
  /** Instance number, 1 if absent. */
  readonly instance?: number;
  /**
   * How the card seems to be reached: a last try of a PIN is refused when contactless. Default
   * false.
   */
  readonly contactless?: boolean;
}

/**
 * A card in software: the applet's commands and bytes, no chip. Its allowances carry assurance
 * class 2.
 */
export interface SoftwareCard {
  /** What any terminal may send. */
  readonly transmit: CardChannel;
  /**
   * The same commands as inside the applet's SCP03 session: whoever holds this object is the
   * personalizer. Commands are given plain (class 80), as they are to a secure session's
   * `transmit`.
   */
  readonly personalize: CardChannel;
  /** Enciphers a PIN and PUK for STORE DATA 7F06. */
  readonly encryptSensitive: (data: Uint8Array) => Uint8Array;
}

type Channels = "clear" | "secure" | "both";

interface Entry {
  readonly channels: Channels;
  readonly run: CardCommand;
  /** Whether P1 and P2 are good; both zero where absent. */
  readonly parameters?: (p1: number, p2: number) => boolean;
}

const COMMANDS: ReadonlyMap<number, Entry> = new Map<number, Entry>([
  [INS.pay, { channels: "clear", run: payOnCard, parameters: (p1, p2) => p1 === 0 && (p2 === 0 || p2 === SHORT_FORM) }],
  [INS.prove, { channels: "clear", run: proveOnCard }],
  [INS.updateAllowance, { channels: "both", run: updateAllowanceOnCard }],
  [INS.getLog, { channels: "both", run: getLogOnCard, parameters: (_p1, p2) => p2 === 0 }],
  [INS.presentCertificate, { channels: "clear", run: presentCertificateOnCard }],
  [INS.pinSession, { channels: "clear", run: pinSessionOnCard }],
  [INS.beacon, { channels: "clear", run: beaconOnCard, parameters: (p1, p2) => p1 <= 1 && p2 === 0 }],
  [INS.open, { channels: "secure", run: openOnCard }],
  [INS.verifyPin, { channels: "clear", run: pinCommandOnCard(0x20) }],
  [INS.changePin, { channels: "clear", run: pinCommandOnCard(0x24) }],
  [INS.unblock, { channels: "clear", run: pinCommandOnCard(0x2c) }],
  [INS.generateKey, { channels: "secure", run: generateKeyOnCard }],
  [INS.getChallenge, { channels: "clear", run: getChallengeOnCard }],
  [INS.getData, { channels: "both", run: getDataOnCard, parameters: () => true }],
  [INS.storeData, { channels: "secure", run: storeDataOnCard, parameters: (p1, p2) => p1 === 0x88 && p2 === 0 }],
]);

const INS_SELECT = 0xa4;
/** P2 of SELECT's short form (spec §4.4): the FCP template. */
const SELECT_SHORT_FORM = 0x04;
const CLA_ISO = 0x00;
const CLA_PLAIN = 0x80;
const CLA_SECURE = 0x84;
const DATA_KEY_BYTES = 16;

/** Takes the card from its store, or makes a new one there. */
export async function openSoftwareCard(options: SoftwareCardOptions): Promise<SoftwareCard> {
  const stored = await options.store.load();
  const machine = new CardMachine(options, stored === null ? CardImage.blank() : CardImage.load(stored));
  if (stored === null) await machine.persistWhole();
  return {
    transmit: (command) => machine.take(command, false),
    personalize: (command) => machine.take(command, true),
    encryptSensitive: (data) => aesCbcEncrypt(machine.dataKey, new Uint8Array(16), data),
  };
}

/**
 * One command after another, each carried out on a copy that becomes the card only once it is
 * stored.
 */
class CardMachine {
  readonly dataKey: Uint8Array;
  readonly #options: SoftwareCardOptions;
  readonly #aid: Uint8Array;
  #image: CardImage;
  #volatile: Volatile = forgetful();
  #selected = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SoftwareCardOptions, image: CardImage) {
    this.#options = options;
    this.#image = image;
    this.#aid = instanceAid(options.instance ?? 1);
    this.dataKey = options.random(DATA_KEY_BYTES).slice();
  }

  take(command: Uint8Array, secure: boolean): Promise<Uint8Array> {
    const result = this.#last.then(async () => await this.#answer(command, secure));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async persistWhole(): Promise<void> {
    await this.#options.store.save(this.#image.bytes.slice());
  }

  async #answer(command: Uint8Array, secure: boolean): Promise<Uint8Array> {
    try {
      return encodeResponse({ data: await this.#carryOut(command, secure), sw: SW.done });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return encodeResponse({ data: new Uint8Array(0), sw: error.sw });
    }
  }

  async #carryOut(bytes: Uint8Array, secure: boolean): Promise<Uint8Array> {
    const { cla, ins, p1, p2, data = new Uint8Array(0) } = parseCommand(bytes);
    if (cla === CLA_ISO && ins === INS_SELECT) return this.#select(p1, p2, data);
    require(this.#selected, SW.condition);
    require(cla === CLA_PLAIN || cla === CLA_SECURE, SW.wrongClass);
    const entry = COMMANDS.get(ins);
    if (entry === undefined) throw new Refusal(SW.wrongInstruction);
    const wrapped = secure || cla === CLA_SECURE;
    require(entry.channels === "both" || entry.channels === (wrapped ? "secure" : "clear"), SW.wrongClass);
    require(entry.parameters?.(p1, p2) ?? (p1 === 0 && p2 === 0), SW.wrongParameters);
    // Class 84 without a session: there is no key to unwrap it with.
    require(secure || cla === CLA_PLAIN, SW.noRight);
    return await this.#run(entry.run, { p1, p2, data, secure });
  }

  #select(p1: number, p2: number, data: Uint8Array): Uint8Array {
    require(p1 === 0x04, SW.wrongParameters);
    require((p2 === 0x00 || p2 === SELECT_SHORT_FORM) && equalBytes(data, this.#aid), SW.notFound);
    this.#selected = true;
    this.#volatile = forgetful();
    const answer = p2 === SELECT_SHORT_FORM ? shortSelectAnswer : selectAnswer;
    return answer(this.#image, this.#aid);
  }

  async #run(run: CardCommand, command: Pick<CardContext, "p1" | "p2" | "data" | "secure">): Promise<Uint8Array> {
    const image = this.#image.copy();
    const persist = async () => {
      if (equalBytes(image.bytes, this.#image.bytes)) return;
      await this.#options.store.save(image.bytes.slice());
      this.#image = image.copy();
    };
    const answer = await run({
      ...command,
      image,
      volatile: this.#volatile,
      random: this.#options.random,
      contactless: this.#options.contactless ?? false,
      dataKey: this.dataKey,
      persist,
    });
    await persist();
    return answer;
  }
}
