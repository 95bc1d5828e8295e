// Vector files of the objects with a fixed layout.
import { counting, text } from "./bytes.mjs";
import { broken } from "./malformed.mjs";
import * as objects from "./objects.mjs";
import * as fixture from "./fixture.mjs";
import { testKey } from "./secp256k1.mjs";
import { file } from "./vector-file.mjs";

const { zeros, MAX_U48, domain } = fixture;
const ff = (bytes) => "ff".repeat(bytes);
const oo = (bytes) => "00".repeat(bytes);

const largest = { ...fixture.history[1].message, counter: 0xffffffff, amount: MAX_U48, context: "0x" + ff(20) };
const secondVoucher = text(objects.voucherId({ card: fixture.cardAddress, message: text(fixture.history[1].bytes) }));
const bodies = {
  typical: fixture.body,
  "largest values": {
    ...{
      issuerKeyId: 255,
      seq: 0xffffffff,
      maxSpent: MAX_U48,
      softSpent: MAX_U48,
      maxCounter: 0xffffffff,
      perTap: MAX_U48,
      pinAbove: MAX_U48,
    },
    ...{ noPinSum: MAX_U48, noPinCount: 255, notBefore: 0xffffffff, notAfter: 0xffffffff, cardIndex: 0xffffffff },
    ...{ categories: "18446744073709551615", flags: 15 },
  },
  "smallest values": {
    ...{
      issuerKeyId: 0,
      seq: 1,
      maxSpent: "0",
      softSpent: "0",
      maxCounter: 0,
      perTap: "0",
      pinAbove: "0",
      noPinSum: "0",
      noPinCount: 0,
    },
    ...{ notBefore: 0, notAfter: 0, cardIndex: 0, categories: "0", flags: 0 },
  },
};

