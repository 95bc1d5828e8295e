import { encodeResponse, parseCommand } from "@tallystick/apdu";
import {
  addressOfKey,
  type AllowanceBody,
  cardStates,
  certificateRequired,
  cardTag,
  createSigner,
  decodeAllowanceBody,
  decodeBeacon,
  decodePayRequest,
  decodeSignature,
  digestOf,
  type Domain,
  encodeAllowance,
  encodeDerSignature,
  encodePayAnswer,
  encodeSelectAnswer,
  encodeShortPayAnswer,
  encodeShortSelectAnswer,
  encodeStateProof,
  encodeStatusListHead,
  equalBytes,
  instanceAid,
  messageHash,
  type PayAnswer,
  type PayRequest,
  rebuildVoucher,
  renewsNoPinSums,
  type SelectAnswer,
  shortSelectAnswer,
  type Signer,
  verifyDigest,
} from "@tallystick/protocol";

/** A payment as the card's ring keeps it. */
interface RingRecord {
  readonly request: Uint8Array;
  readonly answer: Omit<PayAnswer, "signature">;
  readonly digest: Uint8Array;
}

/** What a hostile card says in place of the truth. */
export interface Lies {
  readonly select?: (answer: SelectAnswer) => SelectAnswer;
  /** Changes what PAY answers; `sign` signs any digest with the card's key. */
  readonly pay?: (
    answer: PayAnswer,
    request: PayRequest,
    resign: (answer: PayAnswer) => Promise<PayAnswer>,
  ) => Promise<PayAnswer>;
  /** Changes the bytes that leave the card. */
  readonly raw?: (ins: number, response: Uint8Array, p2: number) => Uint8Array;
}

/**
 * Where the card loses its power in the next PAY: before its transaction, or between that and its
 * answer.
 */
export type TestTear = "before" | "after";

const SELECT = 0xa4;
const PAY = 0x10;
const PRESENT_CERTIFICATE = 0x18;
const BEACON = 0x1c;
const UPDATE_ALLOWANCE = 0x14;
const PROVE = 0x12;
const GET_DATA = 0xca;

/** P2 of the short forms. */
const SHORT_SELECT = 0x04;
const SHORT_PAY = 0x01;

interface AskedCommand {
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
}

/**
 * The rules of the applet that a terminal can see, in a few lines; it keeps the journal of what it
 * was asked.
 */
export class TestCard {
  readonly signer: Signer;
  readonly domain: Domain;
  body: AllowanceBody;
  state: SelectAnswer["state"] = cardStates.personalized;
  counter = 0;
  spent = 0n;
  noPinUsed = 0n;
  noPinTaps = 0;
  lies: Lies = {};
  tear: TestTear | null = null;
  /** Status word that PAY is answered with instead of being carried out. */
  refuse: number | null = null;
  /** The same for UPDATE ALLOWANCE. */
  refuseUpdate: number | null = null;
  /** Which command from now on, the first is 0, loses the card's power, and when. */
  tearAt: { command: number; readonly when: TestTear } | null = null;
  /** Whether it has the short forms of SELECT and PAY (spec §4.4, §4.5). */
  shortForms = false;
  /** Commands received in their short form: their instructions, in order. */
  readonly receivedShort: number[] = [];
  /** Bytes of each answer of SELECT and PAY with its status word, in order. */
  readonly answered: number[] = [];
  /** Instructions received, in order. */
  readonly received: number[] = [];
  /** PAY requests received, in order. */
  readonly requests: Uint8Array[] = [];
  /** The 145 bytes that BEACON put left here. */
  beacon: Uint8Array | null = null;
  private presented = false;
  private readonly issuer: Signer;
  private head: Uint8Array = new Uint8Array(32);
  private readonly ring: RingRecord[] = [];
  private allowanceSignature: Uint8Array = new Uint8Array(64);

  private constructor(signer: Signer, issuer: Signer, domain: Domain, body: AllowanceBody) {
    this.signer = signer;
    this.issuer = issuer;
    this.domain = domain;
    this.body = body;
  }

  static async make(options: {
    readonly name: string;
    readonly issuer: Signer;
    readonly domain: Domain;
    readonly body: AllowanceBody;
  }): Promise<TestCard> {
    const signer = createSigner(digestOf(new TextEncoder().encode(`tallystick gateway test card: ${options.name}`)));
    const card = new TestCard(signer, options.issuer, options.domain, options.body);
    await card.allow(options.body);
    return card;
  }

