// Vector files of digests, lists, bodies, card answers and the settlement payload.
import { cat, hex, sha256, text, uint } from "./bytes.mjs";
import { broken, patched, wrongForms } from "./malformed.mjs";
import * as objects from "./objects.mjs";
import * as fixture from "./fixture.mjs";
import { N, compact, der, testKey } from "./secp256k1.mjs";

const { domain, zeros } = fixture;
const make = (build, cases) => Object.entries(cases).map(([name, fields]) => ({ name, fields, bytes: build(fields) }));
const bad = (name, bytes, code) => ({ name, hex: text(bytes), code });

const addresses = [];
for (const name of ["card 1", "card 2", "issuer", "merchant 1"]) {
  const key = testKey(name);
  addresses.push({
    name,
    fields: { uncompressed: text(key.uncompressed), compressed: text(key.compressed) },
    bytes: key.address,
  });
}

const signatures = fixture.history.map((payment, index) => ({
  name: `payment ${index + 1}`,
  fields: {
    ...{
      publicKey: fixture.cardKey,
      digest: text(sha256(payment.bytes)),
      r: text(uint(payment.signed.r, 32)),
      s: text(uint(payment.signed.s, 32)),
    },
    ...{ normalized: text(compact(payment.signed)), parity: payment.signed.parity },
  },
  bytes: der(payment.signed),
}));
const highS = { ...fixture.history[1].signed, s: N - fixture.history[1].signed.s };
const low = der(fixture.history[1].signed);
const small = { r: 1n, s: 1n };

const statusLists = make(objects.statusList, {
  "nine cards": { statuses: [0, 1, 2, 3, 0, 0, 0, 2, 1] },
  "four cards": { statuses: [3, 2, 1, 0] },
  "one card": { statuses: [2] },
});

const selected = {
  ...{
    state: 7,
    cardTag: fixture.cardTag,
    cardKey: fixture.cardKey,
    allowanceBody: fixture.body,
    allowanceSignature: fixture.allowanceSignature,
  },
  ...{ counter: 3, spent: "3500001", noPinUsed: "3500001", noPinTaps: 3, head: fixture.head },
};
const selectAnswers = make(objects.selectAnswer, {
  "after three payments": selected,
  "before any payment": { ...selected, counter: 0, spent: "0", noPinUsed: "0", noPinTaps: 0, head: zeros(32) },
  suspended: { ...selected, state: 11 },
  terminated: { ...selected, state: 127 },
  "before the first allowance": { state: 1 },
});
const full = selectAnswers[0].bytes;
const blank = selectAnswers[4].bytes;

const shortened = ({ cardKey: _key, allowanceBody, allowanceSignature: _signature, state, cardTag, ...shown }) => ({
  ...{ state, cardTag, allowanceSeq: allowanceBody.seq },
  ...shown,
});
const shortSelectAnswers = make(objects.shortSelectAnswer, {
  "after three payments": shortened(selected),
  "before any payment": shortened(selectAnswers[1].fields),
  suspended: shortened({ ...selected, state: 11 }),
  terminated: shortened({ ...selected, state: 127 }),
});
const shortFull = shortSelectAnswers[0].bytes;

const payAnswers = fixture.history.map((payment, index) => ({
  name: `payment ${index + 1}`,
  fields: {
    ...{ counter: index + 1, spent: payment.context.spent, allowanceSeq: 7, cvm: 0, flags: 0, link: payment.link },
    signature: text(der(payment.signed)),
  },
  bytes: objects.payAnswer({ ...payment.context, counter: index + 1, signature: text(der(payment.signed)) }),
}));
const answer = payAnswers[1].bytes;
const shortPayAnswers = make(objects.shortPayAnswer, {
  ...Object.fromEntries(
    payAnswers.map(({ name, fields: { cvm, flags, signature } }) => [name, { cvm, flags, signature }]),
  ),
  "after the PIN": { cvm: 1, flags: 0, signature: payAnswers[1].fields.signature },
});
const shortAnswer = shortPayAnswers[1].bytes;

