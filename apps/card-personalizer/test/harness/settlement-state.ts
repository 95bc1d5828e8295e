import { formatAmount, parseAmount, type Asset } from "@tallystick/money";
import { verifyReport } from "@tallystick/program";
import {
  addressOfKey,
  createSignatureChecks,
  createSigner,
  type AllowanceBody,
  decodeAllowanceBody,
  decodeMerchantCertificate,
  decodeUpload,
  decodeUploadBody,
  decodeUploadEntry,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  encodeMerchantCertificate,
  encodeOpening,
  encodeStateProof,
  encodeVoucherMessage,
  equalBytes,
  fromHex,
  judgeVoucher,
  parseAddress,
  toHex,
  verifyDigest,
  voucherId,
  type Domain,
} from "@tallystick/protocol";
import type {
  allowanceRequestSchema,
  cardRegistrationSchema,
  merchantRequestSchema,
  uploadRequestSchema,
} from "@tallystick/protocol/wire";
import type { z } from "zod";

/** The issuer's second key, id 2. */
export const SECOND_ISSUER = createSigner(new Uint8Array(32).fill(8));

/** A card that was registered. */
export interface RegisteredCard {
  readonly cardKey: Uint8Array;
  readonly index: number;
  reference: string;
  readonly owner: string;
  funded: bigint;
  seq: number;
}

/** A deposit, as far as its chain has come. */
export interface Funding {
  readonly id: string;
  readonly card: string;
  readonly amount: bigint;
  state: "planned" | "sent" | "mined" | "final" | "failed";
}

/** A request that is answered with a problem document. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** A status that was set, or limits that were changed, why, and where. */
export interface CardChange {
  readonly card: string;
  readonly status?: string;
  readonly reason: string;
  readonly station: string;
  readonly issuerKeyId?: number;
  readonly masterKey?: string;
}

/** What the double knows. It verifies every signature and keeps the funding rule. */
export class SettlementState {
  readonly token = "test-token-of-the-issuer";
  readonly domain: Domain;
  readonly asset: Asset;
  signer;
  failing = 0;
  frozen = false;
  /** Every deposit is final as soon as it is asked about. */
  hurries = false;
  /** Knows the call for reports of orders. */
  takesReports = true;
  readonly orderReports: string[] = [];
  readonly cards = new Map<string, RegisteredCard>();
  readonly fundings = new Map<string, Funding>();
  readonly #signed = new Map<string, { readonly body: string; readonly signature: string }>();
  readonly vouchers = new Map<string, { counter: number; amount: bigint; spent: bigint }>();
  readonly claims = new Map<string, string>();
  readonly uploads: string[] = [];
  readonly proofs: string[] = [];
  readonly changes: CardChange[] = [];
  /** Why deposits and allowances were asked for, in their order. */
  readonly reasons: string[] = [];
  /** States that cards proved to be in. */
  readonly provenStates: number[] = [];
  /** Successors by the cards whose place they have taken. */
  readonly successors = new Map<string, string>();

  constructor({ domain, asset, issuerSecret }: { domain: Domain; asset: Asset; issuerSecret: Uint8Array }) {
    this.domain = domain;
    this.asset = asset;
    this.signer = createSigner(issuerSecret);
  }

  card(address: string): RegisteredCard {
    const card = this.cards.get(address);
    if (card === undefined) throw new Refusal(404, "CARD_UNKNOWN");
    return card;
  }

  register(body: z.output<typeof cardRegistrationSchema>): object {
    const cardKey = fromHex(body.cardKey);
    const card = toHex(addressOfKey(cardKey));
    const digest = digestOf(encodeOpening({ domain: this.domain, owner: parseAddress(body.owner) }));
    if (!verifyDigest(fromHex(body.openingSignature), digest, cardKey)) throw new Refusal(422, "OPENING_SIGNATURE");
    const known = this.cards.get(card);
    if (known !== undefined && (known.reference !== body.reference || known.owner !== body.owner)) {
      throw new Refusal(409, "CARD_EXISTS");
    }
    const { reference, owner } = body;
    const row = known ?? { cardKey, index: this.cards.size, reference, owner, funded: 0n, seq: 0 };
    this.cards.set(card, row);
    return { card, cardIndex: row.index, state: "registered" };
  }

  /** Verifies a report and keeps it once. */
  keepReport({ report }: { report: string }): object {
    if (!this.takesReports) throw new Refusal(404, "NOT_FOUND");
    const issuerKey = { domain: this.domain, id: 1, publicKey: this.signer.publicKey };
    verifyReport(new TextEncoder().encode(report), { issuerKeys: [issuerKey], source: "report" });
    if (!this.orderReports.includes(report)) this.orderReports.push(report);
    return { digest: toHex(digestOf(new TextEncoder().encode(report))) };
  }

