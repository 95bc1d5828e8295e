import { Body, Controller, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { MAX_U64, toHex } from "@tallystick/protocol";
import { allowanceResponseSchema, type AllowanceResponse } from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ASSET, readAmount } from "../../foundation/http/amounts.ts";
import { pathAddress } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import type { SignedAllowance } from "../allowances/allowances.ts";
import { CardLimits, type ChangedLimits } from "./card-limits.ts";
import {
  limitsRequestSchema,
  payingAnswerSchema,
  payingRequestSchema,
  type LimitsRequest,
  type PayingAnswer,
  type PayingRequest,
} from "./limit-requests.ts";

const SUMS = ["perTap", "pinAbove", "noPinSum"] as const;

@ApiTags("cards")
@RequireRight("cards")
@Controller("v1/cards/:card")
export class CardLimitsController {
  constructor(
    @Inject(CardLimits) private readonly limits: CardLimits,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @Post("limits")
  @HttpCode(200)
  @ApiProblems(
    ...(["NOT_FOUND", "CARD_UNKNOWN", "CARD_REVOKED", "CARD_REPLACED", "CARD_SUSPENDED", "ALLOWANCE_RANGE"] as const),
    ...(["ALLOWANCE_OVERTAKEN", "AMOUNT_RANGE", "FUNDING_RULE", "INSOLVENT", "CHAIN_UNREACHABLE"] as const),
    "KEYS_UNAVAILABLE",
  )
  @ApiOperation({
    operationId: "changeLimits",
    summary: "Changes limits of a card in the field, and why: its next allowance, which the mailbox carries to it.",
  })
  @ApiOkResponse({ standardSchema: allowanceResponseSchema })
  async change(
    @Param("card") card: string,
    @Body({ schema: limitsRequestSchema }) { reason, ...request }: LimitsRequest,
    @CallActor() actor: Actor,
  ): Promise<AllowanceResponse> {
    const order = { card: pathAddress(card), limits: this.read(request), reason };
    return hexOf(await this.limits.change(order, actor));
  }

  @RequireRight("suspensions")
  @Post("suspension")
  @HttpCode(200)
  @ApiProblems(
    ...([
      "NOT_FOUND",
      "CARD_UNKNOWN",
      "CARD_REVOKED",
      "CARD_LOST",
      "CARD_REPLACED",
      "ALLOWANCE_OVERTAKEN",
      "CHAIN_UNREACHABLE",
    ] as const),
    "KEYS_UNAVAILABLE",
  )
  @ApiOperation({
    operationId: "suspendCard",
    summary: "Suspends a card in the list, and by an allowance with perTap 0 that the mailbox carries to it.",
  })
  @ApiOkResponse({ standardSchema: payingAnswerSchema })
  async suspend(
    @Param("card") card: string,
    @Body({ schema: payingRequestSchema }) { reason }: PayingRequest,
    @CallActor() actor: Actor,
  ): Promise<PayingAnswer> {
    const signed = await this.limits.suspend(pathAddress(card), reason, actor);
    return { card, status: "suspended", allowance: signed === null ? null : hexOf(signed) };
  }

  @RequireRight("suspensions")
  @Post("release")
  @HttpCode(200)
  @ApiProblems(
    ...(["NOT_FOUND", "CARD_UNKNOWN", "CARD_REVOKED", "CARD_LOST", "CARD_REPLACED"] as const),
    ...(["ALLOWANCE_OVERTAKEN", "INSOLVENT", "CHAIN_UNREACHABLE", "KEYS_UNAVAILABLE"] as const),
  )
  @ApiOperation({
    operationId: "releaseCard",
    summary: "Ends a suspension: valid in the list, and an allowance with the perTap of before.",
  })
  @ApiOkResponse({ standardSchema: payingAnswerSchema })
  async release(
    @Param("card") card: string,
    @Body({ schema: payingRequestSchema }) { reason }: PayingRequest,
    @CallActor() actor: Actor,
  ): Promise<PayingAnswer> {
    const signed = await this.limits.release(pathAddress(card), reason, actor);
    return { card, status: "valid", allowance: signed === null ? null : hexOf(signed) };
  }

  private read(request: Omit<LimitsRequest, "reason">): ChangedLimits {
    const { noPinCount, notAfter, categories } = request;
    const bits = categories === undefined ? undefined : BigInt(categories);
    if (bits !== undefined && bits > MAX_U64) throw new Problem("ALLOWANCE_RANGE", "categories has more than 64 bits.");
    const sums = SUMS.flatMap((name) => {
      const text = request[name];
      return text === undefined ? [] : [[name, readAmount(text, name, this.asset)] as const];
    });
    return {
      ...Object.fromEntries(sums),
      ...(noPinCount === undefined ? {} : { noPinCount }),
      ...(notAfter === undefined ? {} : { notAfter }),
      ...(bits === undefined ? {} : { categories: bits }),
    };
  }
}

function hexOf({ body, signature }: SignedAllowance): AllowanceResponse {
  return { body: toHex(body), signature: toHex(signature) };
}
