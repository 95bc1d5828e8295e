// Vector files of the PIN: blocks, and the commands that carry them encrypted (spec §4.9).
import { cmac, encryptBlock } from "./aes.mjs";
import { cat, counting, hex, sha256, text, uint } from "./bytes.mjs";
import { broken } from "./malformed.mjs";
import * as objects from "./objects.mjs";
import * as fixture from "./fixture.mjs";
import { sharedX, testKey } from "./secp256k1.mjs";

const card = testKey("ephemeral");
const terminal = testKey("terminal ephemeral");
const secretOf = (key) => text(uint(key.secret, 32));

/** Format 2 of ISO 9564-1: 2, the length, the digits, F to the end. */
const pinBlock = (digits) => hex(("2" + digits.length.toString(16) + digits).padEnd(16, "f"));

const session = { domain: fixture.domain, challenge: counting(0x33, 16), ephemeralKey: text(card.uncompressed) };
const requestHash = sha256(objects.payRequest(fixture.history[1].request));

/** The data field of VERIFY PIN, CHANGE PIN or UNBLOCK. */
function pinCommand(f) {
  const terminalKey = testKey("terminal ephemeral").uncompressed;
  const x = sharedX(f.terminalSecret, hex(f.session.ephemeralKey));
  const key = (label) => sha256(cat(x, objects.pinSession(f.session), terminalKey, uint(label, 1))).subarray(0, 16);
  const bound = f.instruction === 0x20 ? hex(f.requestHash) : Buffer.alloc(0);
  const second = f.instruction === 0x20 ? bound.subarray(0, 8) : pinBlock(f.second);
  const cryptogram = encryptBlock(key(1), cat(pinBlock(f.first), second));
  const mac = cmac(key(2), cat(uint(f.instruction, 1), bound, cryptogram)).subarray(0, 8);
  return cat(terminalKey, bound, cryptogram, mac);
}

const secrets = { session, terminalSecret: secretOf(terminal), cardSecret: secretOf(card) };
const commands = {
  "verify, four digits": { ...secrets, instruction: 0x20, first: "1234", requestHash: text(requestHash) },
  "verify, twelve digits": { ...secrets, instruction: 0x20, first: "987654321012", requestHash: text(requestHash) },
  change: { ...secrets, instruction: 0x24, first: "1234", second: "567890" },
  unblock: { ...secrets, instruction: 0x2c, first: "12345678", second: "0000" },
};
const blocks = { "four digits": "1234", "five digits": "12345", "twelve digits": "123456789012", zeros: "0000" };
const four = pinBlock("1234");

export const pinObjects = {
  "pin-block": {
    ...{ object: "PinBlock", clause: "spec §4.9" },
    valid: Object.entries(blocks).map(([name, digits]) => ({ name, fields: { digits }, bytes: pinBlock(digits) })),
    invalid: [
      { name: "empty", hex: "0x", code: "OUT_OF_RANGE" },
      { name: "one byte more", hex: text(cat(four, uint(255, 1))), code: "OUT_OF_RANGE" },
      broken(four, "format 1", 0, "14", "OUT_OF_RANGE"),
      broken(four, "three digits", 0, "23", "OUT_OF_RANGE"),
      broken(four, "thirteen digits", 0, "2d", "OUT_OF_RANGE"),
      broken(four, "a digit above 9", 1, "1a", "OUT_OF_RANGE"),
      broken(four, "not filled up with F", 7, "f0", "OUT_OF_RANGE"),
      broken(four, "more digits than its length", 3, "5f", "OUT_OF_RANGE"),
    ],
  },
  "pin-command": {
    ...{ object: "PinCommand", clause: "spec §4.9", invalid: [] },
    valid: Object.entries(commands).map(([name, fields]) => ({ name, fields, bytes: pinCommand(fields) })),
  },
};
