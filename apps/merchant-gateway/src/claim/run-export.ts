import { formatTotal } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { GatewayConfig } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { MAX_BUNDLES_IN_FILE } from "../limits.ts";
import { writeBundles } from "./bundle-file.ts";

/** What the command export prints for each currency; amounts are decimal strings. */
export interface ExportLine {
  readonly schema: "tallystick.export/1";
  readonly file: string;
  readonly chainId: string;
  readonly vault: string;
  readonly currency: string;
  readonly exported: number;
  readonly amount: string;
  /** Vouchers that did not fit into one file. */
  readonly left: number;
}

/**
 * Writes the bundles of all vouchers that no final block shows at their end into a new file, those
 * first whose end nobody has reported. Reversed ones stay here: nothing was given for them. Throws
 * JournalError or BundleFileError.
 */
export function runExport(
  config: GatewayConfig,
  { terminalKey, file }: { readonly terminalKey: Uint8Array; readonly file: string },
  report: (line: ExportLine) => void,
): void {
  const journal = openJournal(config, { terminalKey, now: Math.floor(Date.now() / 1_000) });
  try {
    const bundles: Uint8Array[] = [];
    const lines: ExportLine[] = [];
    for (const { domain, domainBytes, asset } of config.domains) {
      const open = exportable(journal, domainBytes);
      const fitting = open.slice(0, MAX_BUNDLES_IN_FILE - bundles.length);
      bundles.push(...fitting.map(({ entry }) => entry));
      lines.push({
        ...{ schema: "tallystick.export/1", file, chainId: String(domain.chainId), vault: toHex(domain.vault) },
        ...{ currency: asset.code, exported: fitting.length, left: open.length - fitting.length },
        amount: formatTotal(
          fitting.reduce((sum, { amount }) => sum + amount, 0n),
          asset,
        ),
      });
    }
    writeBundles(file, bundles);
    for (const line of lines) report(line);
  } finally {
    journal.close();
  }
}

function exportable({ outcomes }: Pick<Journal, "outcomes">, domainBytes: Uint8Array): readonly VoucherRecord[] {
  const open = [...outcomes.notFinal(domainBytes)]
    .flat()
    .filter(({ reversed, rivalTx }) => !reversed && rivalTx === null);
  return [...open.filter(({ reported }) => reported === null), ...open.filter(({ reported }) => reported !== null)];
}
