import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { formatTotal, type Asset } from "@tallystick/money";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { RequireRole } from "../../foundation/http/roles.ts";
import { AnchoredRoots } from "../../books/ledger-log/anchored-roots.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { reconciliationAnswerSchema } from "./reconciliation-answers.ts";
import { Reconciliation, type MoneySide } from "./reconciliation.ts";

type MoneyTexts = Readonly<Record<keyof MoneySide, string>>;

@ApiTags("reconciliation")
@RequireRole("any")
@Controller("v1/reconciliation")
export class ReconciliationController {
  constructor(
    @Inject(Reconciliation) private readonly reconciliation: Reconciliation,
    @Inject(AnchoredRoots) private readonly anchors: AnchoredRoots,
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
    const [report, anchors] = await Promise.all([this.reconciliation.report(), this.anchors.report()]);
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
      paidTwice: formatTotal(report.paidTwice, this.asset),
      // Nothing is written "0", so that a script can compare it without knowing the asset.
      ledgerDifference: report.ledgerDifference === 0n ? "0" : formatTotal(report.ledgerDifference, this.asset),
      anchors,
    };
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