const records = fixture.history.map((payment, index) => ({
  name: `payment ${index + 1}`,
  fields: {
    request: payment.request,
    ...{
      spent: payment.context.spent,
      allowanceSeq: 7,
      cvm: 0,
      flags: 0,
      link: payment.link,
      messageHash: text(sha256(payment.bytes)),
    },
  },
}));
const cardRecords = records.map(({ name, fields }) => ({ name, fields, bytes: objects.cardRecord(fields) }));
const record = cardRecords[1].bytes;

const beaconHead = {
  domain,
  issuerKeyId: 1,
  seq: 3,
  issuedAt: 1790000100,
  asOf: 1790000000,
  cards: 9,
  listHash: text(sha256(statusLists[0].bytes)),
};
const beaconFields = {
  head: beaconHead,
  signature: fixture.signature(fixture.issuer, objects.statusListHead(beaconHead)),
};
const beacons = make(objects.beacon, { typical: beaconFields });

const item = (payment) => ({
  ...{ counter: payment.message.counter, amount: payment.message.amount, context: payment.message.context },
  ...{ r: text(uint(payment.signed.r, 32)), s: text(uint(payment.signed.s, 32)), parity: payment.signed.parity },
});
const roots = { batchRoot: text(sha256(Buffer.from("batch"))), ledgerRoot: text(sha256(Buffer.from("ledger"))) };
const payload = {
  ...roots,
  payees: fixture.payees,
  groups: [
    { payeeIndex: 0, card: fixture.cardAddress, vouchers: [item(fixture.history[0]), item(fixture.history[2])] },
    { payeeIndex: 1, card: fixture.cardAddress, vouchers: [item(fixture.history[1])] },
    { payeeIndex: 0, card: text(fixture.cards[1].address), vouchers: [item(fixture.otherHistory[0])] },
    { payeeIndex: 1, card: text(fixture.cards[1].address), vouchers: [item(fixture.otherHistory[1])] },
  ],
};
const payloads = make(objects.settlePayload, {
  "two cards, two merchants": payload,
  "one voucher": {
    ...payload,
    payees: [fixture.payees[0]],
    groups: [{ ...payload.groups[0], vouchers: [item(fixture.history[0])] }],
  },
  "no group": { ...roots, payees: [], groups: [] },
});
const single = payloads[1].bytes;

