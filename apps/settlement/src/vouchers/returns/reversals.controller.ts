import { Body, Controller, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { fromHex, PAYEE_SIGNATURE_LENGTH } from "@tallystick/protocol";
import { hexText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ForTerminals } from "../../foundation/http/roles.ts";
import { pathHash } from "../../foundation/http/path-values.ts";
import { LateReversals } from "./late-reversals.ts";

const confirmationRequestSchema = z.strictObject({ signature: hexText(PAYEE_SIGNATURE_LENGTH) });
const confirmationAnswerSchema = z.object({ id: hash, confirmed: z.literal(true) });

type ConfirmationRequest = z.infer<typeof confirmationRequestSchema>;
type ConfirmationAnswer = z.infer<typeof confirmationAnswerSchema>;

@ApiTags("returns")
@ForTerminals()
@Controller("v1/reversals")
export class ReversalsController {
  constructor(@Inject(LateReversals) private readonly late: LateReversals) {}

  @Post(":id/confirmation")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "PAYEE_SIGNATURE")
  @ApiOperation({
    operationId: "confirmReversal",
    summary:
      "The payee confirms a reversal that came after its certificate was withdrawn; its signature is all it needs.",
  })
  @ApiOkResponse({ standardSchema: confirmationAnswerSchema })
  async confirm(
    @Param("id") id: string,
    @Body({ schema: confirmationRequestSchema }) { signature }: ConfirmationRequest,
  ): Promise<ConfirmationAnswer> {
    await this.late.confirm(pathHash(id), fromHex(signature));
    return { id, confirmed: true };
  }
}
