import { ApiExtension, type OpenAPIObject } from "@nestjs/swagger";
import { describeProblems, PROBLEMS_EXTENSION } from "@tallystick/program/service";
import { problems, type ProblemCode } from "./problem.ts";

/**
 * Names the problems that a call answers, beside those of every call. Stands at each handler, also
 * where there are none.
 */
export const ApiProblems = (...codes: readonly ProblemCode[]): MethodDecorator =>
  ApiExtension(PROBLEMS_EXTENSION, codes);

/** Puts the problems of every call into the document. */
export function describeAllProblems(document: OpenAPIObject): OpenAPIObject {
  return describeProblems(document, {
    table: problems,
    always: ["INTERNAL", "DATABASE_UNAVAILABLE"],
    withBody: ["MALFORMED_BODY", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA"],
    withToken: ["UNAUTHENTICATED", "FORBIDDEN"],
  });
}
