import { Controller, Get, Inject, Param } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { pathUuid } from "../../foundation/http/path-values.ts";
import { batchesAnswerSchema, batchMembersAnswerSchema } from "./batch-answers.ts";
import { BatchViews, type BatchMember, type BatchView } from "./batch-views.ts";

@ApiTags("batches")
@RequireRight("read")
@Controller("v1/batches")
export class BatchesController {
  constructor(@Inject(BatchViews) private readonly views: BatchViews) {}

  @Get()
  @ApiProblems()
  @ApiOperation({ operationId: "listBatches", summary: "Batches, the newest first." })
  @ApiOkResponse({ standardSchema: batchesAnswerSchema })
  async list(): Promise<{ batches: readonly BatchView[] }> {
    return { batches: await this.views.list() };
  }

  @Get(":id")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "showBatch", summary: "One batch with its vouchers in the order of its result bitmap." })
  @ApiOkResponse({ standardSchema: batchMembersAnswerSchema })
  async show(@Param("id") id: string): Promise<BatchView & { members: readonly BatchMember[] }> {
    return this.views.find(pathUuid(id));
  }
}
