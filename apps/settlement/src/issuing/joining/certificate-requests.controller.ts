import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { fromHex, isProtocolError } from "@tallystick/protocol";
import {
  certificateRequestSchema,
  type CertificateRequestAnswer,
  type CertificateRequestBody,
} from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ASSET, readAmount } from "../../foundation/http/amounts.ts";
import { type ArrivedRequest, DOORS, type Doors } from "../../foundation/http/doors.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallActor, ForTerminals, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { CertificateRequests, requestAnswer, unknownRequest } from "./certificate-requests.ts";
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
    return requestAnswer(await this.decisions.signed(await this.requests.find(pathId(id))));
  }

  @RequireRight("certificates")
  @Get()
  @ApiProblems("MALFORMED_BODY")
  @ApiQuery({ name: "digits", required: false, type: String, description: "the request of these 20 digits alone" })
  @ApiOperation({ operationId: "listCertificateRequests", summary: "Terminals that ask, those that wait first." })
  @ApiOkResponse({ standardSchema: requestListSchema })
  async list(@Query("digits") digits: unknown): Promise<RequestList> {
    return this.decisions.list(digits === undefined ? null : queryDigits(digits));
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
    const sum = (name: "perTap" | "unsentSum" | "perCardSum" | "softwareSum"): bigint =>
      readAmount(given[name], name, this.asset);
    const { notBefore, notAfter, unsentCount } = given;
    const terms = {
      ...{ notBefore, notAfter, unsentCount, perTap: sum("perTap"), unsentSum: sum("unsentSum") },
      ...{ perCardSum: sum("perCardSum"), softwareSum: sum("softwareSum") },
    };
    try {
      const approval = { read: { digits, payee }, given: terms, reason };
      return requestAnswer(await this.decisions.approve(pathId(id), approval, actor));
    } catch (error) {
      if (isProtocolError(error)) throw new Problem("CERTIFICATE_RANGE", `${error.code}: ${error.message}`);
      throw error;
    }
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
    return requestAnswer(await this.decisions.refuse(pathId(id), reason, actor));
  }
}

function pathId(text: string): Uint8Array {
  if (!/^0x[0-9a-f]{64}$/.test(text)) throw unknownRequest();
  return fromHex(text);
}

/** All 20 digits, as a person types them. Throws Problem MALFORMED_BODY. */
function queryDigits(text: unknown): string {
  const digits = String(text).replaceAll(/\s/g, "").toLowerCase();
  if (/^[0-9a-f]{20}$/.test(digits)) return digits;
  throw new Problem("MALFORMED_BODY", "digits: write all 20 hexadecimal digits.");
}
