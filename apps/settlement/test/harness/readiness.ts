import { eventually } from "./eventually.ts";
import type { TestAnswer, TestService } from "./settlement-harness.ts";

type Note = { readonly code: string };

/** What `GET /v1/readiness` says, once it says these reasons: it is looked at in the background. */
export async function reasonsBecome(service: TestService, codes: readonly string[]): Promise<TestAnswer> {
  return eventually(
    () => service.call("GET", "/v1/readiness"),
    ({ body }) =>
      same(
        body.reasons.map(({ code }: Note) => code),
        codes,
      ),
  );
}

/** The same with its warnings. */
export async function warningsBecome(service: TestService, codes: readonly string[]): Promise<TestAnswer> {
  return eventually(
    () => service.call("GET", "/v1/readiness"),
    ({ body }) =>
      same(
        body.warnings.map(({ code }: Note) => code),
        codes,
      ),
  );
}

function same(seen: readonly string[], codes: readonly string[]): boolean {
  return seen.length === codes.length && seen.every((code, index) => code === codes[index]);
}
