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
  return describeProblems(withAddresses(document), {
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

/** Calls whose path has an address refuse one that its checksum shows to be mistyped. */
function withAddresses(document: OpenAPIObject): OpenAPIObject {
  for (const [path, calls] of Object.entries(document.paths)) {
    if (!/\{(?:card|payee)\}/.test(path)) continue;
    for (const call of Object.values(calls) as Record<string, readonly string[] | undefined>[])
      call[PROBLEMS_EXTENSION] = [...(call[PROBLEMS_EXTENSION] ?? []), "ADDRESS_CHECKSUM" satisfies ProblemCode];
  }
  return document;
}
