import * as protocol from "../index.ts";

// Reads the fields of a vector as the values that the codecs take.

/** A value of a vector file: a number, text, or a structure of them. */
export type VectorValue = number | string | readonly VectorValue[] | { readonly [name: string]: VectorValue };

/** The fields of one vector. */
export type VectorFields = { readonly [name: string]: VectorValue };

export const text = (value: VectorValue | undefined): string => {
  if (typeof value !== "string") throw new Error(`a vector's field should be text, not ${String(value)}`);
  return value;
};
export const hex = (value: VectorValue | undefined) => protocol.fromHex(text(value));
export const big = (value: VectorValue | undefined) => BigInt(text(value));
export const list = (value: VectorValue | undefined): readonly VectorValue[] => {
  if (!Array.isArray(value)) throw new Error("a vector's field should be a list");
  return value;
};
export const object = (value: VectorValue | undefined): VectorFields => {
  if (typeof value !== "object" || Array.isArray(value)) throw new Error("a vector's field should be an object");
  return value as VectorFields;
};
export const num = (value: VectorValue | undefined): number => {
  if (typeof value !== "number") throw new Error(`a vector's field should be a number, not ${String(value)}`);
  return value;
};
export const address = (value: VectorValue | undefined) => protocol.parseAddress(text(value));
export const bit = (value: VectorValue | undefined): 0 | 1 => (num(value) === 1 ? 1 : 0);
export const state = (value: VectorValue | undefined): protocol.CardState => {
  const found = protocol.cardStateBytes.find((candidate) => candidate === num(value));
  if (found === undefined) throw new Error("a vector's state is unknown");
  return found;
};

export const domain = (value: VectorValue | undefined): protocol.Domain => {
  const f = object(value);
  return { chainId: big(f.chainId), vault: address(f.vault) };
};
export const message = (f: VectorFields): protocol.VoucherMessage => ({
  domain: domain(f.domain),
  payee: address(f.payee),
  counter: num(f.counter),
  amount: big(f.amount),
  context: hex(f.context),
});
export const context = (f: VectorFields): protocol.VoucherContext => ({
  challenge: hex(f.challenge),
  terminalId: hex(f.terminalId),
  time: num(f.time),
  spent: big(f.spent),
  allowanceSeq: num(f.allowanceSeq),
  category: num(f.category),
  cvm: bit(f.cvm),
  flags: 0,
  link: hex(f.link),
});
export const body = (f: VectorFields): protocol.AllowanceBody => ({
  issuerKeyId: num(f.issuerKeyId),
  seq: num(f.seq),
  maxSpent: big(f.maxSpent),
  softSpent: big(f.softSpent),
  maxCounter: num(f.maxCounter),
  perTap: big(f.perTap),
  pinAbove: big(f.pinAbove),
  noPinSum: big(f.noPinSum),
  noPinCount: num(f.noPinCount),
  notBefore: num(f.notBefore),
  notAfter: num(f.notAfter),
  cardIndex: num(f.cardIndex),
  categories: big(f.categories),
  flags: num(f.flags),
});
export const request = (f: VectorFields): protocol.PayRequest => ({
  cardTag: hex(f.cardTag),
  counter: num(f.counter),
  payee: address(f.payee),
  amount: big(f.amount),
  time: num(f.time),
  challenge: hex(f.challenge),
  terminalId: hex(f.terminalId),
  category: num(f.category),
});
export const proof = (f: VectorFields): protocol.StateProof => ({
  domain: domain(f.domain),
  challenge: hex(f.challenge),
  counter: num(f.counter),
  spent: big(f.spent),
  seq: num(f.seq),
  state: state(f.state),
  head: hex(f.head),
});
export const head = (f: VectorFields): protocol.StatusListHead => ({
  domain: domain(f.domain),
  issuerKeyId: num(f.issuerKeyId),
  seq: num(f.seq),
  issuedAt: num(f.issuedAt),
  asOf: num(f.asOf),
  cards: num(f.cards),
  listHash: hex(f.listHash),
});
export const digits = (value: VectorValue | undefined) => Uint8Array.from(text(value), Number);
export const pinSession = (f: VectorFields): protocol.PinSession => ({
  domain: domain(f.domain),
  challenge: hex(f.challenge),
  ephemeralKey: hex(f.ephemeralKey),
});
export const reversal = (f: VectorFields): protocol.Reversal => ({
  domain: domain(f.domain),
  cardKey: hex(f.cardKey),
  request: request(object(f.request)),
});
export const requestKind = (value: VectorValue | undefined): protocol.TerminalRequestKind => {
  const found = Object.values(protocol.terminalRequestKinds).find((kind) => kind === num(value));
  if (found === undefined) throw new Error("a vector's kind of request is unknown");
  return found;
};
export const mailboxRequest = (f: VectorFields): protocol.MailboxRequest =>
  num(f.ask) === protocol.mailboxAsks.page
    ? { ask: protocol.mailboxAsks.page, cursor: hex(f.cursor) }
    : { ask: protocol.mailboxAsks.card, cardTag: hex(f.cardTag), shownSeq: num(f.shownSeq) };
