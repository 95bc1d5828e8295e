import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { formatTotal, type Asset } from "@tallystick/money";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ASSET, baseUnitsText } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { MoneyReports } from "./money-reports.ts";
import { reconciliationAnswerSchema } from "./reconciliation-answers.ts";
import type { MoneySide, VaultHoldings } from "./reconciliation.ts";

type MoneyTexts = Readonly<Record<keyof MoneySide, string>>;

@ApiTags("reconciliation")
@RequireRight("read")
@Controller("v1/reconciliation")
export class ReconciliationController {
  constructor(
    @Inject(MoneyReports) private readonly reports: MoneyReports,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @Get()
  @ApiProblems("CHAIN_UNREACHABLE")
  @ApiOperation({
    operationId: "reconcile",
    summary: "Where every token is, read from the chain and from the ledger separately.",
  })
  @ApiOkResponse({ standardSchema: reconciliationAnswerSchema })
  async report(): Promise<Record<string, unknown>> {
    const shared = await this.reports.get({ freshMs: 0, withinMs: LIMITS.sumWaitMs });
    if (shared === null) {
      const retryAfterSeconds = LIMITS.sumRetrySeconds;
      throw new Problem("CHAIN_UNREACHABLE", "The first sum is still being made; ask again.", { retryAfterSeconds });
    }
    const { money: report, anchors } = shared.value;
    return {
      block: report.block.toString(),
      finalizedBlock: report.finalizedBlock.toString(),
      chain: this.texts(report.chain),
      ledger: this.texts(report.ledger),
      acceptedUnpaid: formatTotal(report.acceptedUnpaid, this.asset),
      issuerOwes: {
        vouchers: formatTotal(report.issuerOwes.vouchers, this.asset),
        ledger: formatTotal(report.issuerOwes.ledger, this.asset),
      },
      advances: formatTotal(report.advances, this.asset),
      paidTwice: formatTotal(report.paidTwice, this.asset),
      // Nothing is written "0", so that a script can compare it without knowing the asset.
      ledgerDifference: report.ledgerDifference === 0n ? "0" : formatTotal(report.ledgerDifference, this.asset),
      vault: this.holdings(report.vault),
      ageSeconds: Math.round(shared.ageMs / 1_000),
      anchors,
    };
  }

  private holdings({ heldBaseUnits, owesBaseUnits, surplusBaseUnits }: VaultHoldings): Record<string, string> {
    const text = (baseUnits: bigint): string => baseUnitsText(baseUnits, this.asset);
    return { held: text(heldBaseUnits), owes: text(owesBaseUnits), surplus: text(surplusBaseUnits) };
  }

  private texts(side: MoneySide): MoneyTexts {
    return {
      minted: formatTotal(side.minted, this.asset),
      wallets: formatTotal(side.wallets, this.asset),
      guarantee: formatTotal(side.guarantee, this.asset),
      cards: formatTotal(side.cards, this.asset),
      owed: formatTotal(side.owed, this.asset),
      paidOut: formatTotal(side.paidOut, this.asset),
    };
  }
}
