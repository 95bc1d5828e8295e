import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { within } from "@tallystick/program";
import type { AnchorReport } from "../../../books/ledger-log/anchored-roots.ts";
import { ASSET, baseUnitsText } from "../../../foundation/http/amounts.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { MoneyReports, type MoneyReport } from "../../reconciliation/money-reports.ts";
import { PAGE_WAIT_MS } from "../limits.ts";
import type { MoneySide } from "../../reconciliation/reconciliation.ts";

/** Where the tokens are, as texts. */
export interface MoneySums {
  readonly block: string;
  readonly ageSeconds: number;
  readonly chain: Readonly<Record<string, string>>;
  readonly ledger: Readonly<Record<string, string>>;
  readonly acceptedUnpaid: string;
  readonly issuerOwes: Readonly<Record<"vouchers" | "ledger", string>>;
  readonly difference: string;
  readonly vault: {
    readonly held: string;
    readonly owes: string;
    readonly surplus: string;
    readonly insolvent: boolean;
  };
  readonly anchors: AnchorReport;
}

/** The sums, or why there are none. */
export type MoneyFigures =
  | { readonly sums: MoneySums; readonly fault: null }
  | { readonly sums: null; readonly fault: string };

/** The newest reconciliation for pages, within a second. */
@Injectable()
export class MoneyTexts {
  constructor(
    @Inject(MoneyReports) private readonly reports: MoneyReports,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  async read(): Promise<MoneyFigures> {
    const looked = this.reports.get({ freshMs: LIMITS.pageFiguresMs, withinMs: PAGE_WAIT_MS });
    try {
      const shared = (await within(PAGE_WAIT_MS, looked))?.value ?? null;
      if (shared === null) return { sums: null, fault: "The first sum is still being made." };
      return { sums: this.texts(shared.value, Math.round(shared.ageMs / 1_000)), fault: null };
    } catch (error) {
      return { sums: null, fault: error instanceof Error ? error.message : "The chain cannot be read." };
    }
  }

  private texts({ money: report, anchors }: MoneyReport, ageSeconds: number): MoneySums {
    const texts = (side: MoneySide) =>
      Object.fromEntries(Object.entries(side).map(([name, units]) => [name, formatTotal(units, this.asset)]));
    const base = (baseUnits: bigint): string => baseUnitsText(baseUnits, this.asset);
    const { heldBaseUnits, owesBaseUnits, surplusBaseUnits } = report.vault;
    return {
      block: report.block.toString(),
      ageSeconds,
      chain: texts(report.chain),
      ledger: texts(report.ledger),
      acceptedUnpaid: formatTotal(report.acceptedUnpaid, this.asset),
      issuerOwes: {
        vouchers: formatTotal(report.issuerOwes.vouchers, this.asset),
        ledger: formatTotal(report.issuerOwes.ledger, this.asset),
      },
      difference: report.ledgerDifference === 0n ? "0" : formatTotal(report.ledgerDifference, this.asset),
      vault: {
        held: base(heldBaseUnits),
        owes: base(owesBaseUnits),
        surplus: base(surplusBaseUnits),
        insolvent: surplusBaseUnits < 0n,
      },
      anchors,
    };
  }
}
