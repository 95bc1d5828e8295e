import { ApiExtension, type OpenAPIObject } from "@nestjs/swagger";
import { describeProblems, PROBLEMS_EXTENSION } from "@tallystick/program/service";
import { type ProblemCode, problems } from "./problem.ts";

/** What the door answers at every call, and what people are asked for there. */
const ANY_CALL: readonly ProblemCode[] = [
  ...(["FOREIGN_ORIGIN", "NOT_THROUGH_PROXY", "MISDIRECTED_HOST", "INTERNAL"] as const),
  ...(["UNAUTHENTICATED", "WRONG_TOKENS", "PAIRING_NEEDED", "PERSON_NEEDED", "ROLE_TOO_LOW"] as const),
];

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
    always: ANY_CALL,
    withBody: ["MALFORMED_REQUEST", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA"],
  });
}
