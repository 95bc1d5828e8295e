import { Body, Controller, HttpCode, Inject, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { fromHex } from "@tallystick/protocol";
import {
  certificateResponseSchema,
  mailboxAnswerSchema,
  payeeAnswerSchema,
  returnOrderAnswerSchema,
  terminalRequestSchema,
  voucherListSchema,
  voucherStatesSchema,
  type TerminalRequestBody,
} from "@tallystick/protocol/wire";
import { z } from "zod";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ForTerminals } from "../../foundation/http/roles.ts";
import { Requests, type RequestAnswer } from "./requests.ts";

@ApiTags("requests")
@ForTerminals()
@Controller("v1/requests")
export class RequestsController {
  constructor(@Inject(Requests) private readonly requests: Requests) {}

  @Post()
  @HttpCode(200)
  @ApiProblems(
    ...(["MALFORMED_REQUEST", "REQUEST_UNTRUSTED", "REQUEST_OUT_OF_TIME", "CERTIFICATE_NOT_VALID"] as const),
    ...(["REQUEST_REPEATED", "REQUEST_QUOTA"] as const),
    ...(["REFUND_ORDER_REFUSED", "REFUND_QUOTA", "CHAIN_UNREACHABLE", "RENEWAL_REFUSED", "KEYS_UNAVAILABLE"] as const),
    "PAYEE_UNCONFIRMED",
  )
  @ApiOperation({
    operationId: "askSettlement",
    summary:
      "Answers what a terminal asks with TLYW: allowances for cards, where its payments are, a refund that it orders, its next certificate, all vouchers of its payee, its payee's first unit.",
  })
  @ApiOkResponse({
    standardSchema: z.union([
      mailboxAnswerSchema,
      voucherStatesSchema,
      returnOrderAnswerSchema,
      certificateResponseSchema,
      voucherListSchema,
      payeeAnswerSchema,
    ]),
    description:
      "By the request's kind: a page of the mailbox, voucher states in the order of their ids, the order's chain action, the certificate, a page of vouchers, or how far the first unit is.",
  })
  async answer(@Body({ schema: terminalRequestSchema }) body: TerminalRequestBody): Promise<RequestAnswer> {
    return this.requests.answer({
      request: fromHex(body.request),
      signature: fromHex(body.signature),
      certificate: fromHex(body.certificate),
      certificateSignature: fromHex(body.certificateSignature),
      body: fromHex(body.body),
    });
  }
}
