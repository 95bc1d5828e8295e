import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { toHex } from "@tallystick/protocol";
import { statusListResponseSchema, type StatusListResponse } from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ForTerminals } from "../../foundation/http/roles.ts";
import { StatusLists } from "./status-lists.ts";

@ApiTags("status list")
@ForTerminals()
@Controller("v1/status-list")
export class StatusListController {
  constructor(@Inject(StatusLists) private readonly lists: StatusLists) {}

  @Get()
  @ApiProblems("CHAIN_UNREACHABLE", "ISSUER_KEY", "KEYS_UNAVAILABLE")
  @ApiOperation({
    operationId: "showStatusList",
    summary: "The newest signed status list; it contains every change made before.",
  })
  @ApiOkResponse({ standardSchema: statusListResponseSchema })
  async current(): Promise<StatusListResponse> {
    const { head, signature, list, others } = await this.lists.current();
    const heads = others.map((other) => ({ head: toHex(other.head), signature: toHex(other.signature) }));
    return {
      ...{ head: toHex(head), signature: toHex(signature), list: Buffer.from(list).toString("base64") },
      ...(heads.length === 0 ? {} : { heads }),
    };
  }
}
