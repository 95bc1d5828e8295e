// The vector file of upload bodies (spec §3.8).
import { cat, counting, hex, text, uint } from "./bytes.mjs";
import * as fixture from "./fixture.mjs";
import { patched } from "./malformed.mjs";
import * as objects from "./objects.mjs";
import { compact } from "./secp256k1.mjs";

const { domain } = fixture;
const make = (build, cases) => Object.entries(cases).map(([name, fields]) => ({ name, fields, bytes: build(fields) }));
const bad = (name, bytes, code) => ({ name, hex: text(bytes), code });

const voucherEntry = (payment) => ({
  ...{
    kind: 1,
    cardKey: fixture.cardKey,
    message: payment.message,
    context: payment.context,
    signature: text(compact(payment.signed)),
  },
  ...{ allowanceBody: fixture.body, allowanceSignature: fixture.allowanceSignature },
});
const reversed = { domain, cardKey: fixture.cardKey, request: fixture.history[1].request };
const proof = {
  domain,
  challenge: "0x" + "71".repeat(16),
  counter: 3,
  spent: "3500001",
  seq: 7,
  state: 7,
  head: fixture.head,
};
const proofEntry = {
  kind: 3,
  cardKey: fixture.cardKey,
  proof,
  signature: fixture.signature(fixture.cards[0], objects.stateProof(proof)),
};
const reversalEntry = {
  kind: 2,
  reversal: reversed,
  signature: fixture.signature(fixture.terminal, objects.reversal(reversed)),
};
const challengeEntry = { kind: 4, challenge: counting(0x60, 16) };
const setAsideEntry = {
  kind: 5,
  upload: fixture.firstUpload,
  signature: fixture.signature(fixture.terminal, objects.upload(fixture.firstUpload)),
};
const bodies = make(objects.uploadBody, {
  "one voucher": { entries: [voucherEntry(fixture.history[1])] },
  "three vouchers, a reversal, a proof": { entries: [...fixture.history.map(voucherEntry), reversalEntry, proofEntry] },
  "a challenge alone": { entries: [challengeEntry] },
  "a voucher, a challenge, an upload set aside": {
    entries: [voucherEntry(fixture.history[1]), challengeEntry, setAsideEntry],
  },
  empty: { entries: [] },
});
const one = bodies[0].bytes;
const challenged = bodies[2].bytes;
const setAside = bodies[3].bytes.subarray(-195);

export const uploadBodies = {
  "upload-body": {
    ...{ object: "UploadBody", clause: "spec §3.8", valid: bodies },
    invalid: [
      bad("empty", Buffer.alloc(0), "WRONG_LENGTH"),
      bad("version 2", patched(one, 0, "02"), "UNKNOWN_VERSION"),
      bad("unknown kind", patched(one, 1, "06"), "UNKNOWN_KIND"),
      bad("kind 0", patched(one, 1, "00"), "UNKNOWN_KIND"),
      bad("length of another kind", patched(one, 2, "00c4"), "WRONG_LENGTH"),
      bad("cut inside an entry", one.subarray(0, -1), "WRONG_LENGTH"),
      bad("cut inside an entry's head", one.subarray(0, 3), "WRONG_LENGTH"),
      bad("surplus byte", cat(one, uint(1, 1)), "WRONG_LENGTH"),
      bad("a second challenge", cat(challenged, challenged.subarray(1)), "TOO_MANY_ENTRIES"),
      bad("a challenge of 15 bytes", cat(uint(1, 1), hex("04000f"), Buffer.alloc(15)), "WRONG_LENGTH"),
      bad("malformed voucher inside", patched(one, 4 + 33, "58"), "UNKNOWN_TAG"),
      bad("malformed upload inside", patched(cat(uint(1, 1), setAside), 4, "58"), "UNKNOWN_TAG"),
    ],
  },
};
