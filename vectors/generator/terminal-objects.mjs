// Vector files of what a terminal asks and signs, and of the receipt it gets.
import { counting, sha256, text } from "./bytes.mjs";
import * as fixture from "./fixture.mjs";
import { broken } from "./malformed.mjs";
import * as objects from "./objects.mjs";
import { file } from "./vector-file.mjs";

const { zeros, MAX_U48, domain } = fixture;
const ff = (bytes) => "ff".repeat(bytes);
const oo = (bytes) => "00".repeat(bytes);

const request = {
  domain,
  payee: fixture.payees[0],
  terminalId: counting(0xa0, 8),
  time: 1790000300,
  nonce: counting(0x50, 16),
  bodyHash: counting(0x80, 32),
};

const certificateRequest = {
  domain,
  payee: fixture.payees[0],
  terminalId: counting(0xa0, 8),
  terminalKey: fixture.certificate.terminalKey,
};

/** The text that the admission's terms hash is of. */
const terms = new TextEncoder().encode('{"schema":"tallystick.terms/1"}');

export const terminalObjects = {
  upload: file({
    ...{ object: "Upload", clause: "spec §3.7", build: objects.upload },
    cases: {
      first: fixture.firstUpload,
      later: {
        domain,
        payee: fixture.payees[0],
        terminalId: counting(0xa0, 8),
        uploadSeq: 0xffffffff,
        previousJournalHead: counting(1, 32),
        bodyHash: counting(0x80, 32),
      },
    },
    malformed: (b) => [
      broken(b, "payee zero", 32, oo(20), "ZERO_PAYEE"),
      broken(b, "upload seq zero", 60, oo(4), "OUT_OF_RANGE"),
    ],
  }),
  receipt: file({
    ...{ object: "Receipt", clause: "spec §3.10", build: objects.receipt },
    cases: {
      "of the first upload": {
        domain,
        issuerKeyId: 1,
        payee: fixture.payees[0],
        terminalId: counting(0xa0, 8),
        uploadSeq: 1,
        uploadHash: text(sha256(objects.upload(fixture.firstUpload))),
        receivedAt: 1790000200,
      },
      "largest values": {
        domain,
        issuerKeyId: 255,
        payee: fixture.payees[1],
        terminalId: "0x" + ff(8),
        uploadSeq: 0xffffffff,
        uploadHash: "0x" + ff(32),
        receivedAt: 0xffffffff,
      },
    },
    malformed: (b) => [
      ...[broken(b, "vault zero", 12, oo(20), "ZERO_ADDRESS"), broken(b, "payee zero", 33, oo(20), "ZERO_PAYEE")],
      broken(b, "upload seq zero", 61, oo(4), "OUT_OF_RANGE"),
    ],
  }),
  "terminal-request": file({
    ...{ object: "TerminalRequest", clause: "spec §3.7", build: objects.terminalRequest },
    cases: {
      "voucher states": { ...request, kind: 2 },
      "refund order": { ...request, kind: 3 },
      mailbox: { ...request, kind: 1, bodyHash: text(sha256(objects.mailboxRequest({ ask: 1, cursor: zeros(16) }))) },
      "renewal, largest values": { ...request, kind: 4, time: 0xffffffff, nonce: "0x" + ff(16) },
      "list of vouchers, from the start": { ...request, kind: 5, bodyHash: text(sha256(new Uint8Array(32))) },
      "the payee's first unit came": { ...request, kind: 6, bodyHash: text(sha256(Uint8Array.of(2))) },
    },
    malformed: (b) => [
      ...[broken(b, "vault zero", 12, oo(20), "ZERO_ADDRESS"), broken(b, "payee zero", 32, oo(20), "ZERO_PAYEE")],
      ...[broken(b, "kind 0", 60, "00", "OUT_OF_RANGE"), broken(b, "kind 7", 60, "07", "OUT_OF_RANGE")],
    ],
  }),
  "certificate-request": file({
    ...{ object: "CertificateRequest", clause: "spec §3.12", build: objects.certificateRequest },
    cases: {
      "a terminal": { ...certificateRequest, category: 12, time: 1790000000 },
      "smallest values": { ...certificateRequest, terminalId: zeros(8), category: 0, time: 0 },
      "largest values": { ...certificateRequest, terminalId: "0x" + ff(8), category: 63, time: 0xffffffff },
    },
    malformed: (b) => [
      ...[broken(b, "vault zero", 12, oo(20), "ZERO_ADDRESS"), broken(b, "payee zero", 32, oo(20), "ZERO_PAYEE")],
      ...[broken(b, "compressed key", 60, "02", "BAD_PUBLIC_KEY"), broken(b, "category 64", 125, "40", "OUT_OF_RANGE")],
    ],
  }),
  admission: file({
    ...{ object: "Admission", clause: "spec §3.13", build: objects.admission },
    cases: {
      "of a terminal": {
        domain,
        issuerKeyId: 1,
        issuedAt: 1790000400,
        requestHash: text(
          sha256(objects.certificateRequest({ ...certificateRequest, category: 12, time: 1790000000 })),
        ),
        certificateHash: text(sha256(objects.merchantCertificate(fixture.certificate))),
        termsHash: text(sha256(terms)),
      },
      "largest values": {
        ...{ domain, issuerKeyId: 255, issuedAt: 0xffffffff },
        ...{ requestHash: "0x" + ff(32), certificateHash: "0x" + ff(32), termsHash: "0x" + ff(32) },
      },
    },
    malformed: (b) => [
      broken(b, "vault zero", 12, oo(20), "ZERO_ADDRESS"),
      broken(b, "chain id zero", 4, oo(8), "OUT_OF_RANGE"),
    ],
  }),
  "order-report": file({
    ...{ object: "OrderReport", clause: "spec §3.7", build: objects.orderReport },
    cases: {
      "no line at all": { domain, reportHash: text(sha256(new Uint8Array(0))) },
      "largest values": { domain, reportHash: "0x" + ff(32) },
    },
    malformed: (b) => [
      broken(b, "vault zero", 12, oo(20), "ZERO_ADDRESS"),
      broken(b, "chain id zero", 4, oo(8), "OUT_OF_RANGE"),
    ],
  }),
  "log-reading": file({
    ...{ object: "LogReading", clause: "spec §3.7", build: objects.logReading },
    cases: {
      "card 1": { domain, cardTag: fixture.cardTag, challenge: counting(0x90, 16) },
      "another card, another challenge": { domain, cardTag: counting(0xc0, 8), challenge: "0x" + ff(16) },
    },
    malformed: (b) => [
      broken(b, "vault zero", 12, oo(20), "ZERO_ADDRESS"),
      broken(b, "chain id zero", 4, oo(8), "OUT_OF_RANGE"),
    ],
  }),
  "pay-request": file({
    ...{ object: "PayRequest", clause: "spec §4.5", build: objects.payRequest, tagged: false },
    cases: {
      "first payment": fixture.history[0].request,
      "second payment": fixture.history[1].request,
      "largest values": {
        ...fixture.history[1].request,
        counter: 0xffffffff,
        amount: MAX_U48,
        time: 0xffffffff,
        category: 63,
      },
    },
    malformed: (b) => [
      ...[broken(b, "counter zero", 8, oo(4), "OUT_OF_RANGE"), broken(b, "payee zero", 12, oo(20), "ZERO_PAYEE")],
      ...[broken(b, "amount zero", 32, oo(6), "OUT_OF_RANGE"), broken(b, "category 64", 66, "40", "OUT_OF_RANGE")],
    ],
  }),
  reversal: file({
    ...{ object: "Reversal", clause: "spec §3.7", build: objects.reversal },
    cases: { typical: { domain, cardKey: fixture.cardKey, request: fixture.history[1].request } },
    malformed: (b) => [
      broken(b, "uncompressed key", 32, "04", "BAD_PUBLIC_KEY"),
      broken(b, "amount zero", 97, oo(6), "OUT_OF_RANGE"),
    ],
  }),
};