export const fixedObjects = {
  domain: file({
    ...{ object: "Domain", clause: "spec §2.2", build: objects.domain, tagged: false },
    cases: {
      "local chain": domain,
      "largest chain id": { ...domain, chainId: "18446744073709551615" },
      mainnet: { ...domain, chainId: "1" },
    },
    malformed: (b) => [
      broken(b, "chain id zero", 0, oo(8), "OUT_OF_RANGE"),
      broken(b, "vault zero", 8, oo(20), "ZERO_ADDRESS"),
    ],
  }),
  "voucher-message": file({
    ...{ object: "VoucherMessage", clause: "spec §3.1", build: objects.voucherMessage },
    cases: {
      "first payment": fixture.history[0].message,
      "second payment": fixture.history[1].message,
      "third payment": fixture.history[2].message,
      "largest values": largest,
    },
    malformed: (b) => [
      ...[broken(b, "payee zero", 32, oo(20), "ZERO_PAYEE"), broken(b, "counter zero", 52, oo(4), "OUT_OF_RANGE")],
      ...[broken(b, "amount zero", 56, oo(6), "OUT_OF_RANGE"), broken(b, "vault zero", 12, oo(20), "ZERO_ADDRESS")],
      broken(b, "tag of a context", 0, "544c5943", "UNKNOWN_TAG"),
    ],
  }),
  "voucher-context": file({
    ...{ object: "VoucherContext", clause: "spec §3.2", build: objects.voucherContext },
    cases: {
      ...{
        "first payment": fixture.history[0].context,
        "second payment": fixture.history[1].context,
        "third payment": fixture.history[2].context,
      },
      "largest values": {
        ...fixture.history[1].context,
        time: 0xffffffff,
        spent: MAX_U48,
        allowanceSeq: 0xffffffff,
        category: 63,
        cvm: 1,
      },
    },
    malformed: (b) => [
      ...[broken(b, "spent zero", 32, oo(6), "OUT_OF_RANGE"), broken(b, "seq zero", 38, oo(4), "OUT_OF_RANGE")],
      ...[
        broken(b, "category 64", 42, "40", "OUT_OF_RANGE"),
        broken(b, "cvm 2", 43, "02", "OUT_OF_RANGE"),
        broken(b, "flags 1", 44, "01", "OUT_OF_RANGE"),
      ],
    ],
  }),
  "allowance-body": file({
    ...{ object: "AllowanceBody", clause: "spec §3.3", build: objects.allowanceBody, cases: bodies, tagged: false },
    malformed: (b) => [
      broken(b, "seq zero", 1, oo(4), "OUT_OF_RANGE"),
      broken(b, "flags 16", 60, "0010", "OUT_OF_RANGE"),
    ],
  }),
  allowance: file({
    ...{ object: "Allowance", clause: "spec §3.3", build: objects.allowance },
    cases: Object.fromEntries(Object.entries(bodies).map(([name, body]) => [name, { ...fixture.allowance, body }])),
    malformed: (b) => [
      ...[broken(b, "card zero", 32, oo(20), "ZERO_ADDRESS"), broken(b, "seq zero", 53, oo(4), "OUT_OF_RANGE")],
      broken(b, "flags 16", 112, "0010", "OUT_OF_RANGE"),
    ],
  }),
  "merchant-certificate": file({
    ...{ object: "MerchantCertificate", clause: "spec §3.4", build: objects.merchantCertificate },
    cases: {
      typical: fixture.certificate,
      "category 63": {
        ...fixture.certificate,
        category: 63,
        perTap: MAX_U48,
        unsentSum: MAX_U48,
        unsentCount: 0xffffffff,
        perCardSum: MAX_U48,
        softwareSum: MAX_U48,
      },
    },
    malformed: (b) => [
      ...[broken(b, "payee zero", 33, oo(20), "ZERO_PAYEE"), broken(b, "category 64", 53, "40", "OUT_OF_RANGE")],
      ...[broken(b, "compressed key", 62, "02", "BAD_PUBLIC_KEY"), broken(b, "hybrid key", 62, "06", "BAD_PUBLIC_KEY")],
      { name: "without its last two sums", hex: text(b.subarray(0, -12)), code: "WRONG_LENGTH" },
    ],
  }),
  "status-list-head": file({
    ...{ object: "StatusListHead", clause: "spec §3.5", build: objects.statusListHead },
    cases: {
      typical: {
        domain,
        issuerKeyId: 1,
        seq: 3,
        issuedAt: 1790000100,
        asOf: 1790000000,
        cards: 9,
        listHash: counting(0x40, 32),
      },
      "no card yet, as of its issue": {
        domain,
        issuerKeyId: 1,
        seq: 1,
        issuedAt: 1790000100,
        asOf: 1790000100,
        cards: 0,
        listHash: "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      },
    },
    malformed: (b) => [
      broken(b, "vault zero", 12, oo(20), "ZERO_ADDRESS"),
      broken(b, "as of a second after its issue", 41, "6ab13be5", "OUT_OF_RANGE"),
    ],
  }),
  "state-proof": file({
    ...{ object: "StateProof", clause: "spec §3.6", build: objects.stateProof },
    cases: {
      "after three payments": {
        domain,
        challenge: counting(0x70, 16),
        counter: 3,
        spent: "3500001",
        seq: 7,
        state: 7,
        head: fixture.head,
      },
      "before any": {
        domain,
        challenge: counting(0x71, 16),
        counter: 0,
        spent: "0",
        seq: 0,
        state: 1,
        head: zeros(32),
      },
      suspended: {
        domain,
        challenge: counting(0x72, 16),
        counter: 3,
        spent: "3500001",
        seq: 8,
        state: 11,
        head: fixture.head,
      },
      terminated: {
        domain,
        challenge: counting(0x73, 16),
        counter: 0xffffffff,
        spent: MAX_U48,
        seq: 0xffffffff,
        state: 127,
        head: fixture.head,
      },
    },
    malformed: (b) => [broken(b, "state 0", 62, "00", "OUT_OF_RANGE"), broken(b, "state 2", 62, "02", "OUT_OF_RANGE")],
  }),
  opening: file({
    ...{
      object: "Opening",
      clause: "spec §3.6",
      build: objects.opening,
      cases: { typical: { domain, owner: fixture.owner } },
    },
    malformed: (b) => [broken(b, "owner zero", 32, oo(20), "ZERO_ADDRESS")],
  }),
  "pin-session": file({
    ...{ object: "PinSession", clause: "spec §3.6", build: objects.pinSession },
    cases: {
      typical: { domain, challenge: counting(0x33, 16), ephemeralKey: text(testKey("ephemeral").uncompressed) },
    },
    malformed: (b) => [broken(b, "compressed key", 48, "02", "BAD_PUBLIC_KEY")],
  }),
  "refund-order": file({
    ...{ object: "RefundOrder", clause: "spec §3.11", build: objects.refundOrder },
    cases: {
      "all of the second payment": { domain, voucherId: secondVoucher, total: "2500000", deadline: 1790086400 },
      "a part of it": { domain, voucherId: secondVoucher, total: "1", deadline: 1790086400 },
      "largest values": { domain, voucherId: "0x" + ff(32), total: MAX_U48, deadline: 0xffffffff },
    },
    malformed: (b) => [
      broken(b, "vault zero", 12, oo(20), "ZERO_ADDRESS"),
      broken(b, "total zero", 64, oo(6), "OUT_OF_RANGE"),
      broken(b, "tag of a reversal", 0, "544c5958", "UNKNOWN_TAG"),
    ],
  }),
};
