import type { MerchantName } from "../stack/merchant.ts";
import type { MoneySide } from "../stack/settlement.ts";

/** One tap as the terminal answered it. Amounts are decimal strings. */
export interface TapReport {
  readonly step: "good" | "over-cap" | "revoked" | "torn" | "repeat" | "clone" | "topped-up";
  readonly merchant: MerchantName;
  readonly card: string;
  readonly counter: number | null;
  readonly amount: string;
  readonly apdus: number;
  readonly outcome: "accepted" | "refused" | "unresolved";
  readonly code: string | null;
  readonly sw: string | null;
  readonly voucherId: string | null;
  readonly spentBefore: string | null;
  readonly spentAfter: string | null;
  /** By how much the card could spend more from this tap on; null where it took no newer allowance. */
  readonly added: string | null;
}

/** What settlement said to one upload of a merchant. */
export interface UploadReport {
  readonly merchant: MerchantName;
  readonly new: number;
  readonly duplicate: number;
  readonly forked: number;
  readonly refused: number;
}

/** Two vouchers with one counter, which of them the vault paid, and who bears the other. */
export interface ForkReport {
  readonly card: string;
  readonly counter: number;
  readonly vouchers: readonly string[];
  readonly paid: string;
  readonly bearer: "issuer";
}

/** One settlement transaction. */
export interface BatchReport {
  readonly id: string;
  readonly tx: string;
  readonly block: string;
  readonly state: string;
  readonly paid: number;
  readonly skipped: number;
}

/** A payment that the merchant refunded to its card on the chain. */
export interface RefundReport {
  readonly merchant: MerchantName;
  readonly card: string;
  readonly voucherId: string;
  readonly amount: string;
  readonly state: string;
  readonly tx: string;
}

/** A payment that the merchant settled and withdrew by itself while there was no settlement. */
export interface ClaimReport {
  readonly merchant: MerchantName;
  readonly card: string;
  readonly voucherId: string;
  readonly amount: string;
  readonly settled: number;
  readonly withdrawn: string;
  readonly tx: string;
}

/** What a card spent that was put behind it after it left its issuer. */
export interface TopUpReport {
  readonly merchant: MerchantName;
  readonly card: string;
  readonly voucherId: string;
  readonly amount: string;
  /** What the card took at that tap: top-up and refund. */
  readonly added: string;
  /** Commands of that tap. */
  readonly apdus: number;
}

/** Where every cent is, read from the chain; `ledgerDifference` compares it with the books. */
export interface MoneyReport extends MoneySide {
  readonly acceptedUnpaid: string;
  readonly ledgerDifference: string;
}

/** What the demo came to. */
export interface DemoReport {
  readonly schema: "tallystick.demo/1";
  readonly ok: boolean;
  readonly seconds: number;
  readonly taps: readonly TapReport[];
  readonly uploads: readonly UploadReport[];
  readonly forks: readonly ForkReport[];
  readonly batches: readonly BatchReport[];
  readonly money: MoneyReport;
  readonly refund: RefundReport;
  readonly topUp: TopUpReport;
  readonly claim: ClaimReport;
}

/** A table in plain text: the first row is the head, columns are as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (isAmount(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  const [head = [], ...body] = rows;
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...body.map(line)].join("\n");
}

function isAmount(cell: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(cell);
}

/** A long identifier, short enough for a line: both ends are kept. */
export function short(id: string | null): string {
  if (id === null) return "–";
  return id.length <= 14 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`;
}