export const composedObjects = {
  "card-address": { object: "Address", clause: "spec §2.4", valid: addresses, invalid: [] },
  "card-tag": {
    ...{ object: "cardTag", clause: "spec §2.5", invalid: [] },
    valid: make(objects.cardTag, {
      "card 1": { domain, cardKey: fixture.cardKey },
      "card 2": { domain, cardKey: text(fixture.cards[1].compressed) },
      "another chain": { domain: { ...domain, chainId: "1" }, cardKey: fixture.cardKey },
    }),
  },
  "voucher-id": {
    ...{ object: "voucherId", clause: "spec §3.0", invalid: [] },
    valid: fixture.history.map((payment, i) => ({
      name: `payment ${i + 1}`,
      fields: { card: fixture.cardAddress, message: text(payment.bytes) },
      bytes: objects.voucherId({ card: fixture.cardAddress, message: text(payment.bytes) }),
    })),
  },
  "card-signature": {
    ...{ object: "CardSignature", clause: "spec §3.0" },
    valid: [
      ...signatures,
      {
        name: "high s, as a card may answer",
        fields: { ...signatures[1].fields, s: text(uint(highS.s, 32)) },
        bytes: der(highS),
      },
    ],
    invalid: [
      bad("empty", Buffer.alloc(0), "BAD_SIGNATURE_ENCODING"),
      bad("another outer tag", patched(low, 0, "31"), "BAD_SIGNATURE_ENCODING"),
      bad("outer length too large", patched(low, 1, uint(low[1] + 1, 1).toString("hex")), "BAD_SIGNATURE_ENCODING"),
      bad("outer length too small", patched(low, 1, uint(low[1] - 1, 1).toString("hex")), "BAD_SIGNATURE_ENCODING"),
      bad("long form of the length", cat(low.subarray(0, 1), uint(0x81, 1), low.subarray(1)), "BAD_SIGNATURE_ENCODING"),
      bad("indefinite length", cat(uint(0x3080, 2), low.subarray(2), uint(0, 2)), "BAD_SIGNATURE_ENCODING"),
      bad("surplus byte behind", cat(low, uint(0, 1)), "BAD_SIGNATURE_ENCODING"),
      bad("one byte short", low.subarray(0, -1), "BAD_SIGNATURE_ENCODING"),
      bad("integer with a needless zero", hex("30070202000102" + "0101"), "BAD_SIGNATURE_ENCODING"),
      bad("negative integer", hex("3006020181020101"), "BAD_SIGNATURE_ENCODING"),
      bad("empty integer", hex("30050200020101"), "BAD_SIGNATURE_ENCODING"),
      bad("another inner tag", hex("3006030101020101"), "BAD_SIGNATURE_ENCODING"),
      bad("r zero", hex("3006020100020101"), "SIGNATURE_OUT_OF_RANGE"),
      bad("s zero", hex("3006020101020100"), "SIGNATURE_OUT_OF_RANGE"),
      bad("r is n", der({ ...small, r: N }), "SIGNATURE_OUT_OF_RANGE"),
      bad("s is n", der({ ...small, s: N }), "SIGNATURE_OUT_OF_RANGE"),
    ],
  },
  "status-list": {
    ...{ object: "StatusList", clause: "spec §3.5", valid: statusLists },
    invalid: [
      { ...bad("nine cards, unused bits set", hex("e4000d"), "NONZERO_PADDING"), cards: 9 },
      { ...bad("nine cards in two bytes", hex("e480"), "WRONG_LENGTH"), cards: 9 },
      { ...bad("four cards in two bytes", hex("1b00"), "SURPLUS_BYTES"), cards: 4 },
    ],
  },
  "select-answer": {
    ...{ object: "SelectAnswer", clause: "spec §4.4", valid: selectAnswers },
    invalid: [
      ...wrongForms(full, { tagged: false }),
      broken(full, "another template", 0, "70", "UNKNOWN_TAG"),
      broken(full, "another package", 10, "5a", "UNKNOWN_TAG"),
      broken(full, "instance 0", 12, "00", "OUT_OF_RANGE"),
      broken(full, "another proprietary head", 13, "86", "UNKNOWN_TAG"),
      broken(full, "version 2", 16, "02", "UNKNOWN_VERSION"),
      broken(full, "unknown state", 17, "08", "OUT_OF_RANGE"),
      broken(full, "INSTALLED with an allowance", 17, "01", "OUT_OF_RANGE"),
      broken(full, "uncompressed key", 26, "04", "BAD_PUBLIC_KEY"),
      broken(full, "flags 16", 119, "0010", "OUT_OF_RANGE"),
      broken(blank, "short form in another state", 15, "07", "OUT_OF_RANGE"),
      broken(blank, "short form of version 2", 14, "02", "UNKNOWN_VERSION"),
      broken(blank, "short form with a long length", 1, "0f", "UNKNOWN_TAG"),
    ],
  },
  "short-select-answer": {
    ...{ object: "ShortSelectAnswer", clause: "spec §4.4", valid: shortSelectAnswers },
    invalid: [
      ...wrongForms(shortFull, { tagged: false }),
      bad("the long answer", full, "SURPLUS_BYTES"),
      bad("the answer before the first allowance", blank, "WRONG_LENGTH"),
      broken(shortFull, "another template", 0, "6f", "UNKNOWN_TAG"),
      broken(shortFull, "another length", 1, "40", "UNKNOWN_TAG"),
      broken(shortFull, "another proprietary tag", 2, "a5", "UNKNOWN_TAG"),
      broken(shortFull, "another proprietary length", 3, "3e", "UNKNOWN_TAG"),
      broken(shortFull, "version 2", 4, "02", "UNKNOWN_VERSION"),
      broken(shortFull, "unknown state", 5, "08", "OUT_OF_RANGE"),
      broken(shortFull, "INSTALLED with an allowance", 5, "01", "OUT_OF_RANGE"),
      broken(shortFull, "seq zero", 14, "00000000", "OUT_OF_RANGE"),
    ],
  },
  "short-pay-answer": {
    ...{ object: "ShortPayAnswer", clause: "spec §4.5", valid: shortPayAnswers },
    invalid: [
      bad("empty", Buffer.alloc(0), "WRONG_LENGTH"),
      bad("no signature", shortAnswer.subarray(0, 2), "WRONG_LENGTH"),
      bad("one byte short", shortAnswer.subarray(0, -1), "BAD_SIGNATURE_ENCODING"),
      bad("one byte more", cat(shortAnswer, uint(0, 1)), "BAD_SIGNATURE_ENCODING"),
      bad("the long answer", answer, "SURPLUS_BYTES"),
      broken(shortAnswer, "cvm 2", 0, "02", "OUT_OF_RANGE"),
      broken(shortAnswer, "flags 1", 1, "01", "OUT_OF_RANGE"),
      bad("r zero", cat(uint(0, 2), hex("3006020100020101")), "SIGNATURE_OUT_OF_RANGE"),
    ],
  },
  "pay-answer": {
    ...{ object: "PayAnswer", clause: "spec §4.5", valid: payAnswers },
    invalid: [
      bad("empty", Buffer.alloc(0), "WRONG_LENGTH"),
      bad("no signature", answer.subarray(0, 48), "WRONG_LENGTH"),
      bad("one byte more", cat(answer, uint(0, 1)), "BAD_SIGNATURE_ENCODING"),
      broken(answer, "counter zero", 0, "00000000", "OUT_OF_RANGE"),
      broken(answer, "cvm 2", 14, "02", "OUT_OF_RANGE"),
      broken(answer, "flags 1", 15, "01", "OUT_OF_RANGE"),
    ],
  },
  "card-record": {
    ...{ object: "CardRecord", clause: "spec §4.3", valid: cardRecords },
    invalid: [
      ...wrongForms(record, { tagged: false }),
      broken(record, "spent zero", 67, "000000000000", "OUT_OF_RANGE"),
      broken(record, "seq zero", 73, "00000000", "OUT_OF_RANGE"),
      broken(record, "cvm 2", 77, "02", "OUT_OF_RANGE"),
      broken(record, "flags 1", 78, "01", "OUT_OF_RANGE"),
      broken(record, "amount zero", 32, "000000000000", "OUT_OF_RANGE"),
    ],
  },
  beacon: {
    ...{ object: "Beacon", clause: "spec §3.5", valid: beacons },
    invalid: [
      ...wrongForms(beacons[0].bytes),
      broken(beacons[0].bytes, "as of a second after its issue", 41, "6ab13be5", "OUT_OF_RANGE"),
      broken(beacons[0].bytes, "r zero", 81, "00".repeat(32), "SIGNATURE_OUT_OF_RANGE"),
      broken(beacons[0].bytes, "s zero", 113, "00".repeat(32), "SIGNATURE_OUT_OF_RANGE"),
      broken(beacons[0].bytes, "s is n", 113, text(uint(N, 32)).slice(2), "SIGNATURE_OUT_OF_RANGE"),
      broken(beacons[0].bytes, "high s", 113, text(uint((N >> 1n) + 1n, 32)).slice(2), "HIGH_S"),
    ],
  },
  "settle-payload": {
    ...{ object: "SettlePayload", clause: "spec §7.3", valid: payloads },
    invalid: [
      bad("empty", Buffer.alloc(0), "MALFORMED_PAYLOAD"),
      bad("cut in the roots", single.subarray(0, 63), "MALFORMED_PAYLOAD"),
      bad("cut in the payees", single.subarray(0, 80), "MALFORMED_PAYLOAD"),
      bad("cut in a voucher", single.subarray(0, -1), "MALFORMED_PAYLOAD"),
      bad("one byte more", cat(single, uint(0, 1)), "MALFORMED_PAYLOAD"),
      broken(single, "payee index at the count", 86, "0001", "MALFORMED_PAYLOAD"),
      broken(single, "group of no voucher", 108, "0000", "MALFORMED_PAYLOAD"),
      broken(single, "group longer than the payload", 108, "0002", "MALFORMED_PAYLOAD"),
    ],
  },
};
