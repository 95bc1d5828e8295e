import { Controller, Get, Inject, Param, Query, type StreamableFile, UseFilters } from "@nestjs/common";
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathHash, pathTerminalId } from "../../foundation/http/path-values.ts";
import { CallActor, CallSession, Page, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import type { Session } from "../../foundation/http/sessions.ts";
import { voucherAnswerSchema } from "../../vouchers/states/voucher-answers.ts";
import type { VoucherView } from "../../vouchers/states/voucher-views.ts";
import { Frames } from "../console/frames.ts";
import { ConsolePage } from "../console/page-headers.ts";
import { PageProblems } from "../console/page-problems.tsx";
import { documentOf } from "../console/view/frame.tsx";
import { ApiPeriod } from "../periods/api-period.ts";
import { periodOf } from "../periods/period.ts";
import { StatementFiles } from "../statement-files/statement-files.ts";
import { STATEMENT_FORMATS, statementFormat } from "../statements/statement-formats.ts";
import { statementSchema } from "../statements/statement-answers.ts";
import {
  ownAnswerSchema,
  ownBatchesAnswerSchema,
  ownPayoutsAnswerSchema,
  ownVouchersAnswerSchema,
  type OwnAnswer,
  type OwnBatchesAnswer,
  type OwnPayoutsAnswer,
  type OwnVouchersAnswer,
} from "./own-answers.ts";
import {
  ownProofAnswerSchema,
  ownReceiptsAnswerSchema,
  type OwnProofAnswer,
  type OwnReceiptsAnswer,
} from "./own-files.ts";
import { OwnPage, OwnVouchersPage } from "./own-page.tsx";
import { OwnRecords, payeeOf } from "./own-records.ts";

/** What a merchant sees who has signed in: its own, and nothing of anybody else. */
@ApiTags("own")
@RequireRight("own")
@Controller()
export class OwnController {
  constructor(
    @Inject(OwnRecords) private readonly own: OwnRecords,
    @Inject(StatementFiles) private readonly files: StatementFiles,
    @Inject(Frames) private readonly frames: Frames,
  ) {}

  @Get("own")
  @Page()
  @ApiExcludeEndpoint()
  @UseFilters(PageProblems)
  @ConsolePage()
  async page(
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
    @Query("before") before?: string,
  ): Promise<string> {
    const payee = payeeOf(actor);
    const frame = this.frames.of(actor, session);
    const [overview, vouchers] = await Promise.all([
      this.own.overview(payee),
      this.own.vouchers(payee, before === undefined ? null : pathHash(before)),
    ]);
    if (before !== undefined) return documentOf(OwnVouchersPage({ frame, overview, vouchers }));
    const [paid, { batches }] = await Promise.all([this.own.payouts(payee), this.own.batches(payee)]);
    return documentOf(OwnPage({ frame, overview, paid, batches, vouchers }));
  }

  @Get("v1/own")
  @ApiProblems()
  @ApiOperation({ operationId: "showOwn", summary: "The payee that this merchant is bound to, and its terminals." })
  @ApiOkResponse({ standardSchema: ownAnswerSchema })
  async overview(@CallActor() actor: Actor): Promise<OwnAnswer> {
    return await this.own.overview(payeeOf(actor));
  }

  @Get("v1/own/vouchers")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "listOwnVouchers", summary: "The merchant's vouchers, the newest first, in pages." })
  @ApiQuery({ name: "before", required: false })
  @ApiOkResponse({ standardSchema: ownVouchersAnswerSchema })
  async vouchers(@CallActor() actor: Actor, @Query("before") before?: string): Promise<OwnVouchersAnswer> {
    return await this.own.vouchers(payeeOf(actor), before === undefined ? null : pathHash(before));
  }

  @Get("v1/own/vouchers/:id")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "showOwnVoucher", summary: "How far one of the merchant's vouchers is." })
  @ApiOkResponse({ standardSchema: voucherAnswerSchema })
  async voucher(@CallActor() actor: Actor, @Param("id") id: string): Promise<VoucherView> {
    return await this.own.voucher(payeeOf(actor), pathHash(id));
  }

  @Get("v1/own/vouchers/:id/proof")
  @ApiProblems("NOT_FOUND", "LEDGER_CHANGED")
  @ApiOperation({
    operationId: "proveOwnVoucher",
    summary: "Proof that one of the merchant's vouchers stands in the books that a batch anchors.",
  })
  @ApiOkResponse({ standardSchema: ownProofAnswerSchema })
  async proof(@CallActor() actor: Actor, @Param("id") id: string): Promise<OwnProofAnswer> {
    return await this.own.proof(payeeOf(actor), pathHash(id));
  }

  @Get("v1/own/batches")
  @ApiProblems()
  @ApiOperation({ operationId: "listOwnBatches", summary: "Batches with the merchant's newest vouchers." })
  @ApiOkResponse({ standardSchema: ownBatchesAnswerSchema })
  async batches(@CallActor() actor: Actor): Promise<OwnBatchesAnswer> {
    return await this.own.batches(payeeOf(actor));
  }

  @Get("v1/own/payouts")
  @ApiProblems()
  @ApiOperation({ operationId: "listOwnPayouts", summary: "The merchant's payouts, the newest first." })
  @ApiOkResponse({ standardSchema: ownPayoutsAnswerSchema })
  async payouts(@CallActor() actor: Actor): Promise<OwnPayoutsAnswer> {
    return await this.own.payouts(payeeOf(actor));
  }

  @Get("v1/own/statements")
  @UseFilters(PageProblems)
  @ApiPeriod()
  @ApiQuery({
    ...{ name: "format", required: false, enum: Object.keys(STATEMENT_FORMATS) },
    description: "json where it is left out",
  })
  @ApiOperation({
    operationId: "writeOwnStatement",
    summary: "What was booked for the merchant in a period, day by day, proved to be in the log.",
  })
  @ApiOkResponse({ standardSchema: statementSchema })
  async statement(
    @CallActor() actor: Actor,
    @Query("from") from?: unknown,
    @Query("to") to?: unknown,
    @Query("format") format: unknown = "json",
  ): Promise<StreamableFile> {
    const form = statementFormat(format);
    return await this.files.write(payeeOf(actor), { period: periodOf(from, to), format: form, actor });
  }

  @Get("v1/own/terminals/:terminalId/receipts")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "listOwnReceipts", summary: "Receipts for the uploads of one of its terminals." })
  @ApiOkResponse({ standardSchema: ownReceiptsAnswerSchema })
  async receipts(@CallActor() actor: Actor, @Param("terminalId") terminalId: string): Promise<OwnReceiptsAnswer> {
    return await this.own.receipts(payeeOf(actor), pathTerminalId(terminalId));
  }
}
