import { BACKUP_LINE_SCHEMA, type BackupLine, backupSentence } from "./loss/backup-commands.ts";
import { collectSentence } from "./loss/collect-command.ts";
import { takeOverSentence } from "./loss/take-over-command.ts";
import type { TakeOverLine } from "../claim/takeover/run-take-over.ts";
import type { CollectLine } from "../claim/collect/run-collect.ts";
import type { ClaimLine } from "../claim/claim-lines.ts";
import type { ExportLine } from "../claim/run-export.ts";
import { type EnrollLine, enrollText } from "../enroll/run-enroll.ts";
import type { TERMINAL_KEY_SCHEMA } from "../keys/terminal-key.ts";
import type { DelegateLine } from "../refunds/delegate/appoint-delegate.ts";
import type { RefundLine } from "../refunds/run-refund.ts";
import { boxSentence, pairingText, tlsSentence } from "./box/box-lines.ts";
import type { BoxLine, PairingLine, TlsLine } from "./box/run-box.ts";
import { type ReportCommandLine, reportText } from "../reports/run-report.ts";

/** What `--init-keys` prints. */
export interface KeyLine {
  readonly schema: typeof TERMINAL_KEY_SCHEMA;
  readonly publicKey: string;
  /** False where the key was there before. */
  readonly made: boolean;
  readonly file: string;
}

export type CommandLine =
  | KeyLine
  | ClaimLine
  | ExportLine
  | RefundLine
  | DelegateLine
  | BoxLine
  | PairingLine
  | TlsLine
  | ReportCommandLine
  | BackupLine
  | CollectLine
  | TakeOverLine
  | EnrollLine;

/** A result of a command: JSON for programs, a sentence for people. */
export function commandLine(line: CommandLine, json: boolean): string {
  if (json) return JSON.stringify(line);
  switch (line.schema) {
    case "tallystick.terminal-key/1":
      return `The terminal's public key is ${line.publicKey}. ${line.made ? "It was made now" : "It was made before"} and is kept in ${line.file}.`;
    case "tallystick.claim/1":
      return claimSentence(line);
    case "tallystick.export/1":
      return `Exported ${line.exported} payments of ${line.amount} ${line.currency} in all to ${line.file}${line.left === 0 ? "" : `; ${line.left} did not fit`}.`;
    case "tallystick.delegate/1":
      return delegateSentence(line);
    case "tallystick.collect/1":
      return collectSentence(line);
    case "tallystick.take-over/1":
      return takeOverSentence(line);
    case BACKUP_LINE_SCHEMA:
      return backupSentence(line);
    case "tallystick.box/1":
      return boxSentence(line);
    case "tallystick.pairing/1":
      return pairingText(line);
    case "tallystick.tls/1":
      return tlsSentence(line);
    case "tallystick.certificate-request/1":
    case "tallystick.certificate/1":
      return enrollText(line);
    case "tallystick.report/1":
      return reportText(line);
    case "tallystick.refund/1":
    case "tallystick.release/1":
      return `${line.event === "refunded" ? "Refunded" : "Released"} ${line.amount} ${line.currency} to card ${line.card} (transaction ${line.tx ?? "–"}, block ${line.block ?? "–"}).`;
  }
}

function delegateSentence({ event, chainId, from, to, data, delegate, amount, currency }: DelegateLine): string {
  const effect =
    event === "delegate"
      ? `To let this terminal (${delegate ?? ""}) give back ${amount} ${currency} a day`
      : `To keep ${amount} ${currency} in the vault when others call for a payout`;
  return `${effect}, send from ${from} on chain ${chainId} to ${to}: ${data}`;
}

function claimSentence(line: ClaimLine): string {
  switch (line.event) {
    case "refused":
      return `Refused ${line.count} bundles of ${line.file}, the first at place ${line.first}: ${line.code}.`;
    case "settled":
      return `Settled ${line.paid} payments of ${line.amount} ${line.currency} in all, skipped ${line.skipped} (transaction ${line.tx}).`;
    case "released":
      return `Released voucher ${line.voucherId} (transaction ${line.tx}).`;
    case "withdrawn":
      return `Paid out ${line.amount} ${line.currency} (transaction ${line.tx}).`;
    case "done":
      return `Done with vault ${line.vault}: ${line.settled} settled, ${line.usedBefore} paid before, ${line.skipped} skipped, ${line.released} released, ${line.withdrawn} ${line.currency} paid out.`;
  }
}
