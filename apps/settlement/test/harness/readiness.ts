import { expect } from "@jest/globals";
import { holdsEventually } from "./eventually.ts";
import { OPERATOR_TOKEN, type TestAnswer, type TestService } from "./settlement-harness.ts";

type Note = { readonly code: string };

/** What `GET /v1/readiness` says, once it says these reasons: it is looked at in the background. */
export async function reasonsBecome(service: TestService, codes: readonly string[]): Promise<TestAnswer> {
  return holdsEventually(
    () => service.call("GET", "/v1/readiness"),
    ({ body }) => expect(body.reasons.map(({ code }: Note) => code)).toEqual(codes),
  );
}

/** The same with its warnings, and with these fields beside them: each part of it is looked at by itself. */
export async function warningsBecome(
  service: TestService,
  codes: readonly string[],
  fields: Record<string, unknown> = {},
): Promise<TestAnswer> {
  return holdsEventually(
    () => service.call("GET", "/v1/readiness"),
    ({ body }) => {
      expect(body.warnings.map(({ code }: Note) => code)).toEqual(codes);
      expect(body).toMatchObject(fields);
    },
  );
}

/**
 * What `GET /v1/reconciliation` says, once its sum is of the block up to which the books stand now, or a later one, and
 * says these figures without any difference: a sum is shared by those who ask meanwhile, and may be of before.
 */
export async function booksBecome(
  service: TestService,
  figures: Record<string, unknown> = {},
): Promise<TestAnswer["body"]> {
  const cursor = await service.platform.db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
  const { body } = await holdsEventually(
    () => service.call("GET", "/v1/reconciliation"),
    (answer) => {
      expect(answer.body).toMatchObject({ ledgerDifference: "0", ...figures });
      expect(BigInt(answer.body.block)).toBeGreaterThanOrEqual(cursor?.block_number ?? 0n);
    },
  );
  return body;
}

/** The text of `GET /metrics`, once every assertion on it holds: what takes longer than a scrape waits is absent. */
export async function metricsBecome(service: TestService, assert: (text: string) => void): Promise<string> {
  const { body } = await holdsEventually(
    () => service.call("GET", "/metrics", { token: OPERATOR_TOKEN }),
    (answer) => assert(answer.body as string),
  );
  return body as string;
}
