import { applyDecorators } from "@nestjs/common";
import { ApiQuery } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";

/** Describes a call whose query names a period's first and last day, as `periodOf` reads them. */
export const ApiPeriod = (): MethodDecorator =>
  applyDecorators(
    ApiQuery({ name: "to", description: "the last day" }),
    ApiQuery({ name: "from", description: "the first day, in UTC, as 2026-11-29" }),
    ApiProblems("MALFORMED_BODY", "PERIOD_RANGE"),
  );