export const mailboxPage = (f: VectorFields): protocol.MailboxPage => ({
  next: hex(f.next),
  more: bit(f.more) === 1,
  entries: list(f.entries)
    .map(object)
    .map((entry) => ({
      cardTag: hex(entry.cardTag),
      body: body(object(entry.body)),
      signature: hex(entry.signature),
    })),
});
export const upload = (f: VectorFields): protocol.Upload => ({
  domain: domain(f.domain),
  payee: address(f.payee),
  terminalId: hex(f.terminalId),
  uploadSeq: num(f.uploadSeq),
  previousJournalHead: hex(f.previousJournalHead),
  bodyHash: hex(f.bodyHash),
});
export const entry = (f: VectorFields): protocol.UploadEntry => {
  if (f.kind === 4) return protocol.challengeEntry({ challenge: hex(f.challenge) });
  const signature = hex(f.signature);
  if (f.kind === 5) return protocol.setAsideEntry({ upload: upload(object(f.upload)), signature });
  if (f.kind === 2) return protocol.reversalEntry({ reversal: reversal(object(f.reversal)), signature });
  if (f.kind === 3)
    return protocol.stateProofEntry({ cardKey: hex(f.cardKey), proof: proof(object(f.proof)), signature });
  return protocol.voucherEntry({
    cardKey: hex(f.cardKey),
    message: message(object(f.message)),
    context: context(object(f.context)),
    signature,
    allowanceBody: body(object(f.allowanceBody)),
    allowanceSignature: hex(f.allowanceSignature),
  });
};
export const entryAgain = (found: protocol.UploadEntry): protocol.UploadEntry => {
  const content = protocol.decodeUploadEntry(found);
  switch (content.kind) {
    case "voucher":
      return protocol.voucherEntry(content.bundle);
    case "reversal":
      return protocol.reversalEntry(content);
    case "stateProof":
      return protocol.stateProofEntry(content);
    case "challenge":
      return protocol.challengeEntry(content);
    case "setAside":
      return protocol.setAsideEntry(content);
  }
};
const firstInstance = protocol.instanceAid(1);
export const select = (f: VectorFields): Uint8Array =>
  f.allowanceBody === undefined
    ? protocol.encodeBlankSelectAnswer({ aid: firstInstance, version: 1, state: state(f.state) })
    : protocol.encodeSelectAnswer({
        aid: firstInstance,
        version: 1,
        state: state(f.state),
        cardTag: hex(f.cardTag),
        cardKey: hex(f.cardKey),
        allowanceBody: body(object(f.allowanceBody)),
        allowanceSignature: hex(f.allowanceSignature),
        counter: num(f.counter),
        spent: big(f.spent),
        noPinUsed: big(f.noPinUsed),
        noPinTaps: num(f.noPinTaps),
        head: hex(f.head),
      });
export const shortSelect = (f: VectorFields): Uint8Array =>
  protocol.encodeShortSelectAnswer({
    version: 1,
    state: state(f.state),
    cardTag: hex(f.cardTag),
    allowanceSeq: num(f.allowanceSeq),
    counter: num(f.counter),
    spent: big(f.spent),
    noPinUsed: big(f.noPinUsed),
    noPinTaps: num(f.noPinTaps),
    head: hex(f.head),
  });
