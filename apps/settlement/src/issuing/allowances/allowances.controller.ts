import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { MAX_U64, toHex } from "@tallystick/protocol";
import {
  allowanceRequestSchema,
  allowanceResponseSchema,
  type AllowanceRequest,
  type AllowanceResponse,
} from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ASSET, readAmount } from "../../foundation/http/amounts.ts";
import { pathAddress } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { Allowances, type SignedAllowance } from "./allowances.ts";

@ApiTags("allowances")
@RequireRight("cards")
@Controller("v1/cards/:card/allowances")
export class AllowancesController {
  constructor(
    @Inject(Allowances) private readonly allowances: Allowances,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiProblems(
    "NOT_FOUND",
    "INSOLVENT",
    "CARD_UNKNOWN",
    "CARD_REVOKED",
    "CARD_REPLACED",
    "FUNDING_RULE",
    "NO_PIN_RESET",
    "ISSUER_KEY",
    "KEYS_UNAVAILABLE",
    "ALLOWANCE_RANGE",
    "AMOUNT_RANGE",
    "CHAIN_UNREACHABLE",
  )
  @ApiOperation({
    operationId: "issueAllowance",
    summary: "Issues an allowance by the funding rule; FUNDING_RULE while the funding is not final.",
  })
  @ApiOkResponse({ standardSchema: allowanceResponseSchema })
  async issue(
    @Param("card") card: string,
    @Body({ schema: allowanceRequestSchema }) request: AllowanceRequest,
    @CallActor() actor: Actor,
  ): Promise<AllowanceResponse> {
    const amount = (field: "perTap" | "pinAbove" | "noPinSum") => readAmount(request[field], field, this.asset);
    const optional = (field: "maxSpent" | "softSpent") => {
      const text = request[field];
      return text === undefined ? null : readAmount(text, field, this.asset);
    };
    const categories = BigInt(request.categories);
    if (categories > MAX_U64) throw new Problem("ALLOWANCE_RANGE", "categories has more than 64 bits.");
    const terms = {
      maxSpent: optional("maxSpent"),
      softSpent: optional("softSpent"),
      perTap: amount("perTap"),
      pinAbove: amount("pinAbove"),
      noPinSum: amount("noPinSum"),
      noPinCount: request.noPinCount,
      notBefore: request.notBefore,
      notAfter: request.notAfter,
      categories,
      flags: request.flags,
    };
    const { issuerKeyId, reason } = request;
    const options = issuerKeyId === undefined ? {} : { issuerKeyId };
    return describe(await this.allowances.issue(pathAddress(card), terms, { actor, reason }, options));
  }

  @Get("latest")
  @ApiProblems("NOT_FOUND", "CARD_UNKNOWN")
  @ApiOperation({ operationId: "showLatestAllowance", summary: "The newest allowance that was signed for the card." })
  @ApiOkResponse({ standardSchema: allowanceResponseSchema })
  async latest(@Param("card") card: string): Promise<AllowanceResponse> {
    return describe(await this.allowances.latest(pathAddress(card)));
  }
}

function describe({ body, signature }: SignedAllowance): AllowanceResponse {
  return { body: toHex(body), signature: toHex(signature) };
}