  /** A second card with the same key and memory. */
  async copy(): Promise<TestCard> {
    const twin = new TestCard(this.signer, this.issuer, this.domain, this.body);
    await twin.allow(this.body);
    Object.assign(twin, {
      counter: this.counter,
      spent: this.spent,
      noPinUsed: this.noPinUsed,
      noPinTaps: this.noPinTaps,
      head: this.head,
      shortForms: this.shortForms,
    });
    twin.ring.push(...this.ring);
    return twin;
  }

  /** Gives the card a signed allowance. */
  async allow(body: AllowanceBody): Promise<void> {
    this.body = body;
    const card = addressOfKey(this.signer.publicKey);
    this.allowanceSignature = await this.issuer.sign(digestOf(encodeAllowance({ domain: this.domain, card, body })));
  }

  /** One command in, one answer out; an empty answer is a card torn off. */
  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const { ins, p1, p2, data = new Uint8Array(0) } = parseCommand(command);
    this.received.push(ins);
    if (isShort(ins, p2)) this.receivedShort.push(ins);
    const tear = this.tearNow();
    if (tear === "before") return new Uint8Array(0);
    const honest = await this.answer({ ins, p1, p2, data });
    if (tear === "after") return new Uint8Array(0);
    const response = this.lies.raw?.(ins, honest, p2) ?? honest;
    if (ins === SELECT || ins === PAY) this.answered.push(response.length);
    return response;
  }

  private async answer({ ins, p1, p2, data }: AskedCommand): Promise<Uint8Array> {
    if (isShort(ins, p2) && !this.shortForms) return status(ins === SELECT ? 0x6a82 : 0x6a86);
    switch (ins) {
      case GET_DATA:
        return this.shortForms ? encodeResponse({ data: Uint8Array.of(1, 0, 1, 0, 0x1f), sw: 0x9000 }) : status(0x6d00);
      case SELECT:
        return this.select(data, p2 === SHORT_SELECT);
      case PRESENT_CERTIFICATE:
        return this.present(data);
      case PAY:
        return await this.pay(data, p2 === SHORT_PAY);
      case BEACON:
        return this.carry(p1, data);
      case UPDATE_ALLOWANCE:
        return this.update(data);
      case PROVE:
        return await this.prove(data);
      default:
        return status(0x6d00);
    }
  }

  private tearNow(): TestTear | null {
    if (this.tearAt === null) return null;
    this.tearAt.command -= 1;
    if (this.tearAt.command >= 0) return null;
    const { when } = this.tearAt;
    this.tearAt = null;
    return when;
  }

  /** Takes a newer allowance of its own issuer (spec §4.11). */
  private update(data: Uint8Array): Uint8Array {
    if (this.refuseUpdate !== null) return status(this.refuseUpdate);
    const [body, signature] = [decodeAllowanceBody(data.subarray(0, 62)), data.slice(62)];
    if (body.seq <= this.body.seq) return status(0x9e0a);
    const card = addressOfKey(this.signer.publicKey);
    const signed = digestOf(encodeAllowance({ domain: this.domain, card, body }));
    if (!verifyDigest(signature, signed, this.issuer.publicKey)) return status(0x9e0b);
    this.body = body;
    this.allowanceSignature = signature;
    this.state = body.perTap === 0n ? cardStates.suspended : cardStates.personalized;
    if (renewsNoPinSums(body)) {
      this.noPinUsed = 0n;
      this.noPinTaps = 0;
    }
    return status(0x9000);
  }

  private async prove(challenge: Uint8Array): Promise<Uint8Array> {
    const { domain, counter, spent, state, head } = this;
    const proof = encodeStateProof({ domain, challenge, counter, spent, seq: this.body.seq, state, head });
    const signature = encodeDerSignature(decodeSignature(await this.signer.sign(digestOf(proof))));
    return encodeResponse({ data: Uint8Array.of(...proof.subarray(48), ...signature), sw: 0x9000 });
  }

  /** Takes the merchant's certificate for this session; a card checks it before it pays. */
  private present(signed: Uint8Array): Uint8Array {
    const certificate = signed.subarray(0, 163);
    if (!verifyDigest(signed.subarray(163), digestOf(certificate), this.issuer.publicKey)) return status(0x9e0b);
    this.presented = true;
    return status(0x9000);
  }

  /** Carries a newer signed head of its domain's list (spec §4.15). */
  private carry(p1: number, data: Uint8Array): Uint8Array {
    if (p1 === 0) return this.beacon === null ? status(0x6a88) : encodeResponse({ data: this.beacon, sw: 0x9000 });
    const { head, signature } = decodeBeacon(data);
    if (this.beacon !== null && decodeBeacon(this.beacon).head.seq >= head.seq) return status(0x9e0a);
    if (!verifyDigest(signature, digestOf(encodeStatusListHead(head)), this.issuer.publicKey)) return status(0x9e0b);
    this.beacon = data;
    return status(0x9000);
  }

  /** The 234 bytes of an honest SELECT answer. */
  shown(): Uint8Array {
    return encodeSelectAnswer(this.answerOf());
  }

  /** Signs the request's hash with this card's key: no voucher, and no other's. */
  async sign(request: PayRequest): Promise<Uint8Array> {
    const digest = digestOf(request.challenge);
    return encodeDerSignature(decodeSignature(await this.signer.sign(digest)));
  }

  private select(aid: Uint8Array, short: boolean): Uint8Array {
    if (!equalBytes(aid, instanceAid(1))) return status(0x6a82);
    this.presented = false;
    const answer = this.answerOf();
    const shown = this.lies.select?.(answer) ?? answer;
    const data = short ? encodeShortSelectAnswer(shortSelectAnswer(shown)) : encodeSelectAnswer(shown);
    return encodeResponse({ data, sw: 0x9000 });
  }

  private answerOf(): SelectAnswer {
    return {
      aid: instanceAid(1),
      version: 1,
      state: this.state,
      cardTag: cardTag(this.domain, this.signer.publicKey),
      cardKey: this.signer.publicKey,
      allowanceBody: this.body,
      allowanceSignature: this.allowanceSignature,
      counter: this.counter,
      spent: this.spent,
      noPinUsed: this.noPinUsed,
      noPinTaps: this.noPinTaps,
      head: this.head,
    };
  }

  private async pay(bytes: Uint8Array, short: boolean): Promise<Uint8Array> {
    this.requests.push(bytes);
    const tear = this.tear;
    this.tear = null;
    if (tear === "before") return new Uint8Array(0);
    const known = this.ring.find(({ request }) => equalBytes(request, bytes));
    const refusal = known === undefined ? this.refusalOf(decodePayRequest(bytes)) : null;
    if (refusal !== null) return status(refusal);
    const record = known ?? this.commit(bytes);
    if (tear === "after") return new Uint8Array(0);
    const honest = await this.signed({ ...record.answer, signature: new Uint8Array(0) }, decodePayRequest(bytes));
    const answer =
      (await this.lies.pay?.(honest, decodePayRequest(bytes), (changed) =>
        this.signed(changed, decodePayRequest(bytes)),
      )) ?? honest;
    return encodeResponse({ data: short ? encodeShortPayAnswer(answer) : encodePayAnswer(answer), sw: 0x9000 });
  }

  private refusalOf(request: PayRequest): number | null {
    if (this.refuse !== null) return this.refuse;
    if (!equalBytes(request.cardTag, cardTag(this.domain, this.signer.publicKey))) return 0x9e09;
    if (request.counter !== this.counter + 1) return 0x9e08;
    if (certificateRequired(this.body) && !this.presented) return 0x9e0c;
    if (this.lies.pay !== undefined || this.lies.select !== undefined) return null;
    if (this.state !== cardStates.personalized) return 0x9e01;
    if (request.amount > this.body.perTap) return 0x9e04;
    if (request.counter > this.body.maxCounter) return 0x9e05;
    if (this.spent + request.amount > this.body.maxSpent) return 0x9e06;
    return null;
  }

  private commit(bytes: Uint8Array): RingRecord {
    const request = decodePayRequest(bytes);
    const fields = {
      counter: request.counter,
      spent: this.spent + request.amount,
      allowanceSeq: this.body.seq,
      cvm: 0,
      flags: 0,
      link: this.head,
    } as const;
    const record: RingRecord = {
      request: bytes,
      answer: fields,
      digest: messageHash(rebuildVoucher(this.domain, request, fields).message),
    };
    this.counter = request.counter;
    this.spent = fields.spent;
    this.noPinUsed += request.amount;
    this.noPinTaps += 1;
    this.head = record.digest;
    this.ring.push(record);
    if (this.ring.length > 16) this.ring.shift();
    return record;
  }

  private async signed(answer: PayAnswer, request: PayRequest): Promise<PayAnswer> {
    const digest = messageHash(rebuildVoucher(this.domain, request, answer).message);
    return { ...answer, signature: encodeDerSignature(decodeSignature(await this.signer.sign(digest))) };
  }
}

function isShort(ins: number, p2: number): boolean {
  return (ins === SELECT && p2 === SHORT_SELECT) || (ins === PAY && p2 === SHORT_PAY);
}

function status(sw: number): Uint8Array {
  return encodeResponse({ data: new Uint8Array(0), sw });
}
