import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fromHex } from "@tallystick/protocol";
import { exportAudit } from "../books/audit-log/export-audit.ts";
import { ledgerRoots } from "../verify/ledger-roots.ts";
import type { CommandResult } from "./command-result.ts";
import { withDatabase, wrongUsage } from "./given-arguments.ts";

export const auditCommandsHelp = `Usage: tallystick-settlement audit export --config FILE --file FILE [--root HEX …]

Writes the whole audit log into a new file: every entry, who did it and why where that was not
erased, and proofs that lead to ledger roots on the chain. verify audit judges it without a network.
The file names people: keep it as the law asks.

  --root HEX  a ledger root of a final batch that the proofs shall lead to besides; again for each
              further one. The newest batch's is always among them.
`;

/** Runs `audit export`. Rejects with ProgramError for wrong arguments. */
export async function auditCommand(args: readonly string[]): Promise<CommandResult> {
  const [command, ...rest] = args;
  if (command !== "export") throw wrongUsage("audit takes export.", "See audit --help.");
  const { values } = parseArgs({
    args: rest,
    options: { config: { type: "string" }, file: { type: "string" }, root: { type: "string", multiple: true } },
  });
  const { file } = values;
  const roots = ledgerRoots(values.root).map((root) => fromHex(root, 32));
  if (file === undefined) throw wrongUsage("The file is missing.", "Name it with --file FILE.");
  return await withDatabase(values.config, async ({ db, domain }) => {
    const audit = await exportAudit(db, domain, roots);
    writeFileSync(file, `${JSON.stringify(audit)}\n`, { flag: "wx", mode: 0o600 });
    return { file, entries: audit.entries.length, anchors: audit.anchors.length };
  });
}
