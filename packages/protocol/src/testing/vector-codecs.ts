import * as protocol from "../index.ts";
import {
  address,
  big,
  bit,
  body,
  context,
  digits,
  domain,
  entry,
  entryAgain,
  head,
  hex,
  list,
  mailboxPage,
  mailboxRequest,
  message,
  num,
  object,
  pinSession,
  proof,
  request,
  requestKind,
  reversal,
  select,
  shortSelect,
  text,
  upload,
  type VectorFields,
} from "./vector-fields.ts";

/** How one vector file's bytes are built from fields, and read and written again. */
export interface VectorCodec {
  readonly build: (fields: VectorFields) => Uint8Array;
  readonly rebuild?: (bytes: Uint8Array, fields: VectorFields) => Uint8Array;
}

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
        perCardSum: big(f.perCardSum),
        softwareSum: big(f.softwareSum),
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
  receipt: {
    build: (f) =>
      protocol.encodeReceipt({
        domain: domain(f.domain),
        issuerKeyId: num(f.issuerKeyId),
        payee: address(f.payee),
        terminalId: hex(f.terminalId),
        uploadSeq: num(f.uploadSeq),
        uploadHash: hex(f.uploadHash),
        receivedAt: num(f.receivedAt),
      }),
    rebuild: (bytes) => protocol.encodeReceipt(protocol.decodeReceipt(bytes)),
  },
  "terminal-request": {
    build: (f) =>
      protocol.encodeTerminalRequest({
        domain: domain(f.domain),
        payee: address(f.payee),
        terminalId: hex(f.terminalId),
        kind: requestKind(f.kind),
        time: num(f.time),
        nonce: hex(f.nonce),
        bodyHash: hex(f.bodyHash),
      }),
    rebuild: (bytes) => protocol.encodeTerminalRequest(protocol.decodeTerminalRequest(bytes)),
  },
  "certificate-request": {
    build: (f) =>
      protocol.encodeCertificateRequest({
        domain: domain(f.domain),
        payee: address(f.payee),
        terminalId: hex(f.terminalId),
        terminalKey: hex(f.terminalKey),
        category: num(f.category),
        time: num(f.time),
      }),
    rebuild: (bytes) => protocol.encodeCertificateRequest(protocol.decodeCertificateRequest(bytes)),
  },
  admission: {
    build: (f) =>
      protocol.encodeAdmission({
        domain: domain(f.domain),
        issuerKeyId: num(f.issuerKeyId),
        issuedAt: num(f.issuedAt),
        requestHash: hex(f.requestHash),
        certificateHash: hex(f.certificateHash),
        termsHash: hex(f.termsHash),
      }),
    rebuild: (bytes) => protocol.encodeAdmission(protocol.decodeAdmission(bytes)),
  },
  "mailbox-request": {
    build: (f) => protocol.encodeMailboxRequest(mailboxRequest(f)),
    rebuild: (bytes) => protocol.encodeMailboxRequest(protocol.decodeMailboxRequest(bytes)),
  },
  "mailbox-page": {
    build: (f) => protocol.encodeMailboxPage(mailboxPage(f)),
    rebuild: (bytes) => protocol.encodeMailboxPage(protocol.decodeMailboxPage(bytes)),
  },
  "order-report": {
    build: (f) => protocol.encodeOrderReport({ domain: domain(f.domain), reportHash: hex(f.reportHash) }),
    rebuild: (bytes) => protocol.encodeOrderReport(protocol.decodeOrderReport(bytes)),
  },
  "log-reading": {
    build: (f) =>
      protocol.encodeLogReading({
        domain: domain(f.domain),
        cardTag: hex(f.cardTag),
        challenge: hex(f.challenge),
      }),
    rebuild: (bytes) => protocol.encodeLogReading(protocol.decodeLogReading(bytes)),
  },
  upload: {
    build: (f) => protocol.encodeUpload(upload(f)),
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
  "refund-order": {
    build: (f) =>
      protocol.encodeRefundOrder({
        domain: domain(f.domain),
        voucherId: hex(f.voucherId),
        total: big(f.total),
        deadline: num(f.deadline),
      }),
    rebuild: (bytes) => protocol.encodeRefundOrder(protocol.decodeRefundOrder(bytes)),
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
  "short-pay-answer": {
    build: (f) => protocol.encodeShortPayAnswer({ cvm: bit(f.cvm), flags: 0, signature: hex(f.signature) }),
    rebuild: (bytes) => protocol.encodeShortPayAnswer(protocol.decodeShortPayAnswer(bytes)),
  },
  "short-select-answer": {
    build: shortSelect,
    rebuild: (bytes) => protocol.encodeShortSelectAnswer(protocol.decodeShortSelectAnswer(bytes)),
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
