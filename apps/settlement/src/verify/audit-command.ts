import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ProgramError } from "@tallystick/program";
import { auditExportSchema, type AuditExport } from "../books/audit-log/audit-export.ts";
import { type AuditState, type AuditVerdict, judgeAudit } from "../books/audit-log/judge-audit.ts";
import { ledgerRoots } from "./ledger-roots.ts";
import type { VerifyResult } from "./verify-command.ts";

export const verifyAuditHelp = `Usage: tallystick-settlement verify audit FILE [--root HEX …] [--json]

Judges an export of the audit log (tallystick-settlement audit export) without a network: whether
what people did was changed, removed, reordered or put in later. It exits with 0 where nothing was.

  --root HEX  a ledger root that you took from the vault's event Settled yourself; again for each
              further one. Until the batch of the newest one, nothing was changed. Without any, the
              roots are the export's own claims, and nothing is proved: it names their transactions.
  --json      one JSON object instead of sentences
`;

/** Runs `verify audit`. Rejects with ProgramError where it cannot judge. */
export async function verifyAuditCommand(args: readonly string[]): Promise<VerifyResult> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { root: { type: "string", multiple: true }, json: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw usage("Name one file.", "Give the export behind verify audit.");
  const roots = ledgerRoots(values.root);
  const audit = readExport(file);
  const verdict = await judgeAudit(audit, roots);
  const accepted = verdict.findings.length === 0;
  const newest = audit.anchors.at(-1) ?? null;
  const line = values.json
    ? JSON.stringify({ unchanged: accepted, ...verdict, newest })
    : [...verdict.findings.map(({ code, message, index }) => `${code}${at(index)}: ${message}`), summary(verdict)].join(
        "\n",
      );
  return { line, accepted };
}

function at(index: number | null): string {
  return index === null ? "" : ` at ${index}`;
}

const SENTENCES: Record<AuditState, string> = {
  unchanged: "Nothing was changed",
  claims: "Nothing speaks against it, by its own claims: only with --root is anything proved",
  unproved: "Nothing was found changed, and it is not proved that nothing was",
  changed: "The record was changed",
};

function summary({ state, entries, anchored, proved, withoutWords }: AuditVerdict): string {
  const counted = `${entries} entries, ${anchored} of them anchored, ${proved} under the given roots`;
  return `${SENTENCES[state]}: ${counted}, ${withoutWords} without words.`;
}

function readExport(file: string): AuditExport {
  try {
    return auditExportSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
    throw usage(`${file} is no export of an audit log: ${reason}`, "Make it by tallystick-settlement audit export.");
  }
}

function usage(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
