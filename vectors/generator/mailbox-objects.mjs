// Vector files of what a terminal asks the mailbox, and of a page of it (spec §6.13).
import { cat, counting, hex, text, uint } from "./bytes.mjs";
import * as fixture from "./fixture.mjs";
import { broken } from "./malformed.mjs";
import * as objects from "./objects.mjs";
import { N } from "./secp256k1.mjs";

const { zeros } = fixture;
const ff = (bytes) => "ff".repeat(bytes);
const make = (build, cases) => Object.entries(cases).map(([name, fields]) => ({ name, fields, bytes: build(fields) }));
const bad = (name, bytes, code) => ({ name, hex: text(bytes), code });

const requests = make(objects.mailboxRequest, {
  "first page": { ask: 1, cursor: zeros(16) },
  "page behind a cursor": { ask: 1, cursor: counting(0x10, 16) },
  "one card": { ask: 2, cardTag: fixture.cardTag, shownSeq: 7 },
  "one card, largest values": { ask: 2, cardTag: "0x" + ff(8), shownSeq: 0xffffffff },
});
const [, page, card] = requests.map(({ bytes }) => bytes);

const newer = { ...fixture.body, seq: 8, maxSpent: "20000000", flags: 8 };
const signed = (body) => fixture.signature(fixture.issuer, objects.allowance({ ...fixture.allowance, body }));
const entry = (body) => ({ cardTag: fixture.cardTag, body, signature: signed(body) });
const other = { ...entry(fixture.body), cardTag: counting(0xc0, 8) };
const pages = make(objects.mailboxPage, {
  "a top-up that starts the sums anew": { next: counting(0x20, 16), more: 0, entries: [entry(newer)] },
  "two cards, more behind": { next: counting(0x30, 16), more: 1, entries: [entry(newer), other] },
  "nothing new": { next: counting(0x10, 16), more: 0, entries: [] },
});
const [one, two] = pages.map(({ bytes }) => bytes);

export const mailboxObjects = {
  "mailbox-request": {
    ...{ object: "MailboxRequest", clause: "spec §6.13", valid: requests },
    invalid: [
      bad("empty", Buffer.alloc(0), "WRONG_LENGTH"),
      bad("page one byte short", page.subarray(0, -1), "WRONG_LENGTH"),
      bad("page one byte more", cat(page, uint(0, 1)), "SURPLUS_BYTES"),
      bad("card one byte short", card.subarray(0, -1), "WRONG_LENGTH"),
      bad("card one byte more", cat(card, uint(0, 1)), "SURPLUS_BYTES"),
      broken(page, "ask 0", 0, "00", "OUT_OF_RANGE"),
      broken(page, "ask 3", 0, "03", "OUT_OF_RANGE"),
      broken(page, "ask of a card with a cursor", 0, "02", "SURPLUS_BYTES"),
      broken(card, "ask of a page with a card", 0, "01", "WRONG_LENGTH"),
      broken(card, "shown seq zero", 9, "00000000", "OUT_OF_RANGE"),
    ],
  },
  "mailbox-page": {
    ...{ object: "MailboxPage", clause: "spec §6.13", valid: pages },
    invalid: [
      bad("empty", Buffer.alloc(0), "WRONG_LENGTH"),
      bad("cut in the head", one.subarray(0, 18), "WRONG_LENGTH"),
      bad("cut in an entry", one.subarray(0, -1), "WRONG_LENGTH"),
      bad("one byte more", cat(one, uint(0, 1)), "SURPLUS_BYTES"),
      broken(one, "more 2", 16, "02", "OUT_OF_RANGE"),
      broken(one, "count of two over one entry", 17, "0002", "WRONG_LENGTH"),
      broken(two, "count of one over two entries", 17, "0001", "SURPLUS_BYTES"),
      broken(one, "241 entries", 17, "00f1", "OUT_OF_RANGE"),
      broken(one, "seq zero", 28, "00000000", "OUT_OF_RANGE"),
      broken(one, "flags 16", 87, "0010", "OUT_OF_RANGE"),
      broken(one, "r zero", 89, "00".repeat(32), "SIGNATURE_OUT_OF_RANGE"),
      broken(one, "high s", 121, text(uint((N >> 1n) + 1n, 32)).slice(2), "HIGH_S"),
    ],
  },
};
