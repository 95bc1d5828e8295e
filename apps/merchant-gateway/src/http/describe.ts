import { ApiOkResponse } from "@nestjs/swagger";
import { z } from "zod";

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "openapi-3.0", io: "output" });
  return rest;
}

/** Describes what a call answers; everything outside 2xx is a problem (see `ApiProblems`). */
export function Answers(schema: z.ZodType, description: string): MethodDecorator {
  return ApiOkResponse({ description, schema: schemaOf(schema) });
}
