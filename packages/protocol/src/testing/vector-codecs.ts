import * as protocol from "../index.ts";

/** A value of a vector file: a number, text, or a structure of them. */
export type VectorValue = number | string | readonly VectorValue[] | { readonly [name: string]: VectorValue };

/** The fields of one vector. */
export type VectorFields = { readonly [name: string]: VectorValue };

/** How one vector file's bytes are built from fields, and read and written again. */
export interface VectorCodec {
  readonly build: (fields: VectorFields) => Uint8Array;
  readonly rebuild?: (bytes: Uint8Array, fields: VectorFields) => Uint8Array;
}

const text = (value: VectorValue | undefined): string => {
  if (typeof value !== "string") throw new Error(`a vector's field should be text, not ${String(value)}`);
  return value;
};
const hex = (value: VectorValue | undefined) => protocol.fromHex(text(value));
const big = (value: VectorValue | undefined) => BigInt(text(value));
const list = (value: VectorValue | undefined): readonly VectorValue[] => {
  if (!Array.isArray(value)) throw new Error("a vector's field should be a list");
  return value;
};
const object = (value: VectorValue | undefined): VectorFields => {
  if (typeof value !== "object" || Array.isArray(value)) throw new Error("a vector's field should be an object");
  return value as VectorFields;
};
const num = (value: VectorValue | undefined): number => {
  if (typeof value !== "number") throw new Error(`a vector's field should be a number, not ${String(value)}`);
  return value;
};
const address = (value: VectorValue | undefined) => protocol.parseAddress(text(value));
const bit = (value: VectorValue | undefined): 0 | 1 => (num(value) === 1 ? 1 : 0);
const state = (value: VectorValue | undefined): protocol.CardState => {
  const found = protocol.cardStateBytes.find((candidate) => candidate === num(value));
  if (found === undefined) throw new Error("a vector's state is unknown");
  return found;
};

