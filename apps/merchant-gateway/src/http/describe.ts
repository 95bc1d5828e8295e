import { applyDecorators } from "@nestjs/common";
import { ApiDefaultResponse, ApiOkResponse } from "@nestjs/swagger";
import { problemSchema } from "@tallystick/program/service";
import { z } from "zod";

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "openapi-3.0", io: "output" });
  return rest;
}

/** Describes what a call answers; everything outside 2xx is a problem. */
export function Answers(schema: z.ZodType, description: string): MethodDecorator {
  return applyDecorators(
    ApiOkResponse({ description, schema: schemaOf(schema) }),
    ApiDefaultResponse({
      description: "A refusal with its stable code",
      content: { "application/problem+json": { schema: schemaOf(problemSchema) } },
    }),
  );
}