  claim(claims: boolean, station: string, { reference, takeOver = false }: { reference: string; takeOver?: boolean }) {
    const of = this.claims.get(reference) ?? station;
    if (of !== station && !takeOver) throw new Refusal(409, "REFERENCE_CLAIMED");
    if (claims) this.claims.set(reference, station);
    else this.claims.delete(reference);
    return { reference, station };
  }

  rename(address: string, reference: string): object {
    const isFunded = [...this.fundings.values()].some(({ card, state }) => card === address && state !== "failed");
    if (isFunded) throw new Refusal(409, "CARD_HAS_MONEY");
    this.card(address).reference = reference;
    return { card: address, reference };
  }

  abandon(id: string): object {
    const funding = this.fundings.get(id);
    if (funding?.state !== "planned") throw new Refusal(409, "ACTION_UNDER_WAY");
    funding.state = "failed";
    return { id, state: funding.state, tx: null };
  }

  setStatus(change: CardChange): object {
    this.card(change.card);
    this.changes.push(change);
    return { card: change.card, status: change.status };
  }

  replace(card: string, { successor }: { successor: string }): object {
    this.card(card);
    if (this.successors.has(card) && this.successors.get(card) !== successor) throw new Refusal(409, "CARD_REPLACED");
    this.successors.set(card, successor);
    const waits = { pendingWithdrawal: "18.00", readyAt: 1_800_000_000, withdrawn: null, state: "waiting" };
    return { card, successor, advance: "8.00", ...waits };
  }

  changeLimits(change: CardChange): object {
    this.card(change.card);
    this.changes.push(change);
    return { body: toHex(new Uint8Array(62)), signature: toHex(new Uint8Array(64)) };
  }

  /** Signs the newest allowance by the key that the card is given, once. */
  async changeKeys(address: string, change: CardChange): Promise<object> {
    const card = this.card(address);
    this.changes.push(change);
    const { issuerKeyId } = change;
    const newest = this.#signed.get(address);
    if (issuerKeyId === undefined || newest === undefined) return { allowance: null };
    const body = decodeAllowanceBody(fromHex(newest.body));
    if (body.issuerKeyId === issuerKeyId) return { allowance: newest };
    card.seq++;
    return { allowance: await this.#sign(address, { ...body, issuerKeyId, seq: card.seq }) };
  }

  async #sign(address: string, allowance: AllowanceBody): Promise<{ body: string; signature: string }> {
    const card = addressOfKey(this.card(address).cardKey);
    const bytes = encodeAllowance({ domain: this.domain, card, body: allowance });
    const signer = allowance.issuerKeyId === 1 ? this.signer : SECOND_ISSUER;
    const signature = toHex(await signer.sign(digestOf(bytes)));
    const signed = { body: toHex(encodeAllowanceBody(allowance)), signature };
    this.#signed.set(address, signed);
    return signed;
  }

  list(query: URLSearchParams): object {
    const [wanted, part] = [query.get("reference"), query.get("q")];
    const found = [...this.cards.entries()]
      .filter(([, { reference }]) => wanted === null || reference === wanted)
      .filter(([card]) => part === null || card.includes(part));
    return { cards: found.map(([card, { reference }]) => ({ card, reference, status: "valid" })), next: null };
  }

  fund(card: string, { amount, key, reason }: { amount: string; key: string; reason: string }): object {
    this.card(card);
    this.reasons.push(reason);
    const id = `${card}/${key}`;
    const known = this.fundings.get(id);
    const funding = known ?? { id, card, amount: parseAmount(amount, this.asset), state: "planned" };
    if (funding.amount !== parseAmount(amount, this.asset)) throw new Refusal(409, "KEY_REUSED");
    if (known === undefined && this.failing > 0) {
      this.failing--;
      funding.state = "failed";
    }
    this.fundings.set(id, funding);
    return { id, state: funding.state, tx: null };
  }

  funding(id: string): object {
    const funding = this.fundings.get(id);
    if (funding === undefined) throw new Refusal(404, "NOT_FOUND");
    if (this.frozen) return { id, state: funding.state, tx: null };
    if (this.hurries && funding.state === "planned") funding.state = "mined";
    const next = { planned: "sent", sent: "mined", mined: "final", final: "final", failed: "failed" } as const;
    if (funding.state === "mined") this.card(funding.card).funded += funding.amount;
    funding.state = next[funding.state];
    return { id, state: funding.state, tx: null };
  }

