import { Controller, Get, Inject, Param } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { pathHash } from "../../foundation/http/path-values.ts";
import { voucherAnswerSchema } from "./voucher-answers.ts";
import { VoucherViews, type VoucherView } from "./voucher-views.ts";

@ApiTags("vouchers")
@RequireRight("read")
@Controller("v1/vouchers")
export class VouchersController {
  constructor(@Inject(VoucherViews) private readonly views: VoucherViews) {}

  @Get(":id")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({
    operationId: "showVoucher",
    summary: "What became of a voucher; docs/reference/settlement.md lists the states.",
  })
  @ApiOkResponse({ standardSchema: voucherAnswerSchema })
  async show(@Param("id") id: string): Promise<VoucherView> {
    return this.views.find(pathHash(id));
  }
}
