import { Body, Controller, Inject, Param, Put } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathAddress, pathTerminalId } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import {
  merchantNameSchema,
  PartyNames,
  terminalNameSchema,
  type MerchantName,
  type TerminalName,
} from "./party-names.ts";

const merchantAnswerSchema = z.object({ payee: hash, name: z.string(), contact: z.string() });

const terminalAnswerSchema = z.object({ payee: hash, terminalId: hash, name: z.string() });

@ApiTags("merchants")
@RequireRight("names")
@Controller("v1/merchants/:payee")
export class NamesController {
  constructor(@Inject(PartyNames) private readonly names: PartyNames) {}

  @Put("name")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "nameMerchant", summary: "What a merchant is called, and how it is reached." })
  @ApiOkResponse({ standardSchema: merchantAnswerSchema })
  async merchant(
    @Param("payee") payee: string,
    @Body({ schema: merchantNameSchema }) given: MerchantName,
    @CallActor() actor: Actor,
  ): Promise<z.infer<typeof merchantAnswerSchema>> {
    await this.names.nameMerchant(pathAddress(payee), given, actor);
    return { payee, name: given.name, contact: given.contact };
  }

  @Put("terminals/:terminalId/name")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "nameTerminal", summary: "What a terminal is called." })
  @ApiOkResponse({ standardSchema: terminalAnswerSchema })
  async terminal(
    @Param("payee") payee: string,
    @Param("terminalId") terminalId: string,
    @Body({ schema: terminalNameSchema }) given: TerminalName,
    @CallActor() actor: Actor,
  ): Promise<z.infer<typeof terminalAnswerSchema>> {
    await this.names.nameTerminal(pathAddress(payee), pathTerminalId(terminalId), given, actor);
    return { payee, terminalId, name: given.name };
  }
}
