import { Body, Controller, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { fromHex, isProtocolError, parseAddress, parsePublicKey } from "@tallystick/protocol";
import {
  certificateResponseSchema,
  merchantRequestSchema,
  type CertificateResponse,
  type MerchantRequest,
} from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ASSET, readAmount } from "../../foundation/http/amounts.ts";
import { pathAddress, pathTerminalId } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallActor, personOf, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { certificateAnswer, Merchants } from "./merchants.ts";
import {
  withdrawalAnswerSchema,
  withdrawalRequestSchema,
  type WithdrawalAnswer,
  type WithdrawalRequest,
} from "./withdrawal-requests.ts";
import { Withdrawals } from "./withdrawals.ts";

@ApiTags("merchants")
@RequireRight("certificates")
@Controller("v1/merchants")
export class MerchantsController {
  constructor(
    @Inject(Merchants) private readonly merchants: Merchants,
    @Inject(Withdrawals) private readonly withdrawals: Withdrawals,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiProblems("CERTIFICATE_RANGE", "CERTIFICATE_WITHDRAWN", "TERMINAL_KEY_TAKEN", "AMOUNT_RANGE", "KEYS_UNAVAILABLE")
  @ApiOperation({
    operationId: "certifyTerminal",
    summary: "Certifies a terminal: its key, its payee, its category and its limits.",
  })
  @ApiOkResponse({ standardSchema: certificateResponseSchema })
  async certify(
    @Body({ schema: merchantRequestSchema }) request: MerchantRequest,
    @CallActor() actor: Actor,
  ): Promise<CertificateResponse> {
    try {
      const terminalKey = fromHex(request.terminalKey, 65);
      parsePublicKey(terminalKey);
      const terms = {
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
      };
      return certificateAnswer(await this.merchants.certify(terms, { actor, reason: request.reason }));
    } catch (error) {
      if (isProtocolError(error)) throw new Problem("CERTIFICATE_RANGE", `${error.code}: ${error.message}`);
      throw error;
    }
  }

  @RequireRight("withdrawals")
  @Post(":payee/terminals/:terminalId/withdrawal")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "NAME_NEEDED", "WITHDRAWAL_RANGE")
  @ApiOperation({
    operationId: "withdrawCertificates",
    summary: "Withdraws the certificates of a terminal from a time on, for good; the earliest of several times counts.",
  })
  @ApiOkResponse({ standardSchema: withdrawalAnswerSchema })
  async withdraw(
    @Param("payee") payee: string,
    @Param("terminalId") terminalId: string,
    @Body({ schema: withdrawalRequestSchema }) { from, reason }: WithdrawalRequest,
    @CallActor() actor: Actor,
  ): Promise<WithdrawalAnswer> {
    personOf(actor);
    const terminal = { payee: pathAddress(payee), terminalId: pathTerminalId(terminalId) };
    const requested = { terminal, from: from ?? null, reason };
    return { payee, terminalId, withdrawnFrom: await this.withdrawals.withdraw(requested, actor) };
  }
}
