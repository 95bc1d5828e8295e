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
    always: [
      ...(["INTERNAL", "DATABASE_UNAVAILABLE", "NOT_FOUND", "REQUEST_TIMEOUT"] as const),
      ...(["MISDIRECTED_HOST", "FOREIGN_ORIGIN", "NOT_THROUGH_PROXY", "LIMIT_REACHED"] as const),
      // At administration's door every call needs a token.
      ...(["UNAUTHENTICATED", "WRONG_TOKENS"] as const),
    ],
    // A session may make terminals' calls too, and needs its form token for them.
    withBody: ["MALFORMED_BODY", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA", "FORM_TOKEN"],
    withMember: { reason: ["REASON_NEEDED"] },
    withToken: ["FORBIDDEN", "FORM_TOKEN", "MALFORMED_BODY"],
  });
}
