// Writes vectors/*.json, or with --check compares them with what would be written. Uses Node's
// built-ins only and shares no code with any implementation, so that none of them is the measure of
// the others.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { sha256, text } from "./generator/bytes.mjs";
import { auditObjects } from "./generator/audit-objects.mjs";
import { composedObjects } from "./generator/composed-objects.mjs";
import { fixedObjects } from "./generator/fixed-objects.mjs";
import { mailboxObjects } from "./generator/mailbox-objects.mjs";
import { pinObjects } from "./generator/pin-objects.mjs";
import { terminalObjects } from "./generator/terminal-objects.mjs";
import { uploadBodies } from "./generator/upload-bodies.mjs";

const SOURCE = "vectors/generate.mjs, plain concatenation of the clause's fields; keys: SHA-256 of public names";
const check = process.argv.includes("--check");
let stale = 0;

for (const [name, file] of Object.entries({
  ...fixedObjects,
  ...composedObjects,
  ...pinObjects,
  ...terminalObjects,
  ...mailboxObjects,
  ...uploadBodies,
  ...auditObjects,
})) {
  const valid = file.valid.map(({ name: label, fields, bytes }) => ({
    name: label,
    fields,
    hex: text(bytes),
    sha256: text(sha256(bytes)),
  }));
  const content = { object: file.object, clause: file.clause, source: SOURCE, valid, invalid: file.invalid };
  const path = new URL(`${name}.json`, import.meta.url);
  const wanted = JSON.stringify(content, null, 2) + "\n";
  if (!check) writeFileSync(path, wanted);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== wanted) {
    stale += 1;
    console.error(`vectors/${name}.json differs from what generate.mjs builds; run: node vectors/generate.mjs`);
  }
}
if (stale > 0) process.exitCode = 1;
