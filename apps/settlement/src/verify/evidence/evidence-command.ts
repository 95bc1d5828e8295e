import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { ProgramError } from "@tallystick/program";
import { fromHex, isProtocolError, parsePublicKey } from "@tallystick/protocol";
import { evidenceSchema, type Evidence } from "../../operations/cases/evidence-file.ts";
import type { Finding } from "./finding.ts";
import { judgeEvidence } from "./judge-evidence.ts";
import { MAX_EVIDENCE_BYTES } from "./limits.ts";

export const evidenceHelp = `Usage: tallystick-settlement verify evidence FILE [options]

Judges the evidence of a case, as its page or GET /v1/cases/:id/evidence gives it, without a network
and without the service: signatures of the card, of terminals and of the issuer, what the kind of
case claims (a fork, a contradiction, an excess), and the proofs from the log of the books. It prints
a line for each, and exits with 0 where all of them hold: what the file does not prove does not.

  --issuer-key HEX  a public key of the issuer, compressed; again for each further key. Without one
                    the keys that the file names are believed.
  --json            one JSON object instead of the lines
`;

/** What the command writes, and whether everything holds. */
export interface EvidenceResult {
  readonly lines: readonly string[];
  readonly accepted: boolean;
}

/** Runs `verify evidence` with the arguments behind its name. Throws ProgramError where it cannot judge. */
export function evidenceCommand(args: readonly string[]): EvidenceResult {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      "issuer-key": { type: "string", multiple: true },
      json: { type: "boolean", default: false },
    },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw usage("Name one file.", "Give the evidence's file.");
  const pinned = (values["issuer-key"] ?? []).map(readKey);
  const evidence = readEvidence(path);
  const findings = judged(evidence, pinned);
  const accepted = findings.length > 0 && findings.every(({ holds }) => holds);
  if (values.json) {
    const { kind, id } = evidence.case;
    const line = JSON.stringify({ schema: "tallystick.evidence-verdict/1", case: id, kind, accepted, findings });
    return { lines: [line], accepted };
  }
  return { lines: [...findings.map(lineOf), conclusion(evidence, findings)], accepted };
}

function judged(evidence: Evidence, pinned: readonly Uint8Array[]): readonly Finding[] {
  try {
    return judgeEvidence(evidence, pinned);
  } catch (error) {
    if (isProtocolError(error)) return [{ holds: false, text: `It cannot be decoded: ${error.code}.` }];
    throw error;
  }
}

function lineOf({ holds, text }: Finding): string {
  return `${holds ? "holds" : "DOES NOT HOLD"}: ${text}`;
}

function conclusion({ case: { kind, id } }: Evidence, findings: readonly Finding[]): string {
  const wrong = findings.filter(({ holds }) => !holds).length;
  if (findings.length === 0) return `Case ${id} (${kind}): the file proves nothing.`;
  if (wrong > 0) return `Case ${id} (${kind}): ${wrong} of ${findings.length} statements do not hold.`;
  return `Case ${id} (${kind}): all ${findings.length} statements hold.`;
}

function readKey(text: string): Uint8Array {
  try {
    const bytes = fromHex(text);
    parsePublicKey(bytes);
    return bytes;
  } catch (error) {
    if (isProtocolError(error)) throw usage(`--issuer-key: ${error.message}`, "Correct it.");
    throw error;
  }
}

function readEvidence(path: string): Evidence {
  let text: string;
  try {
    if (statSync(path).size > MAX_EVIDENCE_BYTES) throw usage(`${path} is too long.`, "Name the file of one case.");
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof ProgramError) throw error;
    throw usage(`${path} cannot be read.`, "Name a file that is there and may be read.");
  }
  const parsed = evidenceSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw usage(`${path} is no evidence of a case.`, "Download it anew from the case's page.");
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function usage(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
