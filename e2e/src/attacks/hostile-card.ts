import { parseCommand, encodeResponse } from "@tallystick/apdu";
import {
  type AllowanceBody,
  cardStates,
  cardTag,
  createSigner,
  decodePayRequest,
  decodeSignature,
  encodeDerSignature,
  encodePayAnswer,
  encodeSelectAnswer,
  instanceAid,
  messageHash,
  type PayAnswer,
  type PayRequest,
  rebuildVoucher,
  type SelectAnswer,
  type Signer,
} from "@tallystick/protocol";
import { domain, draw, signAllowance } from "./harness/issuer.ts";
import { statusWord } from "./harness/man-in-the-middle.ts";
import type { WireCard } from "./harness/wire.ts";

/** A lie in SELECT: what the card shows in place of the truth. */
export interface SelectLie {
  /** Fields that differ; what is signed in them is signed by nobody, unless the liar brings a signature. */
  readonly show?: (truth: SelectAnswer, liar: Liar) => Partial<SelectAnswer> | Promise<Partial<SelectAnswer>>;
  /** The bytes that leave, with their status word. */
  readonly bytes?: (response: Uint8Array) => Uint8Array;
  /** PAY goes on from what was shown, as if it were true. */
  readonly follows?: true;
}

/** A lie in PAY. */
export interface PayLie {
  /** Fields that differ, and are signed as they are. */
  readonly sign?: (truth: PayAnswer) => Partial<PayAnswer>;
  /** Another request than the one that was asked is signed. */
  readonly signFor?: (request: PayRequest) => PayRequest;
  /** Whose key signs. */
  readonly signer?: Signer;
  /** Fields that differ from what was signed. */
  readonly tell?: (truth: PayAnswer) => Partial<PayAnswer>;
  /** The bytes that leave, with their status word. */
  readonly bytes?: (response: Uint8Array) => Uint8Array;
}

/** What a lie may use: the card's own key and the issuer's true words. */
export interface Liar {
  readonly cardKey: Uint8Array;
  /** A genuine allowance of this card. */
  readonly allowed: (body: AllowanceBody) => Promise<Uint8Array>;
}

const SELECT = 0xa4;
const PAY = 0x10;
const GET_RESPONSE = 0xc0;

/** A chip that its cardholder has broken: the issuer allowed its key, and it says and signs whatever he likes. */
export class HostileCard implements WireCard, Liar {
  select: SelectLie = {};
  pay: PayLie = {};
  readonly signer: Signer = createSigner(draw(32));
  readonly #body: AllowanceBody;
  #signature: Uint8Array = new Uint8Array(64);
  #counter = 0;
  #spent = 0n;
  #noPin = { used: 0n, taps: 0 };
  #head: Uint8Array = new Uint8Array(32);
  #shown: SelectAnswer | null = null;
  /** What it answered to PAY, and says again to whoever asks for more. */
  #last: Uint8Array = statusWord(0x6d00);

  private constructor(body: AllowanceBody) {
    this.#body = body;
  }

  /** A card with a genuine allowance. */
  static async issued(body: AllowanceBody): Promise<HostileCard> {
    const card = new HostileCard(body);
    card.#signature = await card.allowed(body);
    return card;
  }

  get cardKey(): Uint8Array {
    return this.signer.publicKey;
  }

  readonly allowed = async (body: AllowanceBody): Promise<Uint8Array> => await signAllowance(this.cardKey, body);

  readonly reset = (): void => undefined;

  readonly transmit = async (command: Uint8Array): Promise<Uint8Array> => {
    const { ins, data = new Uint8Array(0) } = parseCommand(command);
    if (ins === SELECT) return data.at(-1) === 1 ? await this.#answerSelect() : statusWord(0x6a82);
    if (ins === PAY) this.#last = await this.#answerPay(data);
    else if (ins !== GET_RESPONSE) return statusWord(0x6d00);
    return this.#last;
  };

  #truth(): SelectAnswer {
    return {
      aid: instanceAid(1),
      version: 1,
      state: cardStates.personalized,
      cardTag: cardTag(domain, this.cardKey),
      cardKey: this.cardKey,
      allowanceBody: this.#body,
      allowanceSignature: this.#signature,
      counter: this.#counter,
      spent: this.#spent,
      noPinUsed: this.#noPin.used,
      noPinTaps: this.#noPin.taps,
      head: this.#head,
    };
  }

  async #answerSelect(): Promise<Uint8Array> {
    const truth = this.#truth();
    this.#shown = { ...truth, ...(await this.select.show?.(truth, this)) };
    const response = encodeResponse({ data: encodeSelectAnswer(this.#shown), sw: 0x9000 });
    return this.select.bytes?.(response) ?? response;
  }

  async #answerPay(data: Uint8Array): Promise<Uint8Array> {
    const request = (this.pay.signFor ?? ((asked: PayRequest) => asked))(decodePayRequest(data));
    const from = this.select.follows === true && this.#shown !== null ? this.#shown : this.#truth();
    const honest: PayAnswer = {
      counter: request.counter,
      spent: from.spent + request.amount,
      allowanceSeq: from.allowanceBody.seq,
      cvm: 0,
      flags: 0,
      link: from.head,
      signature: new Uint8Array(0),
    };
    const signed = { ...honest, ...this.pay.sign?.(honest) };
    const hash = messageHash(rebuildVoucher(domain, request, signed).message);
    const signature = encodeDerSignature(decodeSignature(await (this.pay.signer ?? this.signer).sign(hash)));
    const answer = { ...signed, signature, ...this.pay.tell?.({ ...signed, signature }) };
    this.#counter = request.counter;
    this.#spent = signed.spent;
    this.#noPin = { used: this.#noPin.used + request.amount, taps: this.#noPin.taps + 1 };
    this.#head = hash;
    const response = encodeResponse({ data: encodePayAnswer(answer), sw: 0x9000 });
    return this.pay.bytes?.(response) ?? response;
  }
}
