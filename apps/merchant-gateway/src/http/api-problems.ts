import { ApiExtension, type OpenAPIObject } from "@nestjs/swagger";
import { asOpenApi31, describeProblems, PROBLEMS_EXTENSION } from "@tallystick/program/service";
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

/** What a call answers besides that takes a key of its caller. */
const KEYED_CALL: readonly ProblemCode[] = [
  "IDEMPOTENCY_KEY_MALFORMED",
  "IDEMPOTENCY_KEY_REUSED",
  "IDEMPOTENCY_KEY_IN_USE",
];

/** The codes of keys beside those of the calls that take one. */
function withKeys(document: OpenAPIObject): OpenAPIObject {
  for (const item of Object.values(document.paths))
    for (const operation of Object.values(item) as Operation[]) {
      const takesKey = operation.parameters?.some(({ name }) => name === "Idempotency-Key") === true;
      if (takesKey) operation[PROBLEMS_EXTENSION] = [...(operation[PROBLEMS_EXTENSION] ?? []), ...KEYED_CALL];
    }
  return document;
}

interface Operation {
  readonly parameters?: readonly { readonly name?: string }[];
  [PROBLEMS_EXTENSION]?: readonly ProblemCode[];
}

/** Puts the problems of every call into the document, which is OpenAPI 3.1 afterwards. */
export function describeAllProblems(document: OpenAPIObject): OpenAPIObject {
  const described = describeProblems(withKeys(document), {
    table: problems,
    always: ANY_CALL,
    withBody: ["MALFORMED_REQUEST", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA"],
  });
  return asOpenApi31(described);
}
