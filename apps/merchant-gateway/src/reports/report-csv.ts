import { csvLine, harmlessText } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { cardAddress } from "../keys/card-address.ts";
import type { Policies } from "../config/policies.ts";
import type { Journal } from "../journal/journal.ts";
import type { ReportEntry, ReportPeriod } from "../journal/merchant/report-store.ts";
import { REPORT_PART } from "./limits.ts";
import { assetOf, signedAmount } from "./report-sums.ts";

/** The columns, in their order. They never change; a new one is added behind them. */
export const CSV_COLUMNS = [
  ...(["report", "entry", "type", "time", "sale", "reference", "cashier", "lane"] as const),
  ...(["currency", "amount", "card", "voucher", "tap", "refund"] as const),
] as const;

/**
 * The entries of a period as CSV (RFC 4180): a line for each payment, reversal and refund, with what was given back
 * below zero. Text that a spreadsheet would take for a formula begins with an apostrophe.
 */
export function* csvOf(
  { journal, policies }: { readonly journal: Pick<Journal, "reports">; readonly policies: Pick<Policies, "of"> },
  number: number,
  { fromSeq, toSeq }: ReportPeriod,
): Generator<string> {
  yield csvLine(CSV_COLUMNS);
  for (let after = fromSeq; after < toSeq; after += REPORT_PART) {
    const part = { fromSeq: after, toSeq: Math.min(after + REPORT_PART, toSeq) };
    const entries = journal.reports.entries({ fromSeq, toSeq }, part);
    yield entries.map((entry) => csvLine(cellsOf(number, entry, policies))).join("");
  }
}

function cellsOf(number: number, entry: ReportEntry, policies: Pick<Policies, "of">): readonly string[] {
  const asset = assetOf(entry, policies);
  const units = entry.type === "payment" || entry.type === "refund-refused" ? entry.amount : -entry.amount;
  return [
    ...[String(number), String(entry.seq), entry.type, new Date(entry.at * 1_000).toISOString()],
    ...[text(entry.saleId), text(entry.reference), text(entry.cashier), text(entry.lane)],
    ...[text(asset.code), signedAmount(units, asset), cardOf(entry.cardKey)],
    ...[entry.voucherId === null ? "" : toHex(entry.voucherId), text(entry.tapId), text(entry.refundId)],
  ];
}

/** A hostile card's key may be no point; it has no address. */
function cardOf(cardKey: Uint8Array | null): string {
  if (cardKey === null) return "";
  try {
    return toHex(cardAddress(cardKey));
  } catch {
    return "";
  }
}

/** What people wrote. */
function text(value: string | null): string {
  return harmlessText(value ?? "");
}
