import { Controller, Get, Inject, Res } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import { PROBLEM_MEDIA_TYPE, type ProblemBody } from "@tallystick/program/service";
import type { z } from "zod";
import { ApiProblems } from "./api-problems.ts";
import { Answers } from "./describe.ts";
import { problems } from "./problem.ts";
import { type Readiness, ReadinessReport } from "./readiness.ts";
import { livenessSchema, readinessSchema } from "./wire.ts";

/** The part of Fastify's reply that is written to. */
interface Reply {
  status(status: number): { header(name: string, value: string): unknown };
}

const { status: NOT_READY_STATUS } = problems.kind("NOT_READY");

/** Whether the terminal can sell, and what keeps it from it. */
@ApiTags("readiness")
@Controller("v1/readiness")
export class ReadinessController {
  constructor(@Inject(ReadinessReport) private readonly report: ReadinessReport) {}

  @Get()
  @ApiProblems("NOT_READY")
  @ApiOperation({
    operationId: "showReadiness",
    summary: "The terminal's state",
    description: "Answered 503 with the same members while the terminal cannot sell.",
  })
  @Answers(readinessSchema, "Ready, with every warning")
  async readiness(@Res({ passthrough: true }) reply: Reply): Promise<Readiness | (Readiness & ProblemBody)> {
    const answer = await this.report.read();
    if (answer.ready) return answer;
    void reply.status(NOT_READY_STATUS).header("content-type", PROBLEM_MEDIA_TYPE);
    return { ...problems.body("NOT_READY", `${answer.reasons.map(({ code }) => code).join(", ")}.`), ...answer };
  }
}

/** Whether the process answers at all: nothing else is asked. */
@ApiTags("readiness")
@Controller("livez")
export class LivenessController {
  @Get()
  @ApiProblems()
  @ApiOperation({ operationId: "showLiveness", summary: "Whether the process answers; it asks no other part" })
  @Answers(livenessSchema, "It answers")
  live(): z.output<typeof livenessSchema> {
    return { live: true };
  }
}
