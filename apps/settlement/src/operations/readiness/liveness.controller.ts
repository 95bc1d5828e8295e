import { Controller, Get } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ForAnybody } from "../../foundation/http/roles.ts";

const livenessSchema = z.object({ live: z.literal(true) });

/** Whether the process answers at all: nothing else is asked, so that nothing else restarts it. */
@ApiTags("service")
@ForAnybody()
@Controller("livez")
export class LivenessController {
  @Get()
  @ApiProblems()
  @ApiOperation({ operationId: "showLiveness", summary: "Whether the process answers; it asks no other part." })
  @ApiOkResponse({ standardSchema: livenessSchema })
  live(): z.infer<typeof livenessSchema> {
    return { live: true };
  }
}
