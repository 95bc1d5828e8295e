import { Body, Controller, HttpCode, Inject, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { fromHex, isProtocolError, toHex } from "@tallystick/protocol";
import {
  uploadRequestSchema,
  uploadResponseSchema,
  type UploadRequest,
  type UploadResponse,
} from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { Intake } from "./intake.ts";

@ApiTags("uploads")
@Controller("v1/uploads")
export class UploadsController {
  constructor(@Inject(Intake) private readonly intake: Intake) {}

  @Post()
  @HttpCode(200)
  @ApiProblems("MALFORMED_UPLOAD", "UPLOAD_UNTRUSTED", "LIMIT_REACHED")
  @ApiOperation({
    operationId: "takeUpload",
    summary: "Takes a terminal's signed upload; the same one may come any number of times.",
  })
  @ApiOkResponse({
    standardSchema: uploadResponseSchema,
    description: "One result for each voucher, in the body's order.",
  })
  async take(@Body({ schema: uploadRequestSchema }) request: UploadRequest): Promise<UploadResponse> {
    try {
      const outcomes = await this.intake.take({
        upload: fromHex(request.upload),
        signature: fromHex(request.signature),
        certificate: fromHex(request.certificate),
        certificateSignature: fromHex(request.certificateSignature),
        body: fromHex(request.body),
      });
      return { results: outcomes.map(({ id, status, code }) => ({ voucherId: toHex(id), status, code })) };
    } catch (error) {
      if (isProtocolError(error)) throw new Problem("MALFORMED_UPLOAD", `${error.code}: ${error.message}`);
      throw error;
    }
  }
}
