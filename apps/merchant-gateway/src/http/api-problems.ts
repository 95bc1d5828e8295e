import { ApiExtension, type OpenAPIObject } from "@nestjs/swagger";
import { asOpenApi31, describeProblems, PROBLEMS_EXTENSION } from "@tallystick/program/service";
import { type ProblemCode, problems } from "./problem.ts";

/** What the door answers at every call, before anything of it is read. */
const ANY_CALL: readonly ProblemCode[] = [
  ...(["FOREIGN_ORIGIN", "NOT_THROUGH_PROXY", "MISDIRECTED_HOST", "INTERNAL"] as const),
  ...(["UNAUTHENTICATED", "WRONG_TOKENS"] as const),
];

/**
 * Names the problems that a call answers, beside those of every call. Stands at each handler, also
 * where there are none.
 */
export const ApiProblems = (...codes: readonly ProblemCode[]): MethodDecorator =>
  ApiExtension(PROBLEMS_EXTENSION, codes);

/** Puts the problems of every call into the document, which is OpenAPI 3.1 afterwards. */
export function describeAllProblems(document: OpenAPIObject): OpenAPIObject {
  const described = describeProblems(document, {
    table: problems,
    always: ANY_CALL,
    withBody: ["MALFORMED_REQUEST", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA"],
  });
  return asOpenApi31(described);
}
