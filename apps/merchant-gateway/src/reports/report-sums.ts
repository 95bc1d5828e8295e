import { type Asset, createAsset, formatTotal } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { Policies } from "../config/policies.ts";
import type { ReportGroup } from "../journal/merchant/report-store.ts";
import type { ReportLine, ReportSums, ReportTotal } from "./report-shape.ts";

/** What a group or an entry says of its currency. */
type Moneyed = Pick<ReportGroup, "domainBytes" | "currency" | "decimals">;

/**
 * How the units of a domain are shown: as it is served now, else as its sales were asked for. What nobody knows any
 * more is shown in units, under the domain's own bytes.
 */
export function assetOf({ domainBytes, currency, decimals }: Moneyed, policies: Pick<Policies, "of">): Asset {
  const served = policies.of(domainBytes)?.served.asset;
  if (served !== undefined) return served;
  return createAsset({ code: currency ?? toHex(domainBytes).slice(0, 12), decimals: decimals ?? 0, scale: 1n });
}

/** A sum that may be below zero, as people see it. */
export function signedAmount(units: bigint, asset: Asset): string {
  return units < 0n ? `-${formatTotal(-units, asset)}` : formatTotal(units, asset);
}

/** The groups of one currency, cashier and lane, or of one currency. */
class Bucket {
  readonly asset: Asset;
  private readonly groups: ReportGroup[] = [];

  constructor(asset: Asset) {
    this.asset = asset;
  }

  add(group: ReportGroup): void {
    this.groups.push(group);
  }

  sums(): ReportSums {
    const all = (type: ReportGroup["type"]) => this.groups.filter((group) => group.type === type);
    const units = (type: ReportGroup["type"]) => all(type).reduce((sum, group) => sum + group.sum, 0n);
    const counted = (type: ReportGroup["type"]) => ({
      count: all(type).reduce((sum, { count }) => sum + count, 0),
      sum: formatTotal(units(type), this.asset),
    });
    const net = units("payment") - units("reversal") - units("refund") + units("refund-refused");
    return {
      payments: counted("payment"),
      reversals: counted("reversal"),
      refunds: counted("refund"),
      refundsRefused: counted("refund-refused"),
      net: signedAmount(net, this.asset),
      unresolved: counted("unresolved"),
    };
  }
}

/** Sums by currency, and by currency, cashier and lane. */
export function sumsOf(
  groups: readonly ReportGroup[],
  policies: Pick<Policies, "of">,
): { readonly totals: readonly ReportTotal[]; readonly lines: readonly ReportLine[] } {
  const totals = new Map<string, Bucket>();
  const lines = new Map<string, { readonly bucket: Bucket; readonly group: ReportGroup }>();
  for (const group of groups) {
    const asset = assetOf(group, policies);
    const currency = `${asset.code} ${asset.decimals}`;
    const total = totals.get(currency) ?? new Bucket(asset);
    total.add(group);
    totals.set(currency, total);
    const name = JSON.stringify([currency, group.cashier, group.lane]);
    const line = lines.get(name) ?? { bucket: new Bucket(asset), group };
    line.bucket.add(group);
    lines.set(name, line);
  }
  return {
    totals: [...totals.values()].map((bucket) => ({ currency: bucket.asset.code, ...bucket.sums() })),
    lines: [...lines.values()].map(({ bucket, group: { cashier, lane } }) => ({
      ...{ currency: bucket.asset.code, cashier, lane },
      ...bucket.sums(),
    })),
  };
}
