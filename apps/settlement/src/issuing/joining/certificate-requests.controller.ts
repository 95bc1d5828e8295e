import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { fromHex } from "@tallystick/protocol";
import {
  certificateRequestSchema,
  type CertificateRequestAnswer,
  type CertificateRequestBody,
} from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { type ArrivedRequest, DOORS, type Doors } from "../../foundation/http/doors.ts";
import { CallActor, ForTerminals, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { approvalTerms, withinRange } from "./approval-terms.ts";
import { CertificateRequests, requestAnswer } from "./certificate-requests.ts";
import {
  approvalSchema,
  certificateRequestAnswerSchema,
  reasonedSchema,
  requestListSchema,
  type Approval,
  type Reasoned,
  type RequestList,
} from "./joining-wire.ts";
import { sourceOf } from "./request-checks.ts";
import { RequestDecisions } from "./request-decisions.ts";
import { requestId, typedDigits } from "./typed-request.ts";

@ApiTags("joining")
@Controller("v1/certificate-requests")
export class CertificateRequestsController {
  constructor(
    @Inject(CertificateRequests) private readonly requests: CertificateRequests,
    @Inject(RequestDecisions) private readonly decisions: RequestDecisions,
    @Inject(DOORS) private readonly doors: Doors,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @ForTerminals()
  @Post()
  @HttpCode(200)
  @ApiProblems("MALFORMED_REQUEST", "CERTIFICATE_REQUEST_REFUSED", "CERTIFICATE_REQUESTS_FULL")
  @ApiOperation({
    operationId: "askForCertificate",
    summary: "Takes a terminal's request for its first certificate; the same request again is the same entry.",
  })
  @ApiOkResponse({ standardSchema: certificateRequestAnswerSchema })
  async ask(
    @Body({ schema: certificateRequestSchema }) { request, signature }: CertificateRequestBody,
    @Req() arrived: ArrivedRequest,
  ): Promise<CertificateRequestAnswer> {
    const source = this.doors.isAdministration(arrived) ? null : sourceOf(this.doors.callerOf(arrived));
    const row = await this.requests.take(fromHex(request), fromHex(signature), source);
    return requestAnswer(await this.decisions.signed(row));
  }

  @ForTerminals()
  @Get(":id")
  @ApiProblems("CERTIFICATE_REQUEST_UNKNOWN", "KEYS_UNAVAILABLE")
  @ApiOperation({
    operationId: "showCertificateRequest",
    summary: "What became of a request, to whoever knows its id; approved, with what the terminal gets.",
  })
  @ApiOkResponse({ standardSchema: certificateRequestAnswerSchema })
  async show(@Param("id") id: string): Promise<CertificateRequestAnswer> {
    return requestAnswer(await this.decisions.signed(await this.requests.find(requestId(id))));
  }

  @RequireRight("certificates")
  @Get()
  @ApiProblems("MALFORMED_BODY")
  @ApiQuery({ name: "digits", required: false, type: String, description: "the request of these 20 digits alone" })
  @ApiOperation({ operationId: "listCertificateRequests", summary: "Terminals that ask, those that wait first." })
  @ApiOkResponse({ standardSchema: requestListSchema })
  async list(@Query("digits") digits: unknown): Promise<RequestList> {
    return this.decisions.list(digits === undefined ? null : typedDigits(digits));
  }

  @RequireRight("certificates")
  @Post(":id/approval")
  @HttpCode(200)
  @ApiProblems(
    ...(["CERTIFICATE_REQUEST_UNKNOWN", "DIGITS_DIFFER", "PAYEE_DIFFERS", "REQUEST_DECIDED"] as const),
    ...(["REQUEST_OUT_OF_TIME", "TERMINAL_KEY_TAKEN", "CERTIFICATE_WITHDRAWN", "CERTIFICATE_RANGE"] as const),
    ...(["AMOUNT_RANGE", "NAME_NEEDED", "KEYS_UNAVAILABLE"] as const),
  )
  @ApiOperation({
    operationId: "approveCertificateRequest",
    summary: "Certifies a terminal that asked, by a person who compared its digits and read its payee back.",
  })
  @ApiOkResponse({ standardSchema: certificateRequestAnswerSchema })
  async approve(
    @Param("id") id: string,
    @Body({ schema: approvalSchema }) { digits, payee, reason, ...given }: Approval,
    @CallActor() actor: Actor,
  ): Promise<CertificateRequestAnswer> {
    const approval = { read: { digits, payee }, given: approvalTerms(given, this.asset), reason };
    return requestAnswer(await withinRange(this.decisions.approve(requestId(id), approval, actor)));
  }

  @RequireRight("certificates")
  @Post(":id/refusal")
  @HttpCode(200)
  @ApiProblems("CERTIFICATE_REQUEST_UNKNOWN", "REQUEST_DECIDED", "NAME_NEEDED")
  @ApiOperation({
    operationId: "refuseCertificateRequest",
    summary: "Refuses a terminal that asked, and tells it why.",
  })
  @ApiOkResponse({ standardSchema: certificateRequestAnswerSchema })
  async refuse(
    @Param("id") id: string,
    @Body({ schema: reasonedSchema }) { reason }: Reasoned,
    @CallActor() actor: Actor,
  ): Promise<CertificateRequestAnswer> {
    return requestAnswer(await this.decisions.refuse(requestId(id), reason, actor));
  }
}
