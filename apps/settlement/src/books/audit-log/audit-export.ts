import { z } from "zod";
import { MOST_EXPORTED } from "./limits.ts";

/** Names the form of an export of the audit log (spec §6.11). */
export const EXPORT_FORM = "tallystick.audit-export/1";

const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/);

/** An export as a file holds it. Entries stand in the order of the log, from its beginning. */
export const auditExportSchema = z.strictObject({
  form: z.literal(EXPORT_FORM),
  domain: z.strictObject({ chainId: z.string(), vault: z.string() }),
  entries: z
    .array(z.strictObject({ entry: z.string(), words: z.string().nullable(), salt: bytes32.nullable() }))
    .max(MOST_EXPORTED),
  /** Heads of the audit log in the books, each with a final batch whose ledger root stands for it. */
  anchors: z
    .array(
      z.strictObject({
        ...{ batch: z.string(), tx: bytes32.nullable(), ledgerSize: z.int(), ledgerRoot: bytes32 },
        ...{ index: z.int(), entry: z.string(), path: z.array(bytes32) },
      }),
    )
    .max(MOST_EXPORTED),
});

export type AuditExport = z.output<typeof auditExportSchema>;
export type AuditAnchor = AuditExport["anchors"][number];
