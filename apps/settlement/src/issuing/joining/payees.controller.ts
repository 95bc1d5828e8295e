import { Body, Controller, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import type { PayeeAnswer } from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathAddress } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { FirstUnits } from "./first-units.ts";
import { payeeAnswerSchema, reasonedSchema, type Reasoned } from "./joining-wire.ts";

@ApiTags("merchants")
@RequireRight("certificates")
@Controller("v1/payees")
export class PayeesController {
  constructor(@Inject(FirstUnits) private readonly units: FirstUnits) {}

  @Post(":payee/confirmation")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "NAME_NEEDED")
  @ApiOperation({
    operationId: "confirmPayee",
    summary: "A person says that a new payee's first unit came, in its owner's place.",
  })
  @ApiOkResponse({ standardSchema: payeeAnswerSchema })
  async confirm(
    @Param("payee") payee: string,
    @Body({ schema: reasonedSchema }) { reason }: Reasoned,
    @CallActor() actor: Actor,
  ): Promise<PayeeAnswer> {
    return this.units.confirmBy(actor, pathAddress(payee), reason);
  }
}
