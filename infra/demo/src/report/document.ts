import type { MerchantName } from "../stack/merchant.ts";
import type { ClaimReport, DemoReport, RefundReport, TapReport, TopUpReport, UploadReport } from "./report.ts";

/** A row of the document: it names its merchant under the key that the document has had since its first version. */
type Row<T extends { readonly merchant: MerchantName }> = Omit<T, "merchant"> & { readonly shop: MerchantName };

/** The document that `pnpm demo --json` prints. */
export type DemoDocument = Omit<DemoReport, "taps" | "uploads" | "refund" | "topUp" | "claim"> & {
  readonly taps: readonly Row<TapReport>[];
  readonly uploads: readonly Row<UploadReport>[];
  readonly refund: Row<RefundReport>;
  readonly topUp: Row<TopUpReport>;
  readonly claim: Row<ClaimReport>;
};

/** The report as a document; the order of keys stays. */
export function documentOf(report: DemoReport): DemoDocument {
  return {
    ...report,
    taps: report.taps.map(rowOf),
    uploads: report.uploads.map(rowOf),
    refund: rowOf(report.refund),
    topUp: rowOf(report.topUp),
    claim: rowOf(report.claim),
  };
}

function rowOf<T extends { readonly merchant: MerchantName }>(row: T): Row<T> {
  const renamed = Object.entries(row).map(([key, value]) => [key === "merchant" ? "shop" : key, value] as const);
  return Object.fromEntries(renamed) as Row<T>;
}
