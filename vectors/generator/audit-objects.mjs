// Vector file of what people did, as the audit log keeps it: texts in UTF-8.
import { cat, hex, sha256, text } from "./bytes.mjs";

const utf8 = (value) => new TextEncoder().encode(value);

/** The entry of an action; its fields hold the words and the salt that it is made with. */
function entry({ action, role, subject, details, time, salt, words }) {
  const hash = text(sha256(cat(hex(salt), utf8(words))));
  return utf8(JSON.stringify(["tallystick.audit/2", action, role, subject, details, time, hash]));
}

const card = "0x" + "12".repeat(20);
const words = (who, spoken) => JSON.stringify(["tallystick.audit-words/1", who, spoken]);
const cases = {
  "a suspension": {
    ...{ action: "card-status", role: "risk", subject: card, details: [["status", "suspended"]], time: 1795000000000 },
    ...{ salt: "0x" + "5a".repeat(32), words: words("ida", [["reason", "Reported lost."]]) },
  },
  "a deposit from a station, by a token without a name": {
    ...{ action: "funding", role: "issuer", subject: card, details: [["units", "20000000"]], time: 1795000000001 },
    ...{
      salt: "0x" + "00".repeat(32),
      words: words(null, [
        ["key", "ключ-1"],
        ["station", "2"],
        ["operator", "otto"],
      ]),
    },
  },
};

export const auditObjects = {
  "audit-entry": {
    ...{ object: "AuditEntry", clause: "spec §6.11" },
    valid: Object.entries(cases).map(([name, fields]) => ({ name, fields, bytes: entry(fields) })),
    invalid: [],
  },
};
