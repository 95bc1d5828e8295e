import { Body, Controller, HttpCode, Inject, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { fromHex, isProtocolError, parseAddress, parsePublicKey, toHex } from "@tallystick/protocol";
import {
  certificateResponseSchema,
  merchantRequestSchema,
  type CertificateResponse,
  type MerchantRequest,
} from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ASSET, readAmount } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { RequireRole } from "../../foundation/http/roles.ts";
import { Merchants } from "./merchants.ts";

@ApiTags("merchants")
@RequireRole("issuer")
@Controller("v1/merchants")
export class MerchantsController {
  constructor(
    @Inject(Merchants) private readonly merchants: Merchants,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiProblems("CERTIFICATE_RANGE", "AMOUNT_RANGE")
  @ApiOperation({
    operationId: "certifyTerminal",
    summary: "Certifies a terminal: its key, its payee, its category and its limits.",
  })
  @ApiOkResponse({ standardSchema: certificateResponseSchema })
  async certify(@Body({ schema: merchantRequestSchema }) request: MerchantRequest): Promise<CertificateResponse> {
    try {
      const terminalKey = fromHex(request.terminalKey, 65);
      parsePublicKey(terminalKey);
      const { certificate, signature } = await this.merchants.certify({
        payee: parseAddress(request.payee),
        category: request.category,
        terminalId: fromHex(request.terminalId, 8),
        terminalKey,
        notBefore: request.notBefore,
        notAfter: request.notAfter,
        perTap: readAmount(request.perTap, "perTap", this.asset),
        unsentSum: readAmount(request.unsentSum, "unsentSum", this.asset),
        unsentCount: request.unsentCount,
        perCardSum: readAmount(request.perCardSum, "perCardSum", this.asset),
        softwareSum: readAmount(request.softwareSum, "softwareSum", this.asset),
      });
      return { certificate: toHex(certificate), signature: toHex(signature) };
    } catch (error) {
      if (isProtocolError(error)) throw new Problem("CERTIFICATE_RANGE", `${error.code}: ${error.message}`);
      throw error;
    }
  }
}
