import { expect, it } from "@jest/globals";
import { KeystoreError } from "@tallystick/keystore";
import { createProblemFilter } from "./create-problem-filter.ts";

it("answers for a key in an HSM that is away: ask again, and nothing of the HSM", () => {
  const filter = createProblemFilter([]);
  const { body, retryAfterSeconds } = filter.describe(new KeystoreError("HSM_GONE", "token vault-room is gone"));
  expect(body).toMatchObject({ code: "KEYS_UNAVAILABLE", status: 503 });
  expect(retryAfterSeconds).toBeGreaterThan(0);
  expect(JSON.stringify(body)).not.toContain("vault-room");
});