  async allow(address: string, body: z.output<typeof allowanceRequestSchema>): Promise<object> {
    const card = this.card(address);
    this.reasons.push(body.reason);
    const units = (text: string): bigint => parseAmount(text, this.asset);
    const maxSpent = body.maxSpent === undefined ? card.funded : units(body.maxSpent);
    const isNothing = body.maxSpent !== undefined && maxSpent === 0n;
    if ((card.funded === 0n && !isNothing) || maxSpent > card.funded) throw new Refusal(409, "FUNDING_RULE");
    card.seq++;
    const allowance = {
      ...{ issuerKeyId: body.issuerKeyId ?? 1, seq: card.seq, maxSpent, maxCounter: 1_024, cardIndex: card.index },
      softSpent: body.softSpent === undefined ? maxSpent : units(body.softSpent),
      perTap: units(body.perTap),
      pinAbove: units(body.pinAbove),
      noPinSum: units(body.noPinSum),
      noPinCount: body.noPinCount,
      notBefore: body.notBefore,
      notAfter: body.notAfter,
      categories: BigInt(body.categories),
      flags: body.flags,
    };
    return await this.#sign(address, allowance);
  }

  latest(address: string): object {
    const signed = this.#signed.get(address);
    if (signed === undefined) throw new Refusal(404, "NOT_FOUND");
    return signed;
  }

  async certify(body: z.output<typeof merchantRequestSchema>): Promise<object> {
    const certificate = encodeMerchantCertificate({
      ...{ domain: this.domain, issuerKeyId: 1, category: body.category, unsentCount: body.unsentCount },
      ...{ payee: parseAddress(body.payee), notBefore: body.notBefore, notAfter: body.notAfter },
      terminalId: fromHex(body.terminalId),
      terminalKey: fromHex(body.terminalKey),
      perTap: parseAmount(body.perTap, this.asset),
      unsentSum: parseAmount(body.unsentSum, this.asset),
      perCardSum: parseAmount(body.perCardSum, this.asset),
      softwareSum: parseAmount(body.softwareSum, this.asset),
    });
    return { certificate: toHex(certificate), signature: toHex(await this.signer.sign(digestOf(certificate))) };
  }

  upload(request: z.output<typeof uploadRequestSchema>): object {
    const certificate = decodeMerchantCertificate(fromHex(request.certificate));
    const upload = decodeUpload(fromHex(request.upload));
    const signed = verifyDigest(fromHex(request.signature), digestOf(fromHex(request.upload)), certificate.terminalKey);
    const certified = verifyDigest(
      fromHex(request.certificateSignature),
      digestOf(fromHex(request.certificate)),
      this.signer.publicKey,
    );
    const body = fromHex(request.body);
    if (!signed || !certified || !equalBytes(upload.bodyHash, digestOf(body)))
      throw new Refusal(403, "UPLOAD_UNTRUSTED");
    this.chain(upload.uploadSeq, {
      head: toHex(digestOf(fromHex(request.upload))),
      before: toHex(upload.previousJournalHead),
    });
    return { results: decodeUploadBody(body).entries.flatMap((entry) => this.entry(decodeUploadEntry(entry))) };
  }

  private chain(seq: number, { head, before }: { head: string; before: string }): void {
    const known = this.uploads[seq - 1];
    const expected = seq === 1 ? toHex(new Uint8Array(32)) : this.uploads[seq - 2];
    if ((known !== undefined && known !== head) || before !== expected) throw new Refusal(500, "UPLOAD_CHAIN_BROKEN");
    this.uploads[seq - 1] = head;
  }

  private entry(content: ReturnType<typeof decodeUploadEntry>): readonly object[] {
    if (content.kind !== "stateProof") return [this.voucher(content)];
    const digest = digestOf(encodeStateProof(content.proof));
    if (!verifyDigest(content.signature, digest, content.cardKey)) throw new Refusal(422, "PROOF_SIGNATURE");
    this.proofs.push(toHex(content.cardKey));
    this.provenStates.push(content.proof.state);
    return [];
  }

  private voucher(content: ReturnType<typeof decodeUploadEntry>): object {
    if (content.kind !== "voucher") throw new Refusal(422, "NO_VOUCHER");
    const { message, cardKey, context } = content.bundle;
    const id = toHex(voucherId(addressOfKey(cardKey), message));
    const keys = [{ domain: this.domain, id: 1, publicKey: this.signer.publicKey }];
    if (judgeVoucher(content.bundle, { checks: createSignatureChecks(keys) }).worth !== "promised")
      return { voucherId: id, status: "refused", code: "SIGNATURE" };
    if (encodeVoucherMessage(message).length !== 82) throw new Error("A message has 82 bytes.");
    if (this.vouchers.has(id)) return { voucherId: id, status: "duplicate", code: null };
    this.vouchers.set(id, { counter: message.counter, amount: message.amount, spent: context.spent });
    return { voucherId: id, status: "new", code: null };
  }

  describe(address: string): object {
    const { index, reference, funded } = this.card(address);
    const balanceFinal = formatAmount(funded, this.asset);
    const open = [...this.fundings.values()].some(({ card, state }) => card === address && state === "final");
    return {
      ...{ card: address, cardIndex: index, reference, balanceFinal },
      ...{ state: open ? "open" : "opening", status: "valid" },
    };
  }
}
