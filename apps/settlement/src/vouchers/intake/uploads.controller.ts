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
import { ForTerminals } from "../../foundation/http/roles.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { Intake, MalformedBody } from "./intake.ts";
import type { SignedReceipt } from "./receipts.ts";

@ApiTags("uploads")
@ForTerminals()
@Controller("v1/uploads")
export class UploadsController {
  constructor(@Inject(Intake) private readonly intake: Intake) {}

  @Post()
  @HttpCode(200)
  @ApiProblems("MALFORMED_UPLOAD", "UPLOAD_UNTRUSTED", "RECEIPT_QUOTA", "LIMIT_REACHED", "KEYS_UNAVAILABLE")
  @ApiOperation({
    operationId: "takeUpload",
    summary: "Takes a terminal's signed upload; the same one may come any number of times.",
  })
  @ApiOkResponse({
    standardSchema: uploadResponseSchema,
    description:
      "One result for each voucher, in the body's order, the receipt of the upload's bytes, and the terminal's latest upload where it is another one.",
  })
  async take(@Body({ schema: uploadRequestSchema }) request: UploadRequest): Promise<UploadResponse> {
    try {
      const { outcomes, receipt, latest } = await this.intake.take(
        {
          upload: fromHex(request.upload),
          signature: fromHex(request.signature),
          certificate: fromHex(request.certificate),
          certificateSignature: fromHex(request.certificateSignature),
          body: fromHex(request.body),
        },
        shownReceipt(request),
      );
      const results = outcomes.map(({ id, status, code }) => ({ voucherId: toHex(id), status, code }));
      const shown =
        latest === null ? {} : { latestUpload: toHex(latest.upload), latestUploadSignature: toHex(latest.signature) };
      return { results, ...membersOf(receipt), ...shown };
    } catch (error) {
      if (error instanceof MalformedBody)
        throw new Problem("MALFORMED_UPLOAD", error.message, { members: membersOf(error.receipt) });
      if (isProtocolError(error)) throw new Problem("MALFORMED_UPLOAD", `${error.code}: ${error.message}`);
      throw error;
    }
  }
}

function shownReceipt({ receipt, receiptSignature }: UploadRequest): SignedReceipt | null {
  if (receipt === undefined || receiptSignature === undefined) return null;
  return { receipt: fromHex(receipt), signature: fromHex(receiptSignature) };
}

/** The members of an answer or a problem document that hold a receipt. */
function membersOf(
  signed: SignedReceipt | null,
): { receipt: string; receiptSignature: string } | Record<never, string> {
  if (signed === null) return {};
  return { receipt: toHex(signed.receipt), receiptSignature: toHex(signed.signature) };
}
