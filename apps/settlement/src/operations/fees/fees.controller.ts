import { Controller, Get, Inject, Param, Query } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathHash } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { ApiPeriod } from "../periods/api-period.ts";
import { periodOf } from "../periods/period.ts";
import {
  FEE_GROUPS,
  feesAnswerSchema,
  gasAccountsSchema,
  voucherFeesSchema,
  type FeesAnswer,
  type GasAccounts,
  type VoucherFees,
} from "./fee-answers.ts";
import { FeeReports } from "./fee-reports.ts";

@ApiTags("books")
@RequireRight("read")
@Controller("v1/fees")
export class FeesController {
  constructor(@Inject(FeeReports) private readonly fees: FeeReports) {}

  @Get()
  @ApiPeriod()
  @ApiQuery({ name: "by", required: false, enum: [...FEE_GROUPS], description: "kind where it is left out" })
  @ApiOperation({
    operationId: "showFees",
    summary: "What transactions of a period cost, in wei, added up by one thing.",
  })
  @ApiOkResponse({ standardSchema: feesAnswerSchema })
  async period(
    @Query("from") from?: unknown,
    @Query("to") to?: unknown,
    @Query("by") by: unknown = "kind",
  ): Promise<FeesAnswer> {
    const group = FEE_GROUPS.find((each) => each === by);
    if (group === undefined) throw new Problem("MALFORMED_BODY", `by: one of ${FEE_GROUPS.join(", ")}.`);
    return await this.fees.period(periodOf(from, to), group);
  }

  @Get("accounts")
  @ApiProblems("CHAIN_UNREACHABLE")
  @ApiOperation({
    operationId: "compareGas",
    summary: "What accounts have for transactions, by the books and by the chain, and what is unknown.",
  })
  @ApiOkResponse({ standardSchema: gasAccountsSchema })
  async accounts(): Promise<GasAccounts> {
    return await this.fees.accounts();
  }

  @Get("vouchers/:id")
  @ApiProblems()
  @ApiOperation({ operationId: "showVoucherFees", summary: "A voucher's part of what its transactions cost." })
  @ApiOkResponse({ standardSchema: voucherFeesSchema })
  async voucher(@Param("id") id: string): Promise<VoucherFees> {
    return await this.fees.voucher(pathHash(id));
  }
}
