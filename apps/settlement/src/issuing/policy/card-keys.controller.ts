import { Body, Controller, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { toHex } from "@tallystick/protocol";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathAddress } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { CardKeys } from "./card-keys.ts";
import { keysAnswerSchema, keysRequestSchema, type KeysAnswer, type KeysRequest } from "./key-requests.ts";

@ApiTags("cards")
@RequireRight("cards")
@Controller("v1/cards/:card")
export class CardKeysController {
  constructor(@Inject(CardKeys) private readonly keys: CardKeys) {}

  @Post("keys")
  @HttpCode(200)
  @ApiProblems(
    ...(["NOT_FOUND", "CARD_UNKNOWN", "CARD_REVOKED", "ISSUER_KEY", "ALLOWANCE_OVERTAKEN"] as const),
    ...(["FUNDING_RULE", "INSOLVENT", "CHAIN_UNREACHABLE", "KEYS_UNAVAILABLE"] as const),
  )
  @ApiOperation({
    operationId: "changeCardKeys",
    summary: "Which master key a card's keys are of now; and its allowance by the issuer key that it is about to get.",
  })
  @ApiOkResponse({ standardSchema: keysAnswerSchema })
  async change(
    @Param("card") card: string,
    @Body({ schema: keysRequestSchema }) request: KeysRequest,
    @CallActor() actor: Actor,
  ): Promise<KeysAnswer> {
    const { masterKey, issuerKeyId, reason } = request;
    const order = { card: pathAddress(card), masterKey: masterKey ?? null, issuerKeyId: issuerKeyId ?? null, reason };
    const signed = await this.keys.change(order, actor);
    const allowance = signed === null ? null : { body: toHex(signed.body), signature: toHex(signed.signature) };
    return { card, allowance };
  }
}