const domain = (value: VectorValue | undefined): protocol.Domain => {
  const f = object(value);
  return { chainId: big(f.chainId), vault: address(f.vault) };
};
const message = (f: VectorFields): protocol.VoucherMessage => ({
  domain: domain(f.domain),
  payee: address(f.payee),
  counter: num(f.counter),
  amount: big(f.amount),
  context: hex(f.context),
});
const context = (f: VectorFields): protocol.VoucherContext => ({
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
const body = (f: VectorFields): protocol.AllowanceBody => ({
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
const request = (f: VectorFields): protocol.PayRequest => ({
  cardTag: hex(f.cardTag),
  counter: num(f.counter),
  payee: address(f.payee),
  amount: big(f.amount),
  time: num(f.time),
  challenge: hex(f.challenge),
  terminalId: hex(f.terminalId),
  category: num(f.category),
});
const proof = (f: VectorFields): protocol.StateProof => ({
  domain: domain(f.domain),
  challenge: hex(f.challenge),
  counter: num(f.counter),
  spent: big(f.spent),
  seq: num(f.seq),
  state: state(f.state),
  head: hex(f.head),
});
const head = (f: VectorFields): protocol.StatusListHead => ({
  domain: domain(f.domain),
  issuerKeyId: num(f.issuerKeyId),
  seq: num(f.seq),
  issuedAt: num(f.issuedAt),
  asOf: num(f.asOf),
  cards: num(f.cards),
  listHash: hex(f.listHash),
});
const digits = (value: VectorValue | undefined) => Uint8Array.from(text(value), Number);
const pinSession = (f: VectorFields): protocol.PinSession => ({
  domain: domain(f.domain),
  challenge: hex(f.challenge),
  ephemeralKey: hex(f.ephemeralKey),
});
const reversal = (f: VectorFields): protocol.Reversal => ({
  domain: domain(f.domain),
  cardKey: hex(f.cardKey),
  request: request(object(f.request)),
});
const entry = (f: VectorFields): protocol.UploadEntry => {
  const signature = hex(f.signature);
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
const entryAgain = (found: protocol.UploadEntry): protocol.UploadEntry => {
  const content = protocol.decodeUploadEntry(found);
  switch (content.kind) {
    case "voucher":
      return protocol.voucherEntry(content.bundle);
    case "reversal":
      return protocol.reversalEntry(content);
    case "stateProof":
      return protocol.stateProofEntry(content);
  }
};
const firstInstance = protocol.instanceAid(1);
const select = (f: VectorFields): Uint8Array =>
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

const codecs: Readonly<Record<string, VectorCodec>> = {
  domain: {
    build: (f) => protocol.encodeDomain(domain(f)),
    rebuild: (bytes) => protocol.encodeDomain(protocol.decodeDomain(bytes)),
  },
  "voucher-message": {
    build: (f) => protocol.encodeVoucherMessage(message(f)),
    rebuild: (bytes) => protocol.encodeVoucherMessage(protocol.decodeVoucherMessage(bytes)),
  },
  "voucher-context": {
    build: (f) => protocol.encodeVoucherContext(context(f)),
    rebuild: (bytes) => protocol.encodeVoucherContext(protocol.decodeVoucherContext(bytes)),
  },
  "allowance-body": {
    build: (f) => protocol.encodeAllowanceBody(body(f)),
    rebuild: (bytes) => protocol.encodeAllowanceBody(protocol.decodeAllowanceBody(bytes)),
  },
  allowance: {
    build: (f) =>
      protocol.encodeAllowance({ domain: domain(f.domain), card: address(f.card), body: body(object(f.body)) }),
    rebuild: (bytes) => protocol.encodeAllowance(protocol.decodeAllowance(bytes)),
  },
  "merchant-certificate": {
    build: (f) =>
      protocol.encodeMerchantCertificate({
        domain: domain(f.domain),
        issuerKeyId: num(f.issuerKeyId),
        payee: address(f.payee),
        category: num(f.category),
        terminalId: hex(f.terminalId),
        terminalKey: hex(f.terminalKey),
        notBefore: num(f.notBefore),
        notAfter: num(f.notAfter),
        perTap: big(f.perTap),
        unsentSum: big(f.unsentSum),
        unsentCount: num(f.unsentCount),
      }),
    rebuild: (bytes) => protocol.encodeMerchantCertificate(protocol.decodeMerchantCertificate(bytes)),
  },
  "status-list-head": {
    build: (f) => protocol.encodeStatusListHead(head(f)),
    rebuild: (bytes) => protocol.encodeStatusListHead(protocol.decodeStatusListHead(bytes)),
  },
  "status-list": {
    build: (f) => protocol.encodeStatusList(list(f.statuses).map((status) => num(status) as protocol.CardStatus)),
    rebuild: (bytes, f) => {
      const cards = f.cards === undefined ? list(f.statuses).length : num(f.cards);
      const statuses = protocol.decodeStatusList(bytes, cards);
      return protocol.unpackStatusList(protocol.packStatusList(protocol.encodeStatusList(statuses)), cards);
    },
  },
  "state-proof": {
    build: (f) => protocol.encodeStateProof(proof(f)),
    rebuild: (bytes) => protocol.encodeStateProof(protocol.decodeStateProof(bytes)),
  },
  opening: {
    build: (f) => protocol.encodeOpening({ domain: domain(f.domain), owner: address(f.owner) }),
    rebuild: (bytes) => protocol.encodeOpening(protocol.decodeOpening(bytes)),
  },
  "pin-session": {
    build: (f) =>
      protocol.encodePinSession({
        domain: domain(f.domain),
        challenge: hex(f.challenge),
        ephemeralKey: hex(f.ephemeralKey),
      }),
    rebuild: (bytes) => protocol.encodePinSession(protocol.decodePinSession(bytes)),
  },
  upload: {
    build: (f) =>
      protocol.encodeUpload({
        domain: domain(f.domain),
        payee: address(f.payee),
        terminalId: hex(f.terminalId),
        uploadSeq: num(f.uploadSeq),
        previousJournalHead: hex(f.previousJournalHead),
        bodyHash: hex(f.bodyHash),
      }),
    rebuild: (bytes) => protocol.encodeUpload(protocol.decodeUpload(bytes)),
  },
  "upload-body": {
    build: (f) =>
      protocol.encodeUploadBody({ version: 1, entries: list(f.entries).map((item) => entry(object(item))) }),
    rebuild: (bytes) => {
      const { version, entries } = protocol.decodeUploadBody(bytes);
      return protocol.encodeUploadBody({ version, entries: entries.map(entryAgain) });
    },
  },
  reversal: {
    build: (f) => protocol.encodeReversal(reversal(f)),
    rebuild: (bytes) => protocol.encodeReversal(protocol.decodeReversal(bytes)),
  },
  "pay-request": {
    build: (f) => protocol.encodePayRequest(request(f)),
    rebuild: (bytes) => protocol.encodePayRequest(protocol.decodePayRequest(bytes)),
  },
  "pay-answer": {
    build: (f) =>
      protocol.encodePayAnswer({
        counter: num(f.counter),
        spent: big(f.spent),
        allowanceSeq: num(f.allowanceSeq),
        cvm: bit(f.cvm),
        flags: 0,
        link: hex(f.link),
        signature: hex(f.signature),
      }),
    rebuild: (bytes) => protocol.encodePayAnswer(protocol.decodePayAnswer(bytes)),
  },
  "select-answer": {
    build: select,
    rebuild: (bytes) =>
      protocol.isBlankSelectAnswer(bytes)
        ? protocol.encodeBlankSelectAnswer(protocol.decodeBlankSelectAnswer(bytes))
        : protocol.encodeSelectAnswer(protocol.decodeSelectAnswer(bytes)),
  },
  "card-tag": { build: (f) => protocol.cardTag(domain(f.domain), hex(f.cardKey)) },
  "card-address": {
    build: (f) => {
      const derived = protocol.addressOfKey(hex(f.compressed));
      if (!protocol.equalBytes(derived, protocol.addressOfKey(hex(f.uncompressed))))
        throw new Error("the two forms of a key give two addresses");
      return derived;
    },
  },
  "voucher-id": {
    build: (f) => protocol.voucherId(address(f.card), protocol.decodeVoucherMessage(hex(f.message))),
  },
  "card-signature": {
    build: (f) => protocol.encodeDerSignature({ r: BigInt(text(f.r)), s: BigInt(text(f.s)) }),
    rebuild: (bytes, f) => {
      if (f.normalized !== undefined) {
        const { signature, parity } = protocol.normalizeCardSignature(bytes, hex(f.digest), hex(f.publicKey));
        if (protocol.toHex(signature) !== f.normalized || parity !== f.parity)
          throw new Error("the normal form differs");
      }
      return protocol.encodeDerSignature(protocol.parseCardSignature(bytes));
    },
  },
  "card-record": {
    build: (f) =>
      protocol.encodeCardRecord({
        request: request(object(f.request)),
        spent: big(f.spent),
        allowanceSeq: num(f.allowanceSeq),
        cvm: bit(f.cvm),
        flags: 0,
        link: hex(f.link),
        messageHash: hex(f.messageHash),
      }),
    rebuild: (bytes) => protocol.encodeCardRecord(protocol.decodeCardRecord(bytes)),
  },
  "pin-block": {
    build: (f) => protocol.encodePinBlock(digits(f.digits)),
    rebuild: (bytes) => protocol.encodePinBlock(protocol.decodePinBlock(bytes)),
  },
  "pin-command": {
    build: (f) => {
      const session = protocol.openPinSession(pinSession(object(f.session)), hex(f.terminalSecret));
      if (f.instruction === 0x20) return protocol.sealVerifyPin(session, digits(f.first), hex(f.requestHash));
      const seal = f.instruction === 0x24 ? protocol.sealChangePin : protocol.sealUnblock;
      return seal(session, digits(f.first), digits(f.second));
    },
    rebuild: (bytes, f) => {
      const session = pinSession(object(f.session));
      const instruction = f.instruction === 0x20 ? 0x20 : f.instruction === 0x24 ? 0x24 : 0x2c;
      const terminalKey = protocol.terminalKeyOf(instruction, bytes);
      const keys = protocol.derivePinKeys({ session, terminalKey, ownSecret: hex(f.cardSecret), peerKey: terminalKey });
      const opened = protocol.openPinCommand(keys, instruction, bytes);
      if (opened.instruction === 0x20)
        return protocol.sealVerifyPin({ terminalKey, keys }, opened.pin, opened.requestHash);
      const seal = opened.instruction === 0x24 ? protocol.sealChangePin : protocol.sealUnblock;
      return seal({ terminalKey, keys }, opened.first, opened.newPin);
    },
  },
  beacon: {
    build: (f) => protocol.encodeBeacon({ head: head(object(f.head)), signature: hex(f.signature) }),
    rebuild: (bytes) => protocol.encodeBeacon(protocol.decodeBeacon(bytes)),
  },
};

/** The codec of a vector file; throws for a file that no codec reads, so that none is forgotten. */
export function codecOf(file: string): VectorCodec {
  const codec = codecs[file];
  if (codec === undefined) throw new Error(`vectors/${file}.json has no codec here`);
  return codec;
}
